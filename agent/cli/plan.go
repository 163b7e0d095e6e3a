package cli

import (
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/gatemend/gatemend/agent"
	"github.com/gatemend/gatemend/policy"
	"github.com/gatemend/gatemend/remediate"
)

func planVerb(o *options) *cobra.Command {
	c := verb("plan [SITE]", "what heal would do now: steps, guards, before → after", atMostOne,
		func(c *cobra.Command, args []string) error { return o.plan(c.Context(), only(args)) })
	c.Long = `plan looks and decides exactly as heal does, and does nothing. With --json it prints the case and
the decision: the bytes that the record holds when the same case is acted on.`
	c.ValidArgsFunction = o.siteNames
	return c
}

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

func (o *options) plan(ctx context.Context, site string) error {
	x, err := o.examine(ctx, "plan", site, true)
	if err != nil {
		return err
	}
	plans := []plan{}
	for _, e := range x.exams {
		plans = append(plans, planned(e))
	}
	code := worst(x.exams)
	if o.json {
		return o.ending(code, o.printJSON(plans))
	}
	for i, p := range plans {
		p.render(o.sheet(13), x.exams[i])
	}
	return ended(code)
}

func planned(e agent.Exam) plan {
	p := plan{Site: e.Site, Route: e.Route, Case: e.Case, Decision: e.Decision, Fingerprint: policy.Fingerprint(e.Case)}
	if e.Decision.Do == policy.DoAct || e.Decision.Do == policy.DoAsk {
		p.Steps = remediate.Plan(e.Case, e.Decision)
	}
	return p
}

func (l plan) render(s sheet, e agent.Exam) {
	header(s, e)
	s.finding(l.Case.Diagnosis)
	s.decision(l.Decision)
	for i, step := range l.Steps {
		s.say(first(i, "steps"), "%d. %s", i+1, step.Step)
		s.detail("before", step.Before)
		s.detail("after", step.After)
		s.detail("cuts", step.Cuts)
		s.detail("takes along", strings.Join(step.Takes, ", "))
	}
	s.guards(l.Decision.Guards)
	s.gap()
}

// detail is a line below a step.
func (s sheet) detail(label, text string) {
	if text != "" {
		s.say("", "   %s %s", pad(label+":", 12), text)
	}
}

// guards are all that looked, in their order.
func (s sheet) guards(all []policy.GuardStep) {
	width := 0
	for _, g := range all {
		width = max(width, len(g.Guard))
	}
	for i, g := range all {
		s.mark(first(i, "guards"), s.p.sign(guardMark(g)), fmt.Sprintf("%s  %s", pad(g.Guard, width), g.Why))
	}
}
