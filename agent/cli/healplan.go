package cli

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/gatemend/gatemend/agent"
	"github.com/gatemend/gatemend/agent/config"
	"github.com/gatemend/gatemend/agent/plans"
	"github.com/gatemend/gatemend/policy"
)

// planOf is the case of the plan that is asked for; nil where none is.
func (o *options) planOf(cfg *config.Config, id, site string) (*policy.Case, error) {
	if id == "" {
		return nil, nil
	}
	p, err := o.plans().Read(id, now())
	switch {
	case errors.Is(err, plans.ErrUnknown):
		return nil, usage(fmt.Errorf("cannot find plan %q: gatemend plan makes one, gatemend status shows what waits for approval", id))
	case errors.Is(err, plans.ErrOver):
		return nil, exit{NeedsHand, fmt.Errorf("plan %s is refused: %w; gatemend plan makes a new one, gatemend status shows what waits", id, err)}
	case err != nil:
		return nil, err
	case site != "" && site != p.Case.Facts.Site:
		return nil, usage(fmt.Errorf("plan %s is for site %q, not for %q", id, p.Case.Facts.Site, site))
	}
	if _, there := cfg.Site(p.Case.Facts.Site); !there {
		return nil, usage(fmt.Errorf("plan %s is for site %q, which is not in %q", id, p.Case.Facts.Site, cfg.Path))
	}
	return &p.Case, nil
}

// once does whatever helps the site, or one plan.
func once(ctx context.Context, a *agent.Agent, site string, then *policy.Case) ([]agent.Result, error) {
	if then != nil {
		return a.OncePlan(ctx, *then, person())
	}
	return a.Once(ctx, site, person())
}

// refusal says why a plan is not carried out, and what moved.
func refusal(s sheet, where string, r agent.Result) {
	fmt.Fprintf(s.w, "%s  %s: %s\n", where, s.p.red("refused"), safe(r.Refused))
	s.indent = "  "
	s.each("moved", r.Moved)
	if len(r.Moved) == 0 {
		s.account(&r.Incident, r.State) // it was carried out
		return
	}
	if command := approval(&r.Incident); command != "" {
		s.say("waits now", "%s: %s", decisionOf(&r.Incident), command)
		return
	}
	s.say("next", "gatemend plan %s", r.Site)
}

// planIDs completes the ID of a plan.
func (o *options) planIDs(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
	return o.plans().IDs(), cobra.ShellCompDirectiveNoFileComp
}
