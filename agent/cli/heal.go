package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/user"

	"github.com/spf13/cobra"

	"github.com/gatemend/gatemend/agent"
	"github.com/gatemend/gatemend/agent/config"
	"github.com/gatemend/gatemend/agent/status"
	"github.com/gatemend/gatemend/detect"
	"github.com/gatemend/gatemend/remediate/ask"
)

func healVerb(o *options) *cobra.Command {
	var id string
	c := verb("heal [SITE]", "diagnose, act, verify and report: a person asks", atMostOne,
		func(c *cobra.Command, args []string) error { return o.heal(c.Context(), only(args), id) })
	c.Long = `heal does now what the agent would do, for a person who asks: grace, cool-down,
mode and a person's stop do not hold it back. Others' holds, masks, a failing
nginx -t and systemd's start limit do. A running agent does it; without one,
heal takes the agent's lock and does it itself.

With --plan it does what that plan of gatemend plan showed, and nothing else.
When cause, target, a unit's state, a mode or a file is no longer as in the
plan, nothing is done: it says what moved.`
	c.Flags().StringVar(&id, "plan", "", "do this plan only, by its `ID`; what moved since refuses it")
	c.ValidArgsFunction = o.siteNames
	_ = c.RegisterFlagCompletionFunc("plan", o.planIDs)
	return c
}

func (o *options) heal(ctx context.Context, site, id string) error {
	cfg, err := o.askedOf(site, "heal")
	if err != nil {
		return err
	}
	then, err := o.planOf(cfg, id, site)
	if err != nil {
		return err
	}
	if then != nil {
		site = then.Facts.Site
	}
	o.asked(ctx, site)
	asked := now()
	results, err := o.byAgent(ctx, site, status.Request{Verb: status.Heal, Site: site, Plan: id, By: person()}, "the agent goes on")
	if errors.Is(err, status.ErrNoAgent) {
		results, err = o.healAlone(ctx, cfg, site, then)
	}
	if err != nil {
		return err
	}
	return o.reportHeal(results, asked)
}

// asked tells the root helper, where there is one, who asks: the agent could only claim it. A helper
// that does not hear it will not pass the person's own hold, which is no reason not to try.
func (o *options) asked(ctx context.Context, site string) {
	if o.state != stateDir || os.Geteuid() != 0 || !exists(ask.ActSocket) {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, statusTime)
	defer cancel()
	if err := ask.New("").Asked(ctx, site, person()); err != nil {
		fmt.Fprintf(o.errOut, "gatemend: a hold of your own will keep the root helper off: %v\n", err)
	}
}

// byAgent asks the running agent, and shows what it is at. Whoever stops waiting is told what goes on.
func (o *options) byAgent(ctx context.Context, site string, r status.Request, goesOn string) ([]agent.Result, error) {
	done := o.waiting(ctx, func(ctx context.Context) string { return o.atWork(ctx, site) })
	defer done()
	var results []agent.Result
	err := status.Ask(ctx, o.socket(), r, &results)
	if err != nil && ctx.Err() != nil {
		return nil, fmt.Errorf("no longer waiting; %s: gatemend status shows how far it is", goesOn)
	}
	return results, err
}

// atWork is what the agent is at now.
func (o *options) atWork(ctx context.Context, site string) string {
	ctx, cancel := context.WithTimeout(ctx, quick)
	defer cancel()
	var s agent.Snapshot
	if err := status.Ask(ctx, o.socket(), status.Request{Verb: status.Status}, &s); err != nil {
		return "the agent"
	}
	for _, r := range s.Routes {
		if (site == "" || r.Site == site) && r.Incident != nil {
			return stage(*r.Incident)
		}
	}
	return "the agent to look at every layer"
}

// stage is what an incident waits for.
func stage(i agent.Incident) string {
	where := i.Site + i.Route + " "
	switch i.State {
	case agent.Acting:
		if d := i.Decision; d != nil && d.Action != nil {
			return where + "to act: " + actionText(*d.Action)
		}
	case agent.Verifying:
		return where + "to prove that it answers for good"
	case agent.Confirmed:
		if d := i.Decision; d != nil && d.Why != "" {
			return fmt.Sprintf("%s(%s): %s", where, i.Cause(), d.Why)
		}
		return fmt.Sprintf("%sto be decided about: %s", where, i.Cause())
	}
	return where + "(" + string(i.State) + ")"
}

// person is who asks, as sudo says it: for the record, and for holds.
func person() string {
	if u := os.Getenv("SUDO_USER"); u != "" {
		return u
	}
	if u, err := user.Current(); err == nil && u.Username != "" {
		return u.Username
	}
	return fmt.Sprintf("uid %d", os.Getuid())
}

// reportHeal: results of incidents that ended before we asked are of no concern.
func (o *options) reportHeal(results []agent.Result, asked detect.Time) error {
	code := Healthy
	for _, r := range results {
		code = max(code, healed(r))
	}
	if o.json {
		return o.ending(code, o.printJSON(results))
	}
	for _, r := range results {
		outcome(o.sheet(9), r, asked)
	}
	return ended(code)
}

// healed is the exit code of one result. An idle route is well: healed, or nothing was wrong.
func healed(r agent.Result) int {
	if r.Refused != "" {
		return NeedsHand
	}
	switch r.State {
	case agent.Idle, agent.Recovered:
		return Healthy
	case agent.Escalated:
		if r.Waits == "" {
			return NeedsHand
		}
	}
	return NotWell
}

// outcome prints what became of one route.
func outcome(s sheet, r agent.Result, asked detect.Time) {
	i := &r.Incident
	where := s.p.bold(safe(r.Site + r.Route))
	switch {
	case r.Refused != "":
		refusal(s, where, r)
		return
	case r.State == agent.Idle && i.Recovered < asked:
		fmt.Fprintf(s.w, "%s  %s: nothing to do\n", where, s.p.green("healthy"))
		return
	case r.State == agent.Idle:
		fmt.Fprintf(s.w, "%s  %s: %s; clients were without it for %s\n", where, s.p.green("healed"), i.Cause(), span(i.Outage(i.Recovered)))
	case r.Waits != "":
		fmt.Fprintf(s.w, "%s  %s: %s: %s\n", where, s.p.yellow("waiting"), i.Cause(), safe(r.Waits))
	default:
		fmt.Fprintf(s.w, "%s  %s: %s: %s\n", where, s.p.red(string(r.State)), i.Cause(), safe(decisionOf(i)))
	}
	s.indent = "  "
	s.account(i, r.State)
}

// account is what was found, done and proven.
func (s sheet) account(i *agent.Incident, state agent.State) {
	s.each("evidence", texts(i.Diagnosis.Primary.Evidence))
	s.each("did", didAll(i.Actions))
	if i.Proof != nil {
		s.say("proof", "%s: %s", i.Proof.Verdict, i.Proof.Why)
	}
	advice := i.Diagnosis.Primary.Advised()
	if state == agent.Idle {
		advice = i.Diagnosis.Primary.Lasting() // it is healed
	}
	s.whole().each("advice", advice)
	if command := approval(i); command != "" && state != agent.Idle {
		s.say("release it", "%s", command)
	}
	if i.ID != "" {
		s.say("record", "gatemend incidents %s", i.ID)
	}
}

func didAll(actions []agent.Report) []string {
	var l []string
	for _, a := range actions {
		l = append(l, a.Did...)
		if a.Refused || a.Failed {
			l = append(l, a.Why)
		}
	}
	return l
}

// siteNames completes a site's name from the configuration.
func (o *options) siteNames(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
	cfg, err := config.Load(o.config)
	if err != nil || len(args) > 0 {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	var names []string
	for _, s := range cfg.Sites {
		names = append(names, s.Name)
	}
	return names, cobra.ShellCompDirectiveNoFileComp
}
