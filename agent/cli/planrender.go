package cli

import (
	"fmt"
	"io"
	"strings"

	"github.com/gatemend/gatemend/agent"
	"github.com/gatemend/gatemend/policy"
	"github.com/gatemend/gatemend/remediate"
)

// plan is one route's answer of `plan`. The case and the decision are the bytes that a live
// run records for the same facts.
type plan struct {
	Site        string           `json:"site"`
	Route       string           `json:"route"`
	Steps       []remediate.Line `json:"steps,omitempty"`
	Fingerprint string           `json:"fingerprint"`
	Case        policy.Case      `json:"case"`
	Decision    policy.Decision  `json:"decision"`
}

func planned(e agent.Exam) plan {
	p := plan{Site: e.Site, Route: e.Route, Case: e.Case, Decision: e.Decision, Fingerprint: policy.Fingerprint(e.Case)}
	if e.Decision.Do == policy.DoAct || e.Decision.Do == policy.DoAsk {
		p.Steps = remediate.Plan(e.Case, e.Decision)
	}
	return p
}

func (l plan) render(w io.Writer, p paint, e agent.Exam) {
	header(w, p, e)
	renderFinding(w, p, l.Case.Diagnosis)
	renderDecision(w, p, l.Decision)
	for i, s := range l.Steps {
		fmt.Fprintf(w, "%s %d. %s\n", p.bold(pad(first(i, "steps"), 12)), i+1, safe(s.Step))
		l.detail(w, "before", s.Before)
		l.detail(w, "after", s.After)
		l.detail(w, "cuts", s.Cuts)
		l.detail(w, "takes along", strings.Join(s.Takes, ", "))
	}
	for i, g := range l.Decision.Guards {
		m := good
		if !g.Pass {
			m = bad
		}
		fmt.Fprintf(w, "%s %s %s  %s\n", p.bold(pad(first(i, "guards"), 12)), p.sign(m), pad(g.Guard, 20), safe(g.Why))
	}
	fmt.Fprintln(w)
}

func (plan) detail(w io.Writer, label, text string) {
	if text != "" {
		fmt.Fprintf(w, "%s    %s: %s\n", pad("", 12), label, safe(text))
	}
}
