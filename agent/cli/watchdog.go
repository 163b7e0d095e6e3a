package cli

import (
	"context"
	"time"

	sd "github.com/coreos/go-systemd/v22/daemon"
)

// keepAlive tells systemd that the agent is ready, and then, at half of WatchdogSec=, that every
// site's loop has just given a sign of life. It never pats by itself: a wedged loop is silent,
// and systemd restarts the agent.
func (d *daemon) keepAlive(ctx context.Context) error {
	if _, err := sd.SdNotify(false, sd.SdNotifyReady); err != nil {
		d.logger.Warn("cannot tell systemd that the agent is ready", "err", err)
	}
	defer func() { _, _ = sd.SdNotify(false, sd.SdNotifyStopping) }()
	every, err := sd.SdWatchdogEnabled(false)
	if err != nil || every == 0 {
		<-ctx.Done()
		return nil
	}
	tick := time.NewTicker(every / 2)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
		if err := d.alive(ctx, every/4); err != nil {
			d.logger.Error("a loop is wedged; systemd will restart the agent", "err", err)
			continue
		}
		_, _ = sd.SdNotify(false, sd.SdNotifyWatchdog)
	}
}

func (d *daemon) alive(ctx context.Context, within time.Duration) error {
	ctx, cancel := context.WithTimeout(ctx, within)
	defer cancel()
	return d.agent.Alive(ctx)
}
