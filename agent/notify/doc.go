// Package notify tells a person. [Notifier.Send] makes a message durable and returns; the
// channels deliver it in their own time, so that healing never waits for a pager, nor one
// channel for another.
//
// A message goes to the journal at priority err at once, always, and into one outbox for each
// channel: a directory with one file a message, written so that it survives a crash. What
// became of it is in the channel's ledger before its file is removed. So every message arrives
// at least once, across restarts and after days without a network, and twice only where we
// were killed between the other end's answer and the ledger. Its id is the same then.
//
// A message that waits and is overtaken by a later one of its incident is told by that one.
// Messages of several sites that come within a few seconds become one, where a person reads
// it. An answer that says "do not ask again" (4xx but 408 and 429) is believed: the message is
// kept and tried again when a person says so, at the next start, or when a reload changes the channel.
//
// What is given away, and what lies in the outbox, is escaped, free of secrets and small
// enough for a phone. The URL of a channel is itself a secret: see [detect.SecretURL].
package notify
