package notify

import (
	"context"
	"fmt"
	"os"
	"slices"
	"sync"
	"time"

	"github.com/gatemend/gatemend/detect"
)

// Standing is how a channel stands: `gatemend status` and `gatemend notify` show it.
type Standing struct {
	Name      string      `json:"name"`
	Kind      string      `json:"kind"`
	To        string      `json:"to"` // a program, a scheme and host, or the file that holds the URL
	Delivered int         `json:"delivered"`
	Pending   int         `json:"pending"`           // not taken yet
	Refused   int         `json:"refused"`           // of those kept: refused for good, until `notify resend`
	Overtaken int         `json:"overtaken"`         // told by a later message of their incident
	Dropped   int         `json:"dropped"`           // too many waited
	Torn      int         `json:"torn"`              // could not be read
	LastOK    detect.Time `json:"last_ok,omitempty"` // the last success
	Error     string      `json:"error,omitempty"`   // the last failure, where it came after the last success
	ErrorAt   detect.Time `json:"error_at,omitempty"`
	Again     detect.Time `json:"again,omitempty"` // the next try
}

// Down tells that the last thing that happened was a failure.
func (s Standing) Down() bool { return s.Error != "" }

// Standing may be called from any goroutine. Channels are in the order of the configuration,
// heartbeats last.
func (n *Notifier) Standing() []Standing {
	var all []Standing
	now := n.now()
	for _, c := range now.channels {
		all = append(all, c.standing())
	}
	for _, h := range now.beats {
		h.mu.Lock()
		all = append(all, h.book.standing(Standing{Name: h.name, Kind: "heartbeat", To: h.Shown}, h.next))
		h.mu.Unlock()
	}
	return all
}

func (c *channel) standing() Standing {
	s := Standing{Name: c.name, Kind: c.kind, To: c.carrier.to()}
	s.Pending, s.Refused = c.counts()
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.book.standing(s, c.again)
}

func (l *ledger) standing(s Standing, again time.Time) Standing {
	s.Delivered, s.Overtaken, s.Dropped, s.Torn, s.LastOK = l.Delivered, l.Overtaken, l.Dropped, l.Torn, l.LastOK
	if l.ErrorAt > l.LastOK {
		s.Error, s.ErrorAt = l.Error, l.ErrorAt
	}
	if !again.IsZero() {
		s.Again = detect.At(again)
	}
	return s
}

// Tried is what became of a channel that a person asked to try.
type Tried struct {
	Standing
	Answer    string `json:"answer,omitempty"` // what the other end said, where it took it
	Why       string `json:"why,omitempty"`    // it did not
	Sent      int    `json:"sent"`             // messages that arrived now
	Remaining int    `json:"remaining"`        // that have not
}

// OK tells that everything arrived.
func (t Tried) OK() bool { return t.Why == "" && t.Remaining == 0 }

// Resend tries everything that has not arrived on every channel, now.
func (n *Notifier) Resend(ctx context.Context) []Tried {
	return each(n.now().channels, func(c *channel) Tried {
		before := c.standing()
		t := c.resend(ctx)
		out := Tried{Standing: c.standing()}
		out.Sent, out.Remaining = out.Delivered-before.Delivered, out.Pending+out.Refused
		if t.why != nil {
			out.Why = t.why.Error()
		}
		return out
	})
}

// Test sends a message to the channel of that name, or to each, past the outbox, and says
// what the other end answered.
func (n *Notifier) Test(ctx context.Context, name, host string, at detect.Time) ([]Tried, error) {
	if name != "" && !slices.Contains(n.Names(), name) {
		return nil, fmt.Errorf("there is no channel %q: the configuration has %q", name, n.Names())
	}
	m := testMessage(host, at)
	now := n.now()
	chosen := slices.DeleteFunc(slices.Clone(now.channels), func(c *channel) bool { return name != "" && c.name != name })
	out := each(chosen, func(c *channel) Tried {
		ctx, cancel := context.WithTimeout(ctx, c.pace.within)
		defer cancel()
		answer, err := c.carrier.carry(ctx, parcel{tells: []waiting{{Message: m}}})
		return tried(c.standing(), answer, err)
	})
	for _, h := range now.beats {
		if name == "" || name == h.name {
			answer, err := h.ask(ctx)
			out = append(out, tried(Standing{Name: h.name, Kind: "heartbeat", To: h.Shown}, answer, err))
		}
	}
	return out, nil
}

// Names are those of the channels and heartbeats.
func (n *Notifier) Names() []string {
	names := []string{}
	now := n.now()
	for _, s := range now.channels {
		names = append(names, s.name)
	}
	for _, h := range now.beats {
		names = append(names, h.name)
	}
	return names
}

func tried(s Standing, answer string, err error) Tried {
	if err != nil {
		return Tried{Standing: s, Why: err.Error()}
	}
	return Tried{Standing: s, Answer: answer, Sent: 1}
}

func testMessage(host string, at detect.Time) Message {
	return Message{
		ID: fmt.Sprintf("test.%d.%d", int64(at), os.Getpid()), At: at, Host: host, State: Testing,
		Title: "a test", Did: "somebody ran `gatemend notify test`: nothing is wrong", More: "gatemend status",
	}.clean()
}

// each does it for all channels at the same time, and keeps their order.
func each(all []*channel, do func(*channel) Tried) []Tried {
	out := make([]Tried, len(all))
	var wg sync.WaitGroup
	for i, c := range all {
		wg.Go(func() { out[i] = do(c) })
	}
	wg.Wait()
	return out
}
