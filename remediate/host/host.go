package host

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/gatemend/gatemend/detect"
	"github.com/gatemend/gatemend/policy"
	"github.com/gatemend/gatemend/remediate"
	"github.com/gatemend/gatemend/remediate/ledger"
)

// Tester tests what nginx would load at this moment; detect/look does.
type Tester interface {
	NginxTest(ctx context.Context) (detect.ConfTest, error)
}

// Config is where the verbs look everything up.
type Config struct {
	// Sites is the configuration as it is now.
	Sites func() []detect.Site
	// Tester guards the verbs on nginx; nil: they are refused.
	Tester Tester
	// Foreign lists other processes that listen where nginx wants to; nil: nginx is not started.
	Foreign func(ctx context.Context) ([]detect.Listener, error)
	// NginxUnit is nginx's own unit; "": nginx.service.
	NginxUnit string
	// Units reads what a restart would take along and what gunicorn is told; nil: nothing is restarted.
	Units remediate.Units
	// Seen is what root itself saw of a route's socket while nginx's worker got through: it bounds
	// set-mode, next to what the units state. May be nil.
	Seen func(site, route string) *ledger.Seen
	// Holds are those that stand now against what is done to a site; nil: whoever asks has looked, as the
	// executor does in the same process. Where they cannot be read, nothing is done.
	Holds func(ctx context.Context, site string) ([]policy.Hold, error)
}

// Host carries effects out. It is safe for concurrent use.
type Host struct{ Config }

var _ remediate.Effects = (*Host)(nil)

// New checks the configuration. It does not connect: that is done for each effect.
func New(c Config) (*Host, error) {
	if c.Sites == nil {
		return nil, errors.New("cannot change anything: no configuration of sites was given")
	}
	if c.NginxUnit == "" {
		c.NginxUnit = "nginx.service"
	}
	return &Host{c}, nil
}

// Do carries one recorded effect out and waits for its end. Errors that wrap
// [remediate.ErrUnseen] mean that it may have happened; any other means that it did not, or failed.
func (h *Host) Do(ctx context.Context, rec remediate.Recorded) (remediate.Result, error) {
	r := rec.Request()
	if err := r.Check(); err != nil {
		return remediate.Result{}, err
	}
	p, err := h.resolve(r)
	if err == nil {
		err = h.guard(ctx, r, p)
	}
	if err != nil {
		return remediate.Result{}, fmt.Errorf("cannot %s: %w", r, err)
	}
	began := time.Now()
	res, err := h.do(ctx, r, p)
	res.Took = detect.For(time.Since(began))
	if err != nil {
		return res, fmt.Errorf("cannot %s %s: %w", r.Verb, p.name(), err)
	}
	return res, nil
}

func (h *Host) do(ctx context.Context, r remediate.Request, p place) (remediate.Result, error) {
	b, err := dial(ctx)
	if err != nil {
		return remediate.Result{}, err
	}
	defer b.Close()
	switch r.Verb {
	case remediate.Start:
		if r.On == remediate.OnNginx {
			return h.startNginx(ctx, b, p.unit)
		}
		return b.job(ctx, p.unit, b.StartUnitContext)
	case remediate.Restart:
		return b.job(ctx, p.unit, b.RestartUnitContext)
	case remediate.Reload:
		return h.reloadNginx(ctx, b, p.unit)
	case remediate.ResetFailed:
		return b.resetFailed(ctx, p.unit)
	case remediate.DaemonReload:
		return b.daemonReload(ctx, p.unit)
	case remediate.EndLeftovers:
		return b.endLeftovers(ctx, p.unit)
	case remediate.SetMode:
		return h.setMode(ctx, b, r, p)
	}
	return remediate.Result{}, fmt.Errorf("%q is none of the verbs", r.Verb)
}
