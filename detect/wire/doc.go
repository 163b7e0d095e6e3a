// Package wire is how the unprivileged agent and its root helper talk: one line of at most 256
// bytes on a unix socket, one answer in JSON, perhaps with one open descriptor, and the
// connection is over.
//
// It is written for a client that turned hostile. Who asks is told by the kernel
// (SO_PEERCRED), never by the line. A line has one spelling. Every read, answer and write has
// its deadline, and the connections at one time are bounded: who connects and says nothing is
// dropped for the next one, so that nobody who speaks at once waits for long.
package wire
