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
	journal journal
	log     *slog.Logger
	changes chan change

	mu       sync.RWMutex // what follows is replaced by Reload
	channels []*channel
	beats    []*heartbeat
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
	Key       string   // of all that follows: [Notifier.Reload] lets a channel of the same name and key go on
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
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	n := &Notifier{journal: systemJournal(), log: o.Log, changes: make(chan change)}
	s, err := (&set{}).next(o)
	if err != nil {
		return nil, err
	}
	n.channels, n.beats = s.channels, s.beats
	n.orphans(o.Dir)
	return n, nil
}

// set is the channels and heartbeats of one configuration.
type set struct {
	channels []*channel
	beats    []*heartbeat
}

// next is the set of another configuration: what is the same in both is the same channel.
func (s *set) next(o Options) (*set, error) {
	n := &set{}
	for _, c := range o.Channels {
		if n.keep(s, c) {
			continue
		}
		if err := n.open(c, o); err != nil {
			return nil, err
		}
	}
	return n, nil
}

func (s *set) keep(from *set, c Channel) bool {
	for _, old := range from.channels {
		if old.name == c.Name && old.key == c.Key {
			s.channels = append(s.channels, old)
			return true
		}
	}
	for _, old := range from.beats {
		if old.name == c.Name && old.key == c.Key {
			s.beats = append(s.beats, old)
			return true
		}
	}
	return false
}

func (s *set) open(c Channel, o Options) error {
	post := poster{agent: o.Version}
	var to carrier
	kind, together := "", false
	switch {
	case c.Heartbeat != nil:
		s.beats = append(s.beats, &heartbeat{Heartbeat: *c.Heartbeat, name: c.Name, key: c.Key, post: post, log: o.Log.With("channel", c.Name)})
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
		opened.key = c.Key
		s.channels = append(s.channels, opened)
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
	n.mu.RLock()
	defer n.mu.RUnlock()
	for _, c := range n.channels {
		c.accept(m)
	}
	if len(n.channels) > 0 && err != nil {
		n.log.Error("cannot tell the journal", "err", err)
		return nil // a channel has it
	}
	return err
}
