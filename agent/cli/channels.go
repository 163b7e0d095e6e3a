package cli

import (
	"context"
	"fmt"
	"log/slog"

	"github.com/gatemend/gatemend/agent"
	"github.com/gatemend/gatemend/agent/config"
	"github.com/gatemend/gatemend/agent/notify"
)

// notifierOf makes the channels that the configuration names.
func notifierOf(cfg *config.Config, state string, log *slog.Logger) (*notify.Notifier, error) {
	return notify.New(channelsOf(cfg, state, log))
}

func channelsOf(cfg *config.Config, state string, log *slog.Logger) notify.Options {
	o := notify.Options{Dir: outboxDir(state), Version: Version(), Log: log}
	for _, n := range cfg.Notify {
		o.Channels = append(o.Channels, channelOf(n))
	}
	return o
}

func channelOf(n config.Notify) notify.Channel {
	c := notify.Channel{Name: n.Name, Key: n.Key(), Command: n.Command}
	at := n.Address()
	switch {
	case n.Webhook != nil:
		c.Webhook = &notify.Webhook{Address: at.Read, Shown: at.String(), Template: n.Webhook.Template}
	case n.Ntfy != nil:
		c.Ntfy = &notify.Ntfy{Address: at.Read, Shown: at.String(), Priority: n.Ntfy.Priority, Tags: n.Ntfy.Tags}
	case n.Heartbeat != nil:
		c.Heartbeat = &notify.Heartbeat{Address: at.Read, Shown: at.String(), Every: n.Heartbeat.Every.Duration()}
	}
	return c
}

// tellers is the notifier as the loop's port.
type tellers struct{ *notify.Notifier }

// Send is agent.Notifier.
func (t tellers) Send(ctx context.Context, m agent.Message) error {
	return t.Notifier.Send(ctx, notify.Message(m))
}

// deliver runs the channels. The heartbeat asks what the watchdog asks: every loop, and the
// channels themselves.
func (d *daemon) deliver(ctx context.Context) error { return d.tell.Run(ctx, d.moving) }

// moving is nil when every stage has just given a sign of life.
func (d *daemon) moving(ctx context.Context) error {
	for _, f := range d.pulses.Frozen(ctx) {
		return fmt.Errorf("%s is frozen: %w", f.Name, f.Err)
	}
	return nil
}

// overheard are the channels whose messages and URL can be read on their way.
func overheard(all []config.Notify) (notes []string) {
	for _, n := range all {
		if n.Plain() {
			notes = append(notes, fmt.Sprintf("channel %s goes over http: its messages and its URL can be read on the way; use https", n.Name))
		}
	}
	return notes
}
