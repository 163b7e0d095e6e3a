// Package agent is the long-running loop: from a trigger to a proven recovery, or to a
// person who knows what to do.
//
// The story of one route. A [keeper] is a goroutine that owns one route of one site and
// walks a strictly sequential path: a sensor's trigger makes it suspect an outage; it
// confirms by asking the site itself, collects facts, diagnoses, decides, acts, verifies.
// Nothing of this happens twice at once for a route, so there is nothing to lock. Where it
// stands is a [State], and what may follow is a table ([Transitions]), not scattered ifs.
//
// Several routes share the host. Acting is done in turns ([turns]): whoever had to wait, or
// finds that another one acted since it looked, looks again before it acts, so a shared
// cause that another route's action healed is noticed and nothing is done twice.
//
// Whoever waits is woken by triggers, by what a person's fix would change, or by a timer;
// while nothing happens no timer is shorter than five seconds.
//
// The package knows sensors, collector, executor, verifier, records and notifier only as
// the small interfaces of ports.go. `gatemend heal`, `plan` and `diagnose` walk the same
// steps through [Agent.Once] and [Agent.Examine].
package agent
