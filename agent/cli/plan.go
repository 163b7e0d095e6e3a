package cli

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/gatemend/gatemend/agent"
	"github.com/gatemend/gatemend/agent/plans"
	"github.com/gatemend/gatemend/agent/status"
	"github.com/gatemend/gatemend/policy"
	"github.com/gatemend/gatemend/remediate"
)

func planVerb(o *options) *cobra.Command {
	c := verb("plan [SITE]", "what heal would do now: steps, guards, before → after", atMostOne,
		func(c *cobra.Command, args []string) error { return o.plan(c.Context(), only(args)) })
	c.Long = `plan looks and decides exactly as heal does, and does nothing; a running agent
is asked, who knows what it tried. Where something can be done it names the
plan: heal --plan ID does that and nothing else, or refuses and says what
moved. An ID holds for a day. With --json it prints the case and the decision:
the bytes that the record holds when the same case is acted on.`
	c.ValidArgsFunction = o.siteNames
	return c
}

// plan is one route's answer of `plan`. The case and the decision are the bytes that a live
// run records for the same facts.
type plan struct {
	ID          string           `json:"id,omitempty"` // for heal --plan; "" where nothing can be done
	Site        string           `json:"site"`
	Route       string           `json:"route"`
	Steps       []remediate.Line `json:"steps,omitempty"`
	Fingerprint string           `json:"fingerprint"`
	Case        policy.Case      `json:"case"`
	Decision    policy.Decision  `json:"decision"`
}

func (o *options) plan(ctx context.Context, site string) error {
	exams, err := o.wouldHeal(ctx, site)
	if err == nil {
		err = o.become() // whoever heals by the plan reads it
	}
	if err != nil {
		return err
	}
	shown := []plan{}
	for _, e := range exams {
		shown = append(shown, o.planned(e))
	}
	code := worst(exams)
	if o.json {
		return o.ending(code, o.printJSON(shown))
	}
	for i, p := range shown {
		p.render(o.sheet(13), exams[i])
	}
	return ended(code)
}

// wouldHeal asks who would heal: the running agent knows what it tried, and what nginx has loaded.
func (o *options) wouldHeal(ctx context.Context, site string) ([]agent.Exam, error) {
	if _, err := o.askedOf(site, "plan"); err != nil {
		return nil, err
	}
	var exams []agent.Exam
	err := o.askAgent(ctx, status.Request{Verb: status.Plan, Site: site}, &exams)
	if errors.Is(err, status.ErrNoAgent) {
		if err := o.become(); err != nil { // what the agent's user sees is what its heal compares with
			return nil, err
		}
		x, err := o.examine(ctx, "plan", site, true)
		return x.exams, err
	}
	return exams, err
}

// askAgent asks what takes the agent a look.
func (o *options) askAgent(ctx context.Context, r status.Request, v any) error {
	ctx, cancel := context.WithTimeout(ctx, examineTime)
	defer cancel()
	done := o.waiting(ctx, func(context.Context) string { return "the agent to look at every layer" })
	defer done()
	return status.Ask(ctx, o.socket(), r, v)
}

// planned keeps the plan, so that it can be asked for.
func (o *options) planned(e agent.Exam) plan {
	p := plan{Site: e.Site, Route: e.Route, Case: e.Case, Decision: e.Decision, Fingerprint: policy.Fingerprint(e.Case)}
	if e.Decision.Do != policy.DoAct {
		return p
	}
	p.Steps = remediate.Plan(e.Case, e.Decision)
	kept := plans.Of(e.Case, e.Decision, now())
	if err := o.plans().Keep(kept); err != nil {
		fmt.Fprintf(o.errOut, "gatemend: heal --plan cannot be asked for this: %v\n", err)
		return p
	}
	p.ID = kept.ID
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
	if l.ID != "" {
		s.say("plan", "%s: sudo gatemend heal --plan %s does this and nothing else", l.ID, l.ID)
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
	s.deeper = width + 2
	for i, g := range all {
		s.mark(first(i, "guards"), s.p.sign(guardMark(g)), fmt.Sprintf("%s  %s", pad(g.Guard, width), g.Why))
	}
}
