package cli

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync/atomic"

	"github.com/gatemend/gatemend/agent"
	"github.com/gatemend/gatemend/agent/audit"
	"github.com/gatemend/gatemend/agent/baseline"
	"github.com/gatemend/gatemend/agent/config"
	"github.com/gatemend/gatemend/detect/proc"
	"github.com/gatemend/gatemend/detect/unit"
	"github.com/gatemend/gatemend/detect/watch"
	"github.com/gatemend/gatemend/policy"
)

// healAlone is heal without a running agent: the same loop, walked once, under the agent's
// lock. Where systemd cannot be asked no record is begun; but the record comes before the
// world: it makes the state directory, without which root remembers nothing.
func (o *options) healAlone(ctx context.Context, cfg *config.Config, site string, then *policy.Case) ([]agent.Result, error) {
	if err := o.become(); err != nil {
		return nil, err
	}
	bus, err := unit.Dial(ctx)
	if err != nil {
		return nil, err
	}
	bus.Close()
	log, err := audit.Open(auditDir(o.state), auditOptions(ctx, cfg.Policy))
	if err != nil {
		return nil, err
	}
	defer log.Close()
	w, err := o.world(ctx, cfg)
	if err != nil {
		return nil, err
	}
	defer w.close()
	store, err := baseline.Open(baselineDir(o.state), proc.Clock)
	if err != nil {
		return nil, err
	}
	tell, err := notifierOf(cfg, o.state, nil)
	if err != nil {
		return nil, err
	}
	record := &followed{Recorder: audit.Recorder{Log: log}}
	a, err := w.build(parts{
		recorder: record, log: log, dir: auditDir(o.state), notifier: tellers{tell},
		store: store, plans: o.plans(), watcher: fixes{watch.New()}, logger: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		return nil, err
	}
	done := o.waiting(ctx, record.stage)
	results, err := once(ctx, a, site, then)
	done()
	if ctx.Err() != nil {
		return nil, errors.New("no longer waiting: what was begun stands in the record: gatemend incidents")
	}
	for _, t := range tell.Resend(ctx) {
		if !t.OK() {
			fmt.Fprintf(o.errOut, "gatemend: %s: %s\n", t.Name, safe(t.Why))
		}
	}
	return results, err
}

// followed is a record whose incidents are also shown to the person who waits.
type followed struct {
	audit.Recorder
	latest atomic.Pointer[agent.Incident]
}

// Append is agent.Recorder.
func (f *followed) Append(ctx context.Context, kind, incident, site, route string, data any) (int64, error) {
	if i, ok := data.(agent.Incident); ok {
		f.latest.Store(&i)
	}
	return f.Recorder.Append(ctx, kind, incident, site, route, data)
}

func (f *followed) stage(context.Context) string {
	if i := f.latest.Load(); i != nil {
		return stage(*i)
	}
	return "a look at every layer"
}
