package agent

import (
	"context"
	"fmt"
	"sync"
	"time"
)

// pulse is a keeper's sign of life. A stage says how long it may take; a parked keeper has
// no stage and answers pings from the very select in which it waits, so that a wedged loop
// cannot look alive. Nothing beats by itself.
type pulse struct {
	mu    sync.Mutex
	stage string
	until time.Time
	ping  chan chan struct{}
}

func newPulse() *pulse { return &pulse{ping: make(chan chan struct{})} }

// enter begins a stage that may take at most allowed; the returned func ends it.
func (p *pulse) enter(stage string, allowed time.Duration) func() {
	p.set(stage, time.Now().Add(allowed+stallLimit))
	return func() { p.set("", time.Time{}) }
}

func (p *pulse) set(stage string, until time.Time) {
	p.mu.Lock()
	p.stage, p.until = stage, until
	p.mu.Unlock()
}

// alive asks for a sign of life and waits for it until ctx ends.
func (p *pulse) alive(ctx context.Context) error {
	if busy, err := p.busy(); busy {
		return err
	}
	answered := make(chan struct{})
	select {
	case p.ping <- answered:
		<-answered
		return nil
	case <-ctx.Done():
	}
	if busy, err := p.busy(); busy { // it left its park in between
		return err
	}
	return fmt.Errorf("the loop does not answer: %w", ctx.Err())
}

func (p *pulse) busy() (bool, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.stage == "" {
		return false, nil
	}
	if late := time.Since(p.until); late > 0 {
		return true, fmt.Errorf("stage %q is late by %s", p.stage, late.Round(time.Second))
	}
	return true, nil
}
