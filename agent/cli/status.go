package cli

import (
	"context"
	"fmt"
	"io"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"github.com/gatemend/gatemend/agent"
	"github.com/gatemend/gatemend/agent/status"
)

const statusTime = 10 * time.Second

func (o *options) socket() string { return filepath.Join(o.run, "control.sock") }

func statusVerb(o *options) *cobra.Command {
	return verb("status", "show what the running agent sees now", none, func(c *cobra.Command, _ []string) error {
		ctx, cancel := context.WithTimeout(c.Context(), statusTime)
		defer cancel()
		var s agent.Snapshot
		if err := status.Ask(ctx, o.socket(), status.Request{Verb: status.Status}, &s); err != nil {
			return err
		}
		if o.json {
			if err := o.printJSON(s); err != nil {
				return err
			}
		} else {
			renderSnapshot(o.out, painter(o.out), s)
		}
		return ended(wellness(s))
	})
}

func wellness(s agent.Snapshot) int {
	code := Healthy
	for _, r := range s.Routes {
		switch r.State {
		case agent.Idle, agent.Recovered, agent.Suspected:
		case agent.Escalated:
			code = NeedsHand
		default:
			code = max(code, NotWell)
		}
	}
	return code
}

func renderSnapshot(w io.Writer, p paint, s agent.Snapshot) {
	fmt.Fprintf(w, "%s  mode %s\n\n", p.bold(safe(s.Host)), p.bold(string(s.Mode)))
	for _, r := range s.Routes {
		fmt.Fprintf(w, "  %s%s  %s  %s  %s  %s\n", p.bold(r.Site), safe(r.Route), stateText(p, r.State, 10), safe(r.Target), safe(r.Unit), healthyAt(r))
		if r.Incident != nil {
			fmt.Fprintf(w, "      incident %s: %s, for %s: %s\n", r.Incident.ID, p.red(string(r.Incident.Cause())),
				r.Incident.Outage(s.At).Duration().Round(time.Second), safe(decisionOf(r.Incident)))
		}
	}
	fmt.Fprintln(w)
	for _, v := range s.Sensors {
		m, why := good, ""
		if !v.Up {
			m, why = bad, ": "+v.Why
		}
		fmt.Fprintf(w, "  %s sensor %s, lost %d times%s\n", p.sign(m), pad(v.Name, 12), v.Losses, safe(why))
	}
	for _, v := range s.Silent {
		fmt.Fprintf(w, "  %s %s: %s is switched off: %s\n", p.sign(unknown), safe(v.Site), v.Sensor, safe(v.Why))
	}
	for _, b := range s.Budget {
		who := b.Site
		if who == "" {
			who = "this host"
		}
		fmt.Fprintf(w, "  · %s has %d of %d actions left within %s\n", safe(who), b.Left, b.Of, b.Per)
	}
	for _, f := range s.Faults {
		fmt.Fprintf(w, "  %s %s\n", p.sign(bad), safe(f))
	}
}

func healthyAt(r agent.View) string {
	if r.Baseline == 0 {
		return "never verified healthy under this configuration: nothing is done automatically"
	}
	return "verified healthy " + clock(r.Baseline)
}

func decisionOf(i *agent.Incident) string {
	if i.Decision == nil {
		return "not decided yet"
	}
	return string(i.Decision.Do) + ", " + i.Decision.Why
}
