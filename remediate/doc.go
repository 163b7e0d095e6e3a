// Package remediate does what policy decided, and nothing else.
//
// The story of one action: a [policy.Decision] names one remedy; [Steps] is the table that
// turns it into effects, each a [Request] addressed by site and route; the [Executor] looks
// once more whether the reason still holds, makes the intent durable, lets the effects happen
// one after the other, and records what became of them. It never says that a site recovered:
// only package verify may.
//
// Two things are impossible by construction. An effect without a durable intent: [Effects]
// takes a [Recorded], which only [Record] can fill, after the journal has answered. And a
// preview that differs from the act: a dry run is the same executor over [Recording].
//
// The verbs that change the machine live in package remediate/host.
package remediate
