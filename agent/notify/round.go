package notify

import (
	"context"
	"errors"
	"os"
	"slices"
	"time"

	"golang.org/x/sys/unix"
)

// errBusy: two programs that deliver the same messages would deliver them twice.
var errBusy = &failure{why: "another gatemend delivers these messages just now"}

// exclusive lets one round run at a time, in this program and in others. The lock goes with
// the process, however it ends.
func (c *channel) exclusive(ctx context.Context) (release func(), err error) {
	select {
	case c.rounds <- struct{}{}:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	free := func() { <-c.rounds }
	d, err := os.Open(c.box.dir)
	if err != nil { // nothing can be read there by anybody, and what is in memory is ours
		return free, nil
	}
	if err := unix.Flock(int(d.Fd()), unix.LOCK_EX|unix.LOCK_NB); err != nil {
		d.Close()
		free()
		return nil, errBusy
	}
	return func() { d.Close(); free() }, nil
}

// A round ends after so many failures. Two, not one: a message that the other end cannot
// digest must not keep those behind it. More refusals are borne, for each is final.
const (
	mostFailures = 2
	mostRefusals = 10
	// mostTries: until then a message holds back those of its site behind it, or "healed" could
	// arrive after the next "NOT healed". One that fails so often may be what cannot be digested.
	mostTries = 8
)

// tally is what a round came to.
type tally struct {
	delivered, refused int
	failed             []error // what is worth another try
	why                error   // of the last that was not delivered
}

// round tries to deliver all that waits, oldest first.
func (c *channel) round(ctx context.Context) (t tally) {
	release, err := c.exclusive(ctx)
	if err != nil {
		return tally{failed: []error{err}, why: err}
	}
	defer release()
	held := map[string]bool{}
	for _, p := range c.due() {
		if ctx.Err() != nil || len(t.failed) >= mostFailures || t.refused >= mostRefusals {
			break
		}
		if slices.ContainsFunc(p.tells, func(w waiting) bool { return held[w.Site] }) {
			continue
		}
		switch err := c.deliver(ctx, p); {
		case err == nil:
			t.delivered++
		case refusal(err):
			t.refused, t.why = t.refused+1, err
		default:
			t.failed, t.why = append(t.failed, err), err
			c.holdBack(p, held)
		}
	}
	return t
}

// holdBack keeps what lies behind a message that failed from overtaking it.
func (c *channel) holdBack(p parcel, held map[string]bool) {
	for _, w := range p.tells {
		c.tries[w.ID]++
		if c.tries[w.ID] < mostTries {
			held[w.Site] = true
		}
	}
}

// serve delivers until ctx ends: what waits from before, and what is sent.
func (c *channel) serve(ctx context.Context) {
	c.pulse.Join(ctx)
	defer c.pulse.End()
	for c.gathered(ctx) {
		again, bell := c.judge(c.round(ctx), ctx.Err() != nil)
		if !c.park(ctx, again, bell, c.hurry) {
			return
		}
	}
}

// park waits for a time (0: none), for one of two bells, or for the end: then it is false.
func (c *channel) park(ctx context.Context, wait time.Duration, bell, other <-chan struct{}) bool {
	var timer <-chan time.Time
	if wait > 0 {
		timer = time.After(wait)
	}
	for {
		select {
		case <-ctx.Done():
			return false
		case answered := <-c.pulse.Ping():
			close(answered)
		case <-bell:
			return true
		case <-other:
			return true
		case <-timer:
			return true
		}
	}
}

// judge says when the next round is due by itself (0: not before there is something), and
// which bell may begin one before: a new message does not hurry a channel that is down.
func (c *channel) judge(t tally, ending bool) (again time.Duration, bell <-chan struct{}) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if ending || len(t.failed) == 0 && t.refused < mostRefusals {
		c.fails, c.again = 0, time.Time{}
		return 0, c.bell
	}
	c.fails++
	if t.delivered > 0 {
		c.fails, bell = 1, c.bell
	}
	again = c.pace.backoff(c.fails, patience(errors.Join(t.failed...)))
	if len(t.failed) == 0 {
		again = c.pace.most // refused so often that the rest may wait
	}
	c.again = time.Now().Add(again)
	c.log.Error("messages wait", "again", again.Round(time.Second), "err", t.why)
	return again, bell
}

// gathered waits until those messages are together that come within a short time. False when
// ctx has ended.
func (c *channel) gathered(ctx context.Context) bool {
	c.mu.Lock()
	since := c.since
	c.mu.Unlock()
	wait := c.pace.gather - time.Since(since)
	if !c.together || since.IsZero() || wait <= 0 {
		return ctx.Err() == nil
	}
	return c.park(ctx, wait, nil, c.hurry)
}

// resend tries all that has not arrived, now: what was refused, and what waits for its time.
func (c *channel) resend(ctx context.Context) tally {
	c.mu.Lock()
	c.book.Refused = nil
	c.mu.Unlock()
	t := c.round(ctx)
	ring(c.hurry) // the channel's own clock starts anew
	return t
}

// counts are those of what has not arrived.
func (c *channel) counts() (pending, refused int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, w := range c.box.all {
		switch {
		case slices.Contains(c.book.Refused, w.ID):
			refused++
		case !slices.Contains(c.book.Settled, w.ID):
			pending++
		}
	}
	return pending, refused
}
