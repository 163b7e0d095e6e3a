package notify

import (
	"context"
	"errors"
	"log/slog"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"github.com/gatemend/gatemend/detect"
	"github.com/gatemend/gatemend/detect/pulse"
)

// carrier is the other end of a channel.
type carrier interface {
	// carry hands over a parcel and says what the other end answered. Its error is a *failure.
	carry(ctx context.Context, p parcel) (answer string, err error)
	// to is the other end as a person may see it: a program, or a scheme and a host.
	to() string
}

// channel is one way to a person: its outbox, its ledger, and where it leads.
type channel struct {
	name     string
	key      string
	kind     string
	carrier  carrier
	together bool // a person reads it: several sites become one message
	pace     pace
	log      *slog.Logger

	bell, hurry chan struct{}
	rounds      chan struct{}  // one at a time
	tries       map[string]int // of messages that failed; a round's own
	pulse       *pulse.Pulse

	mu    sync.Mutex // what follows
	box   *outbox
	book  ledger
	since time.Time // of the first message that came after the last round
	again time.Time // the next try of a channel that fails
	fails int       // rounds in a row without a delivery
}

func openChannel(name, kind string, c carrier, together bool, o Options) (*channel, error) {
	dir := filepath.Join(o.Dir, name)
	box, err := openOutbox(dir)
	if err != nil {
		return nil, err
	}
	book := readLedger(dir)
	if book.Torn += box.torn; box.torn > 0 {
		o.Log.Error("messages that cannot be read are set aside", "channel", name, "count", box.torn, "where", dir)
	}
	book.Refused = nil // a channel that is opened tries everything: the configuration may be another
	return &channel{
		name: name, kind: kind, carrier: c, together: together, pace: normalPace, log: o.Log.With("channel", name),
		bell: make(chan struct{}, 1), hurry: make(chan struct{}, 1), rounds: make(chan struct{}, 1),
		tries: map[string]int{},
		pulse: pulse.New("the channel " + name), box: box, book: book,
	}, nil
}

// accept stores a message, unless it is here already: whoever sent it and was killed before it
// could note that, sends it again.
func (c *channel) accept(m Message) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if slices.Contains(c.book.Settled, m.ID) || c.box.has(m.ID) {
		return
	}
	if err := c.box.put(m); err != nil {
		c.log.Error("a message is kept in memory only", "err", err)
	}
	if over := surplus(c.box.all); len(over) > 0 {
		c.giveUp(over)
	}
	if c.since.IsZero() {
		c.since = time.Now()
	}
	ring(c.bell)
}

func ring(bell chan struct{}) {
	select {
	case bell <- struct{}{}:
	default:
	}
}

// giveUp drops what is too much, and counts it. The caller holds mu.
func (c *channel) giveUp(all []waiting) {
	c.log.Error("messages are dropped: too many wait", "count", len(all), "most", mostWaiting)
	c.book.Dropped, c.book.Untold = c.book.Dropped+len(all), c.book.Untold+len(all)
	c.settle(all)
}

// settle makes it durable that these are done with, and then removes them: killed in between,
// the next round finds them settled. What the others stand for goes first, so that a later
// message is never removed before one that it has overtaken. The caller holds mu.
func (c *channel) settle(all []waiting) {
	c.book.settle(all...)
	if err := c.book.write(c.box.dir); err != nil {
		c.log.Error("cannot note what was delivered: after a crash it is sent again", "err", err)
	}
	for _, w := range all {
		if err := c.box.drop(w); err != nil {
			c.log.Error("a message that is done with stays on the disk", "err", err)
		}
	}
}

// due is what is to be delivered now, as parcels.
func (c *channel) due() []parcel {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.since = time.Time{}
	c.box.forget()
	var open []waiting
	for _, w := range slices.Clone(c.box.all) {
		switch {
		case slices.Contains(c.book.Settled, w.ID): // we were killed between the ledger and its removal
			_ = c.box.drop(w)
		case !slices.Contains(c.book.Refused, w.ID):
			open = append(open, w)
		}
	}
	return pack(open, c.together)
}

// deliver hands one parcel over and notes what became of it.
func (c *channel) deliver(ctx context.Context, p parcel) error {
	c.mu.Lock()
	p.dropped = c.book.Untold
	c.mu.Unlock()
	defer c.pulse.Enter("deliver", c.pace.within)()
	ctx, cancel := context.WithTimeout(ctx, c.pace.within)
	defer cancel()
	_, err := c.carrier.carry(ctx, p)
	c.mu.Lock()
	defer c.mu.Unlock()
	if err == nil {
		c.book.Delivered += len(p.tells)
		c.book.Overtaken += len(p.instead)
		c.book.Untold = max(0, c.book.Untold-p.dropped)
		c.book.LastOK = detect.At(time.Now())
		c.settle(slices.Concat(p.instead, p.tells))
		for _, w := range p.tells {
			delete(c.tries, w.ID)
		}
		return nil
	}
	if errors.Is(context.Cause(ctx), context.Canceled) {
		return err // the agent ends: that says nothing about the other end
	}
	c.book.failed(detect.At(time.Now()), err.Error())
	if refusal(err) {
		c.book.refuse(slices.Concat(p.instead, p.tells)...)
		c.log.Error("a message was refused: it is kept, and tried again by `gatemend notify resend`", "err", err)
	}
	if werr := c.book.write(c.box.dir); werr != nil {
		c.log.Error("cannot note what became of a message", "err", werr)
	}
	return err
}
