// Package pulse tells a loop that waits from one that is stuck.
//
// A loop has a [Pulse]. While it waits, it answers pings from the very select in which it
// waits; what takes longer is a stage, which says how long it may take. Nothing beats by
// itself, so that a wedged loop cannot look alive. The [Group] that a context carries gathers
// the pulses of a program's loops: the watchdog asks it.
package pulse

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/gatemend/gatemend/detect/fault"
)

// Slack is granted beyond what a stage says that it may take.
const Slack = 30 * time.Second

// Pulse is the sign of life of one loop.
type Pulse struct {
	name  string
	mu    sync.Mutex
	stage string
	until time.Time
	ping  chan chan struct{}
	leave func()
}

// New makes the pulse of a loop that is in no group yet: see [Pulse.Join].
func New(name string) *Pulse {
	return &Pulse{name: name, ping: make(chan chan struct{}), leave: func() {}}
}

// Ping is what a waiting loop selects on: it closes what it receives, and waits on.
func (p *Pulse) Ping() <-chan chan struct{} {
	fault.Reach(p.name)
	return p.ping
}

// Enter begins a stage that may take at most allowed; the returned func ends it.
func (p *Pulse) Enter(stage string, allowed time.Duration) func() {
	p.set(stage, time.Now().Add(allowed+Slack))
	return func() { p.set("", time.Time{}) }
}

func (p *Pulse) set(stage string, until time.Time) {
	p.mu.Lock()
	p.stage, p.until = stage, until
	p.mu.Unlock()
}

// Alive asks for a sign of life and waits for it until ctx ends.
func (p *Pulse) Alive(ctx context.Context) error {
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
	return fmt.Errorf("it does not answer: %w", ctx.Err())
}

func (p *Pulse) busy() (bool, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.stage == "" {
		return false, nil
	}
	if late := time.Since(p.until); late > 0 {
		return true, fmt.Errorf("stage %q is late by %s", p.stage, (late + Slack).Round(time.Second))
	}
	return true, nil
}
