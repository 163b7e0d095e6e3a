package cli

import (
	"context"
	"fmt"

	"github.com/gatemend/gatemend/agent"
	"github.com/gatemend/gatemend/agent/audit"
	"github.com/gatemend/gatemend/detect/collect"
	"github.com/gatemend/gatemend/detect/diagnose"
	"github.com/gatemend/gatemend/policy"
	"github.com/gatemend/gatemend/remediate"
	"github.com/gatemend/gatemend/remediate/ask"
	"github.com/gatemend/gatemend/remediate/host"
)

// executors are the two ways in which a decision is carried out: for real, and over effects
// that only remember. They differ in nothing else.
func (w *world) executors(log *audit.Log) (real, rehearsal agent.Executor, err error) {
	effects, err := w.effects()
	if err != nil {
		return nil, nil, err
	}
	last := remediate.Preconditions{Units: w.bus, Looks: w.looker, Holds: w.held}
	x := executor{log: log, recheck: remediate.Released{Again: w.again, Next: last}}
	live, dry := x, x
	live.effects = func() remediate.Effects { return effects }
	dry.effects = func() remediate.Effects { return &remediate.Recording{} }
	return live, dry, nil
}

// again is the case as everything that can be seen is now.
func (w *world) again(ctx context.Context, c policy.Case) (policy.Case, error) {
	site, known := w.cfg.Load().Site(c.Facts.Site)
	if !known {
		return c, fmt.Errorf("site %q is not in the configuration", c.Facts.Site)
	}
	c.Facts = w.collector.Collect(ctx, site, c.Facts.Route, collect.Options{Deep: true, Since: c.Facts.Since})
	c.Diagnosis, c.Holds = diagnose.Diagnose(c.Facts), w.held(ctx)
	return c, nil
}

// effects are carried out in this process where it is root, by the helper where it is not.
func (w *world) effects() (remediate.Effects, error) {
	if !w.root {
		return ask.New(""), nil
	}
	return host.New(host.Config{
		Sites: w.sites, Tester: w.looker, Foreign: w.looker.Foreign, NginxUnit: nginxUnit,
		Units: w.bus, Seen: w.modes.Last,
	})
}
