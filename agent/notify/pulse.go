package notify

import (
	"context"
	"fmt"
	"sync"
	"time"
)

// pulse is a channel's sign of life: it delivers, which has its deadline, or it waits, and
// then answers from the very select in which it waits.
type pulse struct {
	ping chan chan struct{}
	*busy
}

type busy struct {
	mu    sync.Mutex
	until time.Time
}

func newPulse() pulse { return pulse{ping: make(chan chan struct{}), busy: &busy{}} }

// lateness is granted beyond a deadline.
const lateness = 30 * time.Second

// enter begins what may take so long; the func that it returns ends it.
func (p pulse) enter(allowed time.Duration) func() {
	p.set(time.Now().Add(allowed + lateness))
	return func() { p.set(time.Time{}) }
}

func (b *busy) set(until time.Time) {
	b.mu.Lock()
	b.until = until
	b.mu.Unlock()
}

func (b *busy) deadline() time.Time {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.until
}

// park waits for a time (0: none), for one of two bells, or for the end: then it is false.
func (p pulse) park(ctx context.Context, wait time.Duration, bell, other <-chan struct{}) bool {
	var timer <-chan time.Time
	if wait > 0 {
		timer = time.After(wait)
	}
	for {
		select {
		case <-ctx.Done():
			return false
		case answered := <-p.ping:
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

// alive asks for a sign of life until ctx ends.
func (p pulse) alive(ctx context.Context) error {
	for {
		if until := p.deadline(); !until.IsZero() {
			if late := time.Since(until); late > 0 {
				return fmt.Errorf("a delivery is late by %s", late.Round(time.Second))
			}
			return nil
		}
		answered := make(chan struct{})
		select {
		case p.ping <- answered:
			<-answered
			return nil
		case <-time.After(20 * time.Millisecond): // it may have begun to deliver
		case <-ctx.Done():
			return fmt.Errorf("it does not answer: %w", ctx.Err())
		}
	}
}
