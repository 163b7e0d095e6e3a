// Package baseline remembers what each route looked like when it was last verified healthy.
//
// A baseline answers three questions later: was this route ever healthy under its present
// configuration (otherwise nothing is done about it), which mode is the right one for its
// socket, and what changed since. It is therefore written from one kind of value only, a
// [Verified], and only [Of] makes one: from facts that show the route healthy.
//
// One small JSON file holds one route. A file is replaced as a whole or not at all; one that
// cannot be read counts as "never seen healthy" and is reported, never guessed at.
package baseline
