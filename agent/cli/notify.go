package cli

import (
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"github.com/gatemend/gatemend/agent/config"
	"github.com/gatemend/gatemend/agent/notify"
	"github.com/gatemend/gatemend/agent/status"
)

func notifyVerb(o *options) *cobra.Command {
	c := group("notify", "try the channels to you")
	test := verb("test [CHANNEL]", "send a test message now, and say what the other end answered", atMostOne, func(c *cobra.Command, args []string) error {
		return o.notifyTest(c.Context(), only(args))
	})
	test.Long = `test sends a message marked TEST to each channel of the configuration, or to
the one that is named, and shows what the other end answered. A heartbeat is
asked for once. Nothing is kept: what does not arrive now is not sent later. It
exits with 1 when a channel did not take it.`
	test.ValidArgsFunction = func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
		return o.channelNames(), cobra.ShellCompDirectiveNoFileComp
	}
	resend := verb("resend", "try the messages that have not arrived, now", none, func(c *cobra.Command, _ []string) error {
		return o.notifyResend(c.Context())
	})
	resend.Long = `resend tries every message that a channel has not taken yet, those too that the
other end refused for good. A running agent does it; where none runs it is done
here. It exits with 1 when something is still left.`
	c.AddCommand(test, resend)
	return c
}

// channelNames are for completion: no configuration, no names.
func (o *options) channelNames() []string {
	cfg, err := config.Load(o.config)
	if err != nil {
		return nil
	}
	var names []string
	for _, n := range cfg.Notify {
		names = append(names, n.Name)
	}
	return names
}

func (o *options) notifyTest(ctx context.Context, name string) error {
	n, err := o.notifier("notify test")
	if err != nil {
		return err
	}
	host, err := os.Hostname()
	if err != nil {
		host = "this host"
	}
	done := o.waiting(ctx, func(context.Context) string { return "the other end" })
	all, err := n.Test(ctx, name, host, now())
	done()
	if err != nil {
		return usage(err)
	}
	return o.reportTried(all, sheet.tested)
}

func (o *options) notifyResend(ctx context.Context) error {
	n, err := o.notifier("notify resend")
	if err != nil {
		return err
	}
	var all []notify.Tried
	done := o.waiting(ctx, func(context.Context) string { return "the other end" })
	err = status.Ask(ctx, o.socket(), status.Request{Verb: status.Resend}, &all)
	if errors.Is(err, status.ErrNoAgent) {
		all, err = n.Resend(ctx), nil
	}
	done()
	if err != nil {
		return err
	}
	return o.reportTried(all, sheet.resent)
}

// notifier is the channels of the configuration; without any there is nothing to try.
func (o *options) notifier(verb string) (*notify.Notifier, error) {
	cfg, err := o.load()
	if err != nil {
		return nil, err
	}
	if err := needRoot(verb); err != nil {
		return nil, err
	}
	if len(cfg.Notify) == 0 {
		return nil, usage(fmt.Errorf("%s has no channel, so messages go to the journal alone (journalctl -t gatemend -p err): write notify: and where to go", o.config))
	}
	if err := o.become(); err != nil { // the outbox is the agent's, and so are its commands and URL files
		return nil, err
	}
	return notifierOf(cfg, o.state, nil)
}

func (o *options) reportTried(all []notify.Tried, show func(sheet, notify.Tried)) error {
	code := Healthy
	for _, t := range all {
		if !t.OK() {
			code = Failure
		}
	}
	if o.json {
		return o.ending(code, o.printJSON(nonNil(all)))
	}
	s := o.sheet(widest(all))
	for _, t := range all {
		show(s, t)
	}
	return ended(code)
}

func widest(all []notify.Tried) (width int) {
	for _, t := range all {
		width = max(width, len(t.Name))
	}
	return width
}

func (s sheet) tested(t notify.Tried) {
	if t.OK() {
		s.mark(t.Name, s.p.sign(good), t.Answer)
		return
	}
	s.mark(t.Name, s.p.sign(bad), t.Why)
}

func (s sheet) resent(t notify.Tried) {
	switch {
	case !t.OK():
		s.mark(t.Name, s.p.sign(bad), fmt.Sprintf("%s arrived, %d left: %s", several(t.Sent, "message"), t.Remaining, t.Why))
	case t.Sent == 0:
		s.mark(t.Name, s.p.sign(good), "nothing was left")
	default:
		s.mark(t.Name, s.p.sign(good), several(t.Sent, "message")+" arrived")
	}
}

// channels shows each in a line, and in one more what is wrong with it.
func (s sheet) channels(all []notify.Standing) {
	for _, c := range all {
		m, text := good, fmt.Sprintf("%s (%s): %d delivered", c.Name, c.To, c.Delivered)
		if c.Kind == "heartbeat" {
			text = fmt.Sprintf("%s (%s): %s", c.Name, c.To, several(c.Delivered, "beat"))
		}
		if c.Pending > 0 {
			text += fmt.Sprintf(", %d pending", c.Pending)
		}
		if c.Refused > 0 {
			text += fmt.Sprintf(", %d refused for good: mend it, then gatemend notify resend", c.Refused)
		}
		if c.Dropped > 0 {
			text += fmt.Sprintf(", %d dropped", c.Dropped)
		}
		if c.LastOK != 0 {
			text += ", last " + clock(c.LastOK)
		}
		if c.Down() {
			m = bad
		}
		s.mark("", s.p.sign(m), text)
		if c.Down() {
			why := clock(c.ErrorAt) + ": " + c.Error
			if c.Again != 0 && c.Pending > 0 {
				why += "; again at " + clock(c.Again)
			}
			s.mark("", " ", why)
		}
	}
}
