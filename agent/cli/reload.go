package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	sd "github.com/coreos/go-systemd/v22/daemon"
	"golang.org/x/sys/unix"

	"github.com/gatemend/gatemend/agent"
	"github.com/gatemend/gatemend/agent/config"
	"github.com/gatemend/gatemend/detect/journal"
	"github.com/gatemend/gatemend/detect/pulse"
)

// agentUnit is the agent's own unit, as examples/gatemend.service names it.
const agentUnit = "gatemend.service"

// reloadTime bounds one reload: the questions of `check`, and the end of what senses and delivers.
const reloadTime = 2 * time.Minute

// reloads reads the configuration anew each time a SIGHUP asks for it.
func (d *daemon) reloads(ctx context.Context) error {
	beat := pulse.Begin(ctx, "the reader of the configuration")
	defer beat.End()
	for {
		select {
		case <-ctx.Done():
			return nil
		case answered := <-beat.Ping():
			close(answered)
		case <-d.asked:
			done := beat.Enter("reload", reloadTime)
			d.reload(ctx)
			done()
		}
	}
}

// reload takes the new configuration over, or keeps the old one and says why.
func (d *daemon) reload(ctx context.Context) {
	tellSystemd(reloading())
	was := d.cfg.Load()
	r := agent.Reloaded{At: now(), Before: was.Hash()}
	r.By = journal.WhoReloaded(ctx, agentUnit, r.At)
	next, err := d.load()
	if err == nil {
		r.After, r.Changes = next.Hash(), config.Changes(was, next)
		err = d.turn(ctx, next)
	} else {
		r.After = hashOf(was.Path)
	}
	if ctx.Err() != nil {
		return // the agent ends
	}
	if err != nil {
		r.Refused = reasons(err)
		for _, why := range r.Refused {
			d.logger.Error("the new configuration is wrong, the old one is kept", "why", why)
		}
		d.force.Store(d.force.Load().refused(r))
		tellSystemd(fmt.Sprintf("%s\nSTATUS=the configuration is wrong, the old one is kept: gatemend check", sd.SdNotifyReady))
	} else {
		d.logger.Info("reloaded", "changes", r.Changes, "by", r.By, "mode", next.Policy.Mode, "sites", len(next.Sites))
		d.force.Store(&inForce{Path: next.Path, Hash: r.After, Since: r.At, By: r.By})
		tellSystemd(fmt.Sprintf("%s\nSTATUS=mode %s, %s", sd.SdNotifyReady, next.Policy.Mode, several(len(next.Sites), "site")))
	}
	d.agent.NoteReload(ctx, r)
}

// turn has everything follow another configuration. All that may fail comes first; what follows
// cannot, so that nothing is ever half of each.
func (d *daemon) turn(ctx context.Context, next *config.Config) error {
	within, cancel := context.WithTimeout(ctx, checkTime)
	defer cancel()
	if err := d.checked(within, next); err != nil {
		return err
	}
	if err := d.tell.Reload(ctx, channelsOf(next, d.state, d.logger)); err != nil {
		return err
	}
	s := d.sense(within, next.Sites, d.senses.Load())
	setup := d.setup(next, s)
	d.record.Keep(windowOf(next.Policy))
	d.cfg.Store(next)
	d.senses.Store(s)
	return d.agent.Reload(ctx, setup)
}

// reasons are the problems of a configuration one by one, as check shows them.
func reasons(err error) []string {
	ps, ok := errors.AsType[config.Problems](err)
	if !ok {
		return []string{err.Error()}
	}
	var l []string
	for _, p := range ps {
		l = append(l, p.Error())
	}
	return l
}

// reloading is what systemd has to hear first (sd_notify(3)): when it began, by the clock that is
// also systemd's.
func reloading() string {
	var t unix.Timespec
	if unix.ClockGettime(unix.CLOCK_MONOTONIC, &t) != nil {
		return sd.SdNotifyReloading
	}
	return fmt.Sprintf("%s\nMONOTONIC_USEC=%d", sd.SdNotifyReloading, t.Nano()/1000)
}

func tellSystemd(state string) { _, _ = sd.SdNotify(false, state) }

// hashOf is the hash of a file's text, "" where it cannot be read.
func hashOf(path string) string {
	text, err := os.ReadFile(path)
	if err != nil {
		return ""
	}
	return config.Hash(text)
}
