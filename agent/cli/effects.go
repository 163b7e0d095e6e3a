package cli

import (
	"context"
	"fmt"
	"net"
	"strconv"

	"github.com/gatemend/gatemend/agent"
	"github.com/gatemend/gatemend/agent/audit"
	"github.com/gatemend/gatemend/detect"
	"github.com/gatemend/gatemend/detect/collect"
	"github.com/gatemend/gatemend/detect/diagnose"
	"github.com/gatemend/gatemend/detect/nginxconf"
	"github.com/gatemend/gatemend/detect/sock"
	"github.com/gatemend/gatemend/policy"
	"github.com/gatemend/gatemend/remediate"
	"github.com/gatemend/gatemend/remediate/host"
)

// executors are the two ways in which a decision is carried out: for real, and over effects
// that only remember. They differ in nothing else.
func (w *world) executors(log *audit.Log) (real, rehearsal agent.Executor, err error) {
	h, err := host.New(host.Config{
		Sites: func() []detect.Site { return w.cfg.Sites }, Tester: w.looker, Foreign: w.foreign, NginxUnit: nginxUnit,
		Baseline: func(s detect.Site, r detect.Route) (*detect.Baseline, error) { return w.baselines.Get(s.Name, r.Path) },
	})
	if err != nil {
		return nil, nil, err
	}
	last := remediate.Preconditions{Units: w.bus, Looks: w.looker, Holds: w.held}
	x := executor{log: log, recheck: remediate.Released{Again: w.again, Next: last}}
	live, dry := x, x
	live.effects = func() remediate.Effects { return h }
	dry.effects = func() remediate.Effects { return &remediate.Recording{} }
	return live, dry, nil
}

// again is the case as everything that can be seen is now.
func (w *world) again(ctx context.Context, c policy.Case) (policy.Case, error) {
	site, known := w.cfg.Site(c.Facts.Site)
	if !known {
		return c, fmt.Errorf("site %q is not in the configuration", c.Facts.Site)
	}
	c.Facts = w.collector.Collect(ctx, site, c.Facts.Route, collect.Options{Deep: true, Since: c.Facts.Since})
	c.Diagnosis, c.Holds = diagnose.Diagnose(c.Facts), w.held(ctx)
	return c, nil
}

// foreign lists who but nginx listens on the ports that its configuration wants (certbot's
// standalone server takes port 80 while nginx is stopped).
func (w *world) foreign(ctx context.Context) ([]detect.Listener, error) {
	text, err := w.looker.NginxDump(ctx)
	if err != nil {
		return nil, err
	}
	conf, err := nginxconf.Parse(text)
	if err != nil {
		return nil, err
	}
	listeners, err := sock.OnPorts(ports(conf, w.cfg.Sites)...)
	if err != nil {
		return nil, err
	}
	var others []detect.Listener
	for _, l := range listeners {
		if !nginxs(l) {
			others = append(others, l)
		}
	}
	return others, nil
}

func ports(conf *nginxconf.Conf, sites []detect.Site) []int {
	var l []int
	for _, s := range sites {
		for _, r := range s.Routes {
			for _, e := range conf.Site(s.Server, r.Path).Endpoints {
				if _, port, err := net.SplitHostPort(e.Target.Address); err == nil {
					if n, err := strconv.Atoi(port); err == nil {
						l = append(l, n)
					}
				}
			}
		}
	}
	return l
}

// nginxs tells whether a listener is nginx's own: workers of a killed master go on listening.
func nginxs(l detect.Listener) bool {
	for _, p := range l.Owners {
		if p.Unit == nginxUnit || p.Comm == "nginx" {
			return true
		}
	}
	return false
}
