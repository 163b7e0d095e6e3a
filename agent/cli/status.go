package cli

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/gatemend/gatemend/agent"
	"github.com/gatemend/gatemend/agent/notify"
	"github.com/gatemend/gatemend/agent/status"
)

const statusTime = 10 * time.Second

func (o *options) socket() string { return filepath.Join(o.run, "control.sock") }

func statusVerb(o *options) *cobra.Command {
	c := verb("status", "what the running agent sees now", none, func(c *cobra.Command, _ []string) error {
		return o.status(c.Context())
	})
	c.Long = `status asks the running agent: each site's state, open incidents, sensors, how
many actions are left, and what has arrived on each channel. It fails where no
agent runs.`
	return c
}

func (o *options) status(ctx context.Context) error {
	if err := needRoot("status"); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, statusTime)
	defer cancel()
	var s seen
	err := status.Ask(ctx, o.socket(), status.Request{Verb: status.Status}, &s)
	if errors.Is(err, status.ErrNoAgent) {
		return fmt.Errorf("%w; gatemend diagnose looks without one", err)
	}
	if err != nil {
		return err
	}
	if o.json {
		return o.ending(wellness(s.Snapshot), o.printJSON(s))
	}
	page := o.sheet(0)
	page.snapshot(s.Snapshot)
	page.channels(s.Channels)
	page.config(s.Config)
	return ended(wellness(s.Snapshot))
}

// seen is what the running agent answers: what its loop sees, how its channels stand, and by which
// configuration it goes.
type seen struct {
	agent.Snapshot
	Channels []notify.Standing `json:"channels"`
	Config   *inForce          `json:"config,omitempty"`
}

func wellness(s agent.Snapshot) int {
	code := Healthy
	for _, r := range s.Routes {
		switch {
		case r.State == agent.Escalated:
			code = NeedsHand
		case r.State == agent.Idle, r.State == agent.Recovered, r.State == agent.Suspected && r.Waits == "":
		default:
			code = max(code, NotWell)
		}
	}
	return code
}

func (s sheet) snapshot(n agent.Snapshot) {
	fmt.Fprintf(s.w, "%s  mode %s  %s\n\n", s.p.bold(safe(n.Host)), s.p.bold(string(n.Mode)), clock(n.At))
	s.routes(n)
	s.holds(n)
	for _, r := range n.Routes {
		if r.Waits != "" {
			fmt.Fprintf(s.w, "      it does not answer: %s\n", safe(r.Waits))
		}
		if r.Incident != nil && r.Incident.ID != "" {
			s.open(n, r.Incident)
		}
	}
	s.gap()
	s.senses(n)
	s.budgets(n.Budget)
	for _, f := range n.Faults {
		s.mark("", s.p.sign(bad), f)
	}
}

func (s sheet) routes(n agent.Snapshot) {
	rows := [][]cell{titles(s.p, "SITE", "STATE", "TARGET", "UNIT", "MANAGE", "VERIFIED HEALTHY")}
	for _, r := range n.Routes {
		well := plain("never: nothing is done automatically")
		if r.Baseline != 0 {
			well = plain(clock(r.Baseline))
		}
		rows = append(rows, []cell{plain(r.Site + r.Route), {string(r.State), s.p.state(r.State)}, plain(r.Target), plain(r.Unit), plain(string(r.Manage)), well})
	}
	table(s.w, "  ", rows)
}

// holds shows what keeps the agent off.
func (s sheet) holds(n agent.Snapshot) {
	for i, h := range n.Holds {
		if i == 0 {
			s.gap()
		}
		s.mark("", s.p.yellow("paused"), heldText(h, n.At))
	}
}

// open is an incident that is not over.
func (s sheet) open(n agent.Snapshot, i *agent.Incident) {
	fmt.Fprintf(s.w, "\n  %s  %s for %s: %s\n", s.p.bold(i.ID), s.p.red(string(i.Cause())), span(i.Outage(n.At)), safe(decisionOf(i)))
	if len(i.Diagnosis.Primary.Evidence) > 0 {
		fmt.Fprintf(s.w, "      %s\n", safe(i.Diagnosis.Primary.Evidence[0].Text))
	}
	switch r := i.Release; {
	case r != nil && r.Until != 0:
		fmt.Fprintf(s.w, "      approved by %s until %s\n", safe(r.By), clock(r.Until))
	case i.Asks() != "":
		fmt.Fprintf(s.w, "      release it: %s\n", s.p.yellow(approval(i)))
	}
}

// senses shows the sensors that work in one line, and each that does not in its own.
func (s sheet) senses(n agent.Snapshot) {
	var up []string
	for _, v := range n.Sensors {
		switch {
		case !v.Up:
			s.mark("", s.p.sign(bad), fmt.Sprintf("sensor %s is lost: %s", v.Name, v.Why))
		case v.Losses > 0:
			up = append(up, fmt.Sprintf("%s (lost %s, last: %s)", v.Name, several(v.Losses, "time"), v.Why))
		default:
			up = append(up, v.Name)
		}
	}
	if len(up) > 0 {
		s.mark("", s.p.sign(good), "sensors: "+strings.Join(up, ", "))
	}
	for _, v := range n.Silent {
		s.mark("", s.p.sign(unknown), fmt.Sprintf("%s: the %s is switched off: %s", v.Site, v.Sensor, v.Why))
	}
}

func (s sheet) budgets(all []agent.Budget) {
	for _, b := range all {
		who := b.Site
		if who == "" {
			who = "this host"
		}
		m := note
		if b.Left == 0 {
			m = bad
		}
		s.mark("", s.p.sign(m), fmt.Sprintf("%s: %d of %s left within %s", who, b.Left, several(b.Of, "action"), span(b.Per)))
	}
}

func decisionOf(i *agent.Incident) string {
	if i.Decision == nil {
		return "not decided yet"
	}
	return i.Decision.Why
}
