// Package audit keeps the record of what the agent saw, decided and did: JSON lines, one
// record each, in which every record holds the hash of the one before.
//
// The story of a record: [Log.Append] gives it the next number and the hash of its
// predecessor, writes it by one write(2) and syncs it before it returns, and sends the new
// head of the chain to journald, a second medium, so that a cut tail shows too. A full
// disk still takes intents: part of the segment is allocated ahead. A read-only disk leaves
// journald, and Append says so with [JournalOnly].
//
// Segments are named by their first record's number. A new one starts with the last hash
// of the old, and old ones go by age and size, never those that a budget still looks at.
// [Verify] names what was edited, reordered, removed or cut off; [History] reads the past
// actions that package policy counts.
//
// The directory is the agent's own state: 0700, files 0600, and they keep the directory's
// owner when root appends.
package audit
