package agent

import (
	"fmt"
	"slices"
	"strings"
)

// State is where a route's incident stands.
type State string

// The states. Idle is the absence of an incident.
const (
	Idle      State = "idle"
	Suspected State = "suspected" // a trigger came; nothing is known yet
	Confirmed State = "confirmed" // sick: facts are collected, a decision is due or waited for
	Acting    State = "acting"
	Verifying State = "verifying" // it answers again: proven, or not
	Recovered State = "recovered" // the verifier said so
	Degraded  State = "degraded"  // it answers, but real clients get errors that nginx makes, or that are made in front of this machine
	Escalated State = "escalated" // a person is needed; what they would fix is watched
	Dropped   State = "dropped"   // its route left the configuration: over, and not proven
)

// Transition is one arrow of the state machine.
type Transition struct {
	From, To State
	When     string
}

// Transitions is the whole state machine: what is not here cannot happen. Two things can be
// read off it: nothing but Verifying leads to Recovered (promise 4), and nothing but
// Confirmed leads to Acting, so every action follows a fresh look and a decision.
var Transitions = []Transition{
	{Idle, Suspected, "a trigger, a bad probe, a person's heal"},
	{Suspected, Idle, "healthy at both depths"},
	{Suspected, Verifying, "answers: an incident that the agent's own end left open"},
	{Suspected, Confirmed, "sick"},
	{Suspected, Degraded, "answers, real clients get errors"},
	{Confirmed, Acting, "policy: act"},
	{Confirmed, Verifying, "answers again by itself"},
	{Confirmed, Degraded, "answers, real clients get errors"},
	{Confirmed, Escalated, "policy: a person, or ask"},
	{Acting, Verifying, "done"},
	{Acting, Confirmed, "refused at the last check, or failed"},
	{Acting, Escalated, "cannot be recorded, or rehearsed"},
	{Verifying, Recovered, "verdict: recovered"},
	{Verifying, Confirmed, "any other verdict"},
	{Degraded, Confirmed, "sick"},
	{Degraded, Verifying, "no more errors"},
	{Escalated, Confirmed, "something changed, or a person asks"},
	{Escalated, Verifying, "answers again"},
	{Recovered, Idle, "closed"},
	{Suspected, Dropped, dropped},
	{Confirmed, Dropped, dropped},
	{Acting, Dropped, dropped},
	{Verifying, Dropped, dropped},
	{Degraded, Dropped, dropped},
	{Escalated, Dropped, dropped},
}

const dropped = "its route left the configuration"

// May tells whether the state machine has an arrow from s to next.
func (s State) May(next State) bool {
	return slices.ContainsFunc(Transitions, func(t Transition) bool { return t.From == s && t.To == next })
}

// Illegal is a transition that the table does not have: a fault of this program.
type Illegal struct{ From, To State }

func (e Illegal) Error() string { return fmt.Sprintf("cannot go from %q to %q", e.From, e.To) }

// Picture draws the state machine in Graphviz's language. testdata/states.dot is its output,
// compared by a test, so that the picture cannot drift from the table.
func Picture() string {
	var b strings.Builder
	b.WriteString("digraph incident {\n\trankdir=LR;\n\tnode [shape=box, style=rounded];\n")
	for _, t := range Transitions {
		fmt.Fprintf(&b, "\t%s -> %s [label=%q];\n", t.From, t.To, t.When)
	}
	b.WriteString("}\n")
	return b.String()
}
