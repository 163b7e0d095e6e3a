// Package watch tells when something happens to a path, by one inotify instance for the whole
// process: max_user_instances is 128 for all of a user's processes together, and root's are
// shared with everything else on the host.
//
// A [Sub] is woken, and then looks for itself: notes are coalesced and carry no history. Only
// directories are watched, for a watch on a file ends when it is renamed or removed. A
// directory that vanishes takes its watch along silently; the nearest one that is left is
// watched then, until the path is back (RuntimeDirectory= of a unit goes and comes with every
// restart). Where inotify cannot be had, or lost events, the subs are told to look, every five
// seconds if need be: a failing sensor gets slower, it does not go blind.
package watch
