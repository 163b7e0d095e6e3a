// Package verify proves that a site works again. Only its verdict may be called recovery.
//
// The story of one proof: the upstream is asked until its first answer below 500, densely at
// first, because an outage of 0.3 s is to be measured and not rounded up; then the public
// endpoint, as a client of the local nginx; then both again, until they passed several times over
// a hold time. No data never passes, and an answer that nginx may have made itself counts as
// upstream only.
//
// How a question is put and read is package probe's. When it is put again is go-retryablehttp's,
// with every default that would hurt replaced: it would retry some causes that cannot pass, throw
// the last answer away, and wait as long as a Retry-After header says (an hour, if the app likes).
package verify
