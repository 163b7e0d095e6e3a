// Package policy decides what may be done about a diagnosis, and says why not where
// nothing may. It is pure: a [Case] goes in, a [Decision] comes out; there is no clock,
// no file and no network here, so every decision can be replayed from its case.
//
// A cause has a ladder of actions. The first rung that was not tried in this incident
// is put before the guards; each guard passes it, delays it or refuses it with a typed
// [Refusal]. What no guard stops becomes the decision.
package policy
