// Package notify tells a person. [Notifier.Send] makes a message durable and returns; the
// channels deliver it in their own time, so that healing never waits for a pager.
//
// A message goes to the journal at priority err at once, always, and into one outbox for
// each configured program: a directory with one file a message, written so that it survives
// a crash. A file is removed when the program ended with 0, so every message arrives at
// least once: across restarts, and after days without a network. What a program is given,
// and what lies in the outbox, is escaped, free of secrets and small enough for a phone.
package notify
