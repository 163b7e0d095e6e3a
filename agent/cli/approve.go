package cli

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/gatemend/gatemend/agent"
	"github.com/gatemend/gatemend/agent/config"
	"github.com/gatemend/gatemend/agent/status"
	"github.com/gatemend/gatemend/detect"
)

// longestApproval: who approved it has seen it a day ago at most.
const longestApproval = detect.Span(24 * 3600_000_000)

func approveVerb(o *options) *cobra.Command {
	var length string
	c := verb("approve ID", "release what waits for a person, as it was told", exactlyOne, func(c *cobra.Command, args []string) error {
		return o.approve(c.Context(), args[0], length)
	})
	c.Long = `approve lets the agent do what its policy holds for a person: manage: ask, or
ask in front of an action of a ladder. The message, status and incidents name
the ID. It is the ID of a plan: when cause, target, a unit's state, a mode or a
file is no longer as it was told, nothing is done, and it says what moved.
Unlike heal, an approval passes neither grace nor cool-down nor mode: while one
stands in the way it waits, for --for at most. It is used once, and ends with
the agent, who then asks again.`
	c.Flags().StringVar(&length, "for", "15m", "how long it may wait for what else stands in the way, as `TIME`; 1d at most")
	c.ValidArgsFunction = o.waitingIDs
	return c
}

func (o *options) approve(ctx context.Context, id, length string) error {
	cfg, err := o.askedOf("", "approve "+id)
	if err != nil {
		return err
	}
	span, err := config.ParseSpan(length)
	if err != nil {
		return usage(fmt.Errorf("cannot approve: %w", err))
	}
	if span <= 0 || span > longestApproval {
		return usage(fmt.Errorf("cannot approve for %s: write a length of up to 1d", length))
	}
	then, err := o.planOf(cfg, id, "")
	if err != nil {
		return o.ofIncident(id, err)
	}
	asked := now()
	results, err := o.byAgent(ctx, then.Facts.Site, status.Request{Verb: status.Approve, Plan: id, For: span, By: person()},
		"what was approved stands")
	if errors.Is(err, status.ErrNoAgent) {
		return fmt.Errorf("%w, and nothing waits without one; sudo gatemend heal --plan %s does it all the same", err, id)
	}
	if err != nil {
		return err
	}
	return o.reportHeal(results, asked)
}

// ofIncident says which plan waits where a person wrote the ID of its incident.
func (o *options) ofIncident(id string, unknown error) error {
	past, err := o.recorded()
	if err != nil {
		return unknown
	}
	for _, i := range past {
		switch {
		case i.ID != id:
		case i.Asks() != "":
			return usage(fmt.Errorf("%s is an incident; what waits in it is plan %s: gatemend approve %s", id, i.Asks(), i.Asks()))
		default:
			return usage(fmt.Errorf("%s is an incident in which nothing waits for approval: it is %s", id, i.State))
		}
	}
	return unknown
}

// waitingIDs completes what waits for approval now.
func (o *options) waitingIDs(c *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
	if len(args) > 0 {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	ctx, cancel := context.WithTimeout(c.Context(), quick)
	defer cancel()
	var s agent.Snapshot
	_ = status.Ask(ctx, o.socket(), status.Request{Verb: status.Status}, &s) // without an agent nothing waits
	var ids []string
	for _, r := range s.Routes {
		if r.Incident != nil && r.Incident.Asks() != "" {
			ids = append(ids, r.Incident.Asks())
		}
	}
	return ids, cobra.ShellCompDirectiveNoFileComp
}

// approval is the command that releases what waits; "" where nothing does.
func approval(i *agent.Incident) string {
	if id := i.Asks(); id != "" {
		return "sudo gatemend approve " + id
	}
	return ""
}
