package cli

import (
	"context"
	"fmt"
	"time"

	sd "github.com/coreos/go-systemd/v22/daemon"

	"github.com/gatemend/gatemend/agent"
	"github.com/gatemend/gatemend/agent/audit"
	"github.com/gatemend/gatemend/agent/status"
	"github.com/gatemend/gatemend/detect/pulse"
)

// keepAlive tells systemd that the agent is ready, and then, three times in WatchdogSec=, that every
// stage has just given a sign of life: sensors, loops, the outbox, the control socket. It never pats
// by itself: what is frozen is named, and systemd restarts the agent.
func (d *daemon) keepAlive(ctx context.Context) error {
	if _, err := sd.SdNotify(false, sd.SdNotifyReady); err != nil {
		d.logger.Warn("cannot tell systemd that the agent is ready", "err", err)
	}
	defer func() { _, _ = sd.SdNotify(false, sd.SdNotifyStopping) }()
	limit, err := sd.SdWatchdogEnabled(false)
	if err != nil || limit == 0 {
		<-ctx.Done()
		return nil
	}
	named := map[string]bool{}
	tick := time.NewTicker(limit / 3)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
		frozen := d.frozen(ctx, limit/4)
		if len(frozen) == 0 {
			_, _ = sd.SdNotify(false, sd.SdNotifyWatchdog)
			clear(named)
		}
		for _, f := range frozen {
			if !named[f.Name] && ctx.Err() == nil {
				named[f.Name] = true
				d.name(ctx, f)
			}
		}
	}
}

func (d *daemon) frozen(ctx context.Context, within time.Duration) []pulse.Frozen {
	ctx, cancel := context.WithTimeout(ctx, within)
	defer cancel()
	return d.pulses.Frozen(ctx)
}

// name says in the journal and in the record who is frozen. The record is written beside: it may be
// what hangs.
func (d *daemon) name(ctx context.Context, f pulse.Frozen) {
	d.logger.Error("frozen: systemd will restart the agent unless it moves again", "stage", f.Name, "err", f.Err)
	go func() {
		text := fmt.Sprintf("frozen: %s: %v; systemd restarts the agent unless it moves again", f.Name, f.Err)
		_, err := audit.Recorder{Log: d.record}.Append(ctx, agent.RecordFault, "", "", "", text)
		if err != nil {
			d.logger.Error("cannot record who is frozen", "err", err)
		}
	}()
}

// watched are the stages that have no loop of the agent's.
func (d *daemon) watched() {
	d.pulses.Add("the control socket", func(ctx context.Context) error { return status.Alive(ctx, d.control.Path()) })
}
