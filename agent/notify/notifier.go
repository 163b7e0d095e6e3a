package notify

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"path/filepath"
	"strings"
	"sync"
	"time"
)

// Notifier is the outboxes and channels. Send may be called from any goroutine, also
// before or without Run; Run delivers.
type Notifier struct {
	channels []*channel
	journal  journal
	log      *slog.Logger
}

// channel is one program with its outbox.
type channel struct {
	command Command
	box     *outbox
	bell    chan struct{}

	mu     sync.Mutex
	memory []Message // what the disk did not take: delivered all the same, for as long as we live
}

// Options of a notifier.
type Options struct {
	Dir      string // below the state directory, the notifier's own
	Commands []Command
	Log      *slog.Logger // nil: silent
}

// New opens one outbox a program. Its name is made of the program's argv, so that messages
// find their channel after the configuration was edited.
func New(o Options) (*Notifier, error) {
	n := &Notifier{journal: systemJournal(), log: o.Log}
	if n.log == nil {
		n.log = slog.New(slog.DiscardHandler)
	}
	for _, c := range o.Commands {
		if len(c.Argv) == 0 || !filepath.IsAbs(c.Argv[0]) {
			return nil, fmt.Errorf("cannot notify by %q: write the absolute path of a program", c.Argv)
		}
		box, err := openOutbox(filepath.Join(o.Dir, c.name()))
		if err != nil {
			return nil, err
		}
		n.channels = append(n.channels, &channel{command: c, box: box, bell: make(chan struct{}, 1)})
	}
	return n, nil
}

func (c Command) name() string {
	sum := sha256.Sum256([]byte(strings.Join(c.Argv, "\x00")))
	return hex.EncodeToString(sum[:6])
}

// Send tells the journal and stores the message for every channel. It waits for the disk,
// never for a channel. A disk that does not take it costs durability, not the message.
func (n *Notifier) Send(_ context.Context, m Message) error {
	m = m.clean()
	err := n.journal.send(m)
	for _, c := range n.channels {
		c.accept(m, n.log)
	}
	if len(n.channels) > 0 && err != nil {
		n.log.Error("cannot tell the journal", "err", err)
		return nil // a channel has it
	}
	return err
}

func (c *channel) accept(m Message, log *slog.Logger) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if err := c.box.put(m); err != nil {
		log.Error("a message is kept in memory only", "err", err)
		c.memory = append(c.memory, m)
		c.memory = c.memory[max(0, len(c.memory)-mostWaiting):]
	}
	select {
	case c.bell <- struct{}{}:
	default:
	}
}

// Run delivers until ctx ends: what waits from before, and what is sent.
func (n *Notifier) Run(ctx context.Context) error {
	var wg sync.WaitGroup
	for _, c := range n.channels {
		wg.Go(func() { n.serve(ctx, c) })
	}
	wg.Wait()
	<-ctx.Done()
	return nil
}

// Back-off between rounds of a channel that fails.
const (
	backoffFirst = 5 * time.Second
	backoffMax   = 10 * time.Minute
)

func (n *Notifier) serve(ctx context.Context, c *channel) {
	wait := backoffFirst
	for {
		err := n.round(ctx, c)
		var again <-chan time.Time
		bell := c.bell
		if err != nil {
			n.log.Error("messages wait", "channel", c.command.Argv[0], "again", wait, "err", err)
			again, bell = time.After(wait), nil // a new message does not hurry a channel that is down
			wait = min(2*wait, backoffMax)
		} else {
			wait = backoffFirst
		}
		select {
		case <-ctx.Done():
			return
		case <-bell:
		case <-again:
		}
	}
}

// mostFailures end a round. Two, not one: a message that a program cannot digest must not
// keep those behind it.
const mostFailures = 2

// round tries to deliver all that waits, oldest first.
func (n *Notifier) round(ctx context.Context, c *channel) error {
	names, err := c.box.waiting()
	if err != nil {
		return errors.Join(err, c.remembered(ctx))
	}
	gone := surplus(names, time.Now())
	for _, name := range gone {
		n.log.Error("a message is dropped: too many wait, or it is too old", "file", name)
		_ = c.box.drop(name) // tried again at the next round
	}
	var errs []error
	for _, name := range names[len(gone):] {
		if err := n.deliver(ctx, c, name); err != nil {
			errs = append(errs, err)
		}
		if len(errs) >= mostFailures || ctx.Err() != nil {
			return errors.Join(errs...)
		}
	}
	return errors.Join(append(errs, c.remembered(ctx))...)
}

func (n *Notifier) deliver(ctx context.Context, c *channel, name string) error {
	m, err := c.box.get(name)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		n.log.Error("a message that cannot be read is dropped", "err", err)
		return c.box.drop(name)
	}
	if err := c.command.deliver(ctx, m); err != nil {
		return err
	}
	return c.box.drop(name)
}

// remembered delivers what the disk did not take.
func (c *channel) remembered(ctx context.Context) error {
	for {
		c.mu.Lock()
		if len(c.memory) == 0 {
			c.mu.Unlock()
			return nil
		}
		m := c.memory[0]
		c.mu.Unlock()
		if err := c.command.deliver(ctx, m); err != nil {
			return err
		}
		c.mu.Lock()
		c.memory = c.memory[min(1, len(c.memory)):]
		c.mu.Unlock()
	}
}

// Flush delivers once what waits in all channels: `gatemend notify test` and `resend`.
// Delivered counts the channels that have nothing left.
func (n *Notifier) Flush(ctx context.Context) (delivered int, err error) {
	var errs []error
	for _, c := range n.channels {
		if err := n.round(ctx, c); err != nil {
			errs = append(errs, err)
			continue
		}
		delivered++
	}
	return delivered, errors.Join(errs...)
}

// Waiting counts the messages that channels have not taken yet.
func (n *Notifier) Waiting() int {
	count := 0
	for _, c := range n.channels {
		names, _ := c.box.waiting() // what cannot be listed is reported by Run
		c.mu.Lock()
		count += len(names) + len(c.memory)
		c.mu.Unlock()
	}
	return count
}
