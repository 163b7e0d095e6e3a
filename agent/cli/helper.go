package cli

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os/user"
	"path/filepath"
	"strconv"
	"sync"
	"time"

	"github.com/coreos/go-systemd/v22/activation"
	"github.com/spf13/cobra"

	"github.com/gatemend/gatemend/detect/look"
	"github.com/gatemend/gatemend/detect/proc"
	"github.com/gatemend/gatemend/detect/unit"
	"github.com/gatemend/gatemend/detect/wire"
	"github.com/gatemend/gatemend/policy"
	"github.com/gatemend/gatemend/remediate"
	"github.com/gatemend/gatemend/remediate/hold"
	"github.com/gatemend/gatemend/remediate/host"
	"github.com/gatemend/gatemend/remediate/ledger"
	"github.com/gatemend/gatemend/remediate/serve"
)

const (
	// agentUser is whom the agent's unit runs as, and who beside root may ask the helper.
	agentUser = "gatemend"
	// helperRun is root's own until the next boot (RuntimeDirectory= of gatemend-helper.service).
	helperRun = "/run/gatemend-helper"
	// helperIdle is how long the helper waits for the next request: systemd starts it again.
	helperIdle = 10 * time.Second
	// What one answer may take at most: a look, and an effect with its job.
	lookWithin = 20 * time.Second
	actWithin  = 35 * time.Minute
)

func helperVerb(o *options) *cobra.Command {
	c := verb("helper", "the root helper: started by systemd, asked by the agent", none, func(c *cobra.Command, _ []string) error {
		return o.helper(c.Context())
	})
	c.Hidden = true
	return c
}

// helper serves the sockets that systemd handed over, and ends when nothing was asked for a while.
func (o *options) helper(ctx context.Context) error {
	if err := needRoot("helper"); err != nil {
		return err
	}
	sockets, err := activation.ListenersWithNames()
	if err != nil {
		return err
	}
	if len(sockets) == 0 {
		return usage(errors.New("the helper is started by systemd: enable gatemend-look.socket and gatemend-act.socket"))
	}
	h, err := newHelper(o)
	if err != nil {
		return err
	}
	defer h.bus.Close()
	return h.serve(ctx, sockets)
}

// helper is what the two sockets share.
type helper struct {
	conf     *trusted
	bus      *unit.Bus
	looker   *look.Local
	actor    serve.Actor
	heals    ledger.Heals
	activity wire.Activity
	agent    int // the agent's user
}

// newHelper does not connect to the bus: a helper that failed without one would be started anew for who still
// waits for an answer, until systemd gives its sockets up.
func newHelper(o *options) (*helper, error) {
	m, err := o.memory()
	if err != nil {
		return nil, err
	}
	bus := unit.New()
	h := &helper{conf: &trusted{path: o.config, last: filepath.Join(helperState, "last.yaml")}, bus: bus, agent: uidOf(agentUser), heals: ledger.Heals{Dir: helperRun, Clock: proc.Clock}}
	h.looker = look.NewLocal(h.conf.sites, bus, look.Options{Key: m.key, Connected: m.modes.Saw})
	acting, err := host.New(host.Config{
		Sites: h.conf.sites, Tester: h.looker, Foreign: h.looker.Foreign, NginxUnit: nginxUnit, Units: bus, Seen: m.modes.Last, Holds: h.holds,
	})
	h.actor = serve.Actor{
		Effects: acting, Ledger: &ledger.Effects{Dir: helperRun, Limits: h.conf.limits, Clock: proc.Clock}, Asked: h.heals.Asked, Log: logged(o),
	}
	return h, err
}

// holds are read by root itself, from files that only root may write.
func (h *helper) holds(_ context.Context, site string) ([]policy.Hold, error) {
	return h.heals.Against(site, hold.At(holdsDir(stateDir)).Over(h.conf.sites()))
}

func (h *helper) may(uid int) bool { return uid == 0 || uid == h.agent }

// serve answers on each socket until none was asked for a while.
func (h *helper) serve(ctx context.Context, sockets map[string][]net.Listener) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	servers := map[string]wire.Server{
		"look": {Handle: h.conf.checked(h.looker.Answer), May: h.may, AtOnce: 8, Within: lookWithin},
		"act":  {Handle: h.conf.checked(h.actor.Answer), May: h.may, AtOnce: 4, Within: actWithin},
	}
	var all sync.WaitGroup
	var errs []error
	var mu sync.Mutex
	for name, listeners := range sockets {
		server, known := servers[name]
		for _, l := range listeners {
			socket, ok := l.(*net.UnixListener)
			if !known || !ok {
				return usage(fmt.Errorf("the helper was given a socket %q: FileDescriptorName= must be look or act", name))
			}
			all.Go(func() {
				err := server.Serve(ctx, socket, &h.activity)
				mu.Lock()
				defer mu.Unlock()
				errs = append(errs, err)
				cancel()
			})
		}
	}
	h.untilIdle(ctx)
	cancel()
	all.Wait()
	return errors.Join(errs...)
}

// untilIdle returns when nothing was asked for a while. What comes after that is kept in the
// queue of systemd's socket, and starts the helper again.
func (h *helper) untilIdle(ctx context.Context) {
	began := time.Now()
	for {
		last, idle := h.activity.Since()
		if last.IsZero() {
			last = began
		}
		left := helperIdle - time.Since(last)
		switch {
		case !idle:
			left = helperIdle
		case left <= 0:
			return
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(left):
		}
	}
}

// uidOf is a user's number; -1 where there is none.
func uidOf(name string) int {
	u, err := user.Lookup(name)
	if err != nil {
		return -1
	}
	uid, err := strconv.Atoi(u.Uid)
	if err != nil {
		return -1
	}
	return uid
}

// logged tells the journal what root did, beside the agent's own record.
func logged(o *options) func(remediate.Request, remediate.Result, error) {
	log := slog.New(slog.NewTextHandler(o.errOut, &slog.HandlerOptions{ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
		if a.Key == slog.TimeKey {
			return slog.Attr{} // the journal has its own
		}
		return a
	}}))
	return func(r remediate.Request, res remediate.Result, err error) {
		if err != nil {
			log.Error("not done", "request", r.String(), "err", err)
			return
		}
		log.Info("done", "request", r.String(), "job", res.Job, "before", res.Before, "after", res.After)
	}
}
