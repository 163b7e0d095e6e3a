package detect

import (
	"encoding/json"
	"slices"
)

// Health is the state of a route as the facts show it.
type Health string

// Health states.
const (
	Healthy   Health = "healthy"   // both depths answer, with proof
	Degraded  Health = "degraded"  // both answer, but real clients got errors that nginx made
	Sick      Health = "sick"      // confirmed at least at one depth
	Uncertain Health = "uncertain" // too little is known
)

// Diagnosis is the answer of detect/diagnose, a pure function of Facts.
type Diagnosis struct {
	Health  Health    `json:"health"`
	Primary Finding   `json:"primary"` // Cause is Unknown when nothing reached a conclusion, "" when healthy
	Also    []Finding `json:"also,omitempty"`
	Trace   []Step    `json:"trace"` // every rule that looked, in order, and what it said
}

// Confidence is in per cent, 0 to 100. Acting needs ActAt.
type Confidence int

// ActAt is the confidence from which an action may be taken.
const ActAt Confidence = 80

// Finding is one cause and why it is believed.
type Finding struct {
	Cause      Cause             `json:"cause"`
	Confidence Confidence        `json:"confidence"`
	Evidence   []Evidence        `json:"evidence,omitempty"`
	Subject    map[string]string `json:"subject,omitempty"` // what it is about: unit, path, module, variable, pid, file, line, target …
	Advice     []Advice          `json:"advice,omitempty"`  // two to six lines for a person, this machine's own paths and numbers
	// Decisive: nothing ambiguous is left and waiting to see it twice buys nothing (unit failed
	// with no job and no Restart=; every process stopped or gone; connect refused as the worker).
	Decisive bool `json:"decisive,omitempty"`
	// Once: the evidence is of a kind that must be seen twice before it counts.
	Gone  bool     `json:"gone,omitempty"`  // the reason named for an earlier failure is gone now (start-limit-hit, app-startup-exception)
	Watch []string `json:"watch,omitempty"` // paths, ports ("tcp:127.0.0.1:5432") a person's fix would change
}

// Advice is one line for a person: a command, or what is to be mended.
type Advice struct {
	Text    string `json:"text"`
	Lasting bool   `json:"lasting,omitempty"` // of use when the site is well again too: why it happened, or what keeps it from coming back
}

// UnmarshalJSON takes a text alone too: so records said it before they told which advice lasts.
func (a *Advice) UnmarshalJSON(data []byte) error {
	if len(data) > 0 && data[0] == '"' {
		*a = Advice{}
		return json.Unmarshal(data, &a.Text)
	}
	type plain Advice
	return json.Unmarshal(data, (*plain)(a))
}

// Advised is the text of all advice, in its order.
func (f Finding) Advised() []string { return texts(f.Advice) }

// Lasting is the text of the advice that is of use when the site is well again too.
func (f Finding) Lasting() []string {
	return texts(slices.DeleteFunc(slices.Clone(f.Advice), func(a Advice) bool { return !a.Lasting }))
}

func texts(advice []Advice) []string {
	var out []string
	for _, a := range advice {
		out = append(out, a.Text)
	}
	return out
}

// Evidence is one fact that speaks for a finding.
type Evidence struct {
	Fact string `json:"fact"` // e.g. unit.result, worker.errno, line:connect-failed
	Text string `json:"text"` // for a person, escaped
}

// Step is one line of the trace.
type Step struct {
	Rule string `json:"rule"`
	Held bool   `json:"held"`
	Why  string `json:"why"`
}
