package notify

import (
	"context"
	"crypto/rand"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"sync"

	"github.com/gatemend/gatemend/detect"
)

// Notifier is the channels with their outboxes. Send may be called from any goroutine, also
// before or without Run; Run delivers.
type Notifier struct {
	channels []*channel
	beats    []*heartbeat
	journal  journal
	log      *slog.Logger
}

// Options of a notifier.
type Options struct {
	Dir      string // below the state directory, the notifier's own
	Channels []Channel
	Version  string       // of the User-Agent
	Log      *slog.Logger // nil: silent
}

// Channel says where messages go: one of the four, under a name of its own.
type Channel struct {
	Name      string
	Command   []string // argv, never through a shell; the first is an absolute path
	Webhook   *Webhook
	Ntfy      *Ntfy
	Heartbeat *Heartbeat
}

// Address gives the URL to ask, at each delivery: a file that holds one may be written anew.
type Address func() (detect.SecretURL, error)

// New opens an outbox for each channel, named as the channel: messages find their channel
// after its address was changed.
func New(o Options) (*Notifier, error) {
	n := &Notifier{journal: systemJournal(), log: o.Log}
	if n.log == nil {
		n.log = slog.New(slog.DiscardHandler)
	}
	o.Log = n.log
	for _, c := range o.Channels {
		if err := n.open(c, o); err != nil {
			return nil, err
		}
	}
	n.orphans(o.Dir)
	return n, nil
}

func (n *Notifier) open(c Channel, o Options) error {
	post := poster{agent: o.Version}
	var to carrier
	kind, together := "", false
	switch {
	case c.Heartbeat != nil:
		n.beats = append(n.beats, &heartbeat{Heartbeat: *c.Heartbeat, name: c.Name, post: post, log: n.log.With("channel", c.Name)})
		return nil
	case c.Webhook != nil:
		t, ok := templates[c.Webhook.Template]
		if !ok {
			return fmt.Errorf("cannot notify by %q: there is no template %q", c.Name, c.Webhook.Template)
		}
		to, kind, together = webhook{*c.Webhook, t.body, post}, "webhook", t.together
	case c.Ntfy != nil:
		to, kind, together = ntfy{*c.Ntfy, post}, "ntfy", true
	case len(c.Command) > 0 && filepath.IsAbs(c.Command[0]):
		to, kind = command{c.Command}, "command"
	default:
		return fmt.Errorf("cannot notify by %q: write the absolute path of a program", c.Command)
	}
	opened, err := openChannel(c.Name, kind, to, together, o)
	if err == nil {
		n.channels = append(n.channels, opened)
	}
	return err
}

// orphans tells of messages for channels that the configuration no longer has.
func (n *Notifier) orphans(dir string) {
	entries, _ := os.ReadDir(dir) // there is none yet, or opening a channel has failed on it
	for _, e := range entries {
		if slices.ContainsFunc(n.channels, func(c *channel) bool { return c.name == e.Name() }) {
			continue
		}
		if left, _ := filepath.Glob(filepath.Join(dir, e.Name(), "0*"+suffix)); len(left) > 0 {
			n.log.Warn("messages wait for a channel that is not configured", "channel", e.Name(), "count", len(left), "where", filepath.Join(dir, e.Name()))
		}
	}
}

// Send tells the journal and stores the message for every channel. It waits for the disk,
// never for a channel. A disk that does not take it costs durability, not the message.
func (n *Notifier) Send(_ context.Context, m Message) error {
	if m.ID == "" {
		m.ID = rand.Text()
	}
	m = m.clean()
	err := n.journal.send(m)
	for _, c := range n.channels {
		c.accept(m)
	}
	if len(n.channels) > 0 && err != nil {
		n.log.Error("cannot tell the journal", "err", err)
		return nil // a channel has it
	}
	return err
}

// Run delivers until ctx ends: what waits from before, and what is sent. Each channel has its
// own time, and owes signs of life to the group of ctx (package pulse). Progress is asked before
// each heartbeat: an error is a stage that is wedged.
func (n *Notifier) Run(ctx context.Context, progress func(context.Context) error) error {
	var wg sync.WaitGroup
	for _, c := range n.channels {
		wg.Go(func() { c.serve(ctx) })
	}
	for _, b := range n.beats {
		wg.Go(func() { b.run(ctx, progress) })
	}
	wg.Wait()
	<-ctx.Done()
	return nil
}
