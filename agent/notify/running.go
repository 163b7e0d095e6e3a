package notify

import (
	"context"
	"slices"
	"sync"
)

// change is another configuration on its way to Run.
type change struct {
	options Options
	taken   chan error
}

// running are the channels and heartbeats that Run has going, each with what ends it.
type running map[any]func()

// Run delivers until ctx ends: what waits from before, and what is sent. Each channel has its
// own time, and owes signs of life to the group of ctx (package pulse). Progress is asked before
// each heartbeat: an error is a stage that is wedged.
func (n *Notifier) Run(ctx context.Context, progress func(context.Context) error) error {
	going := running{}
	for {
		n.start(ctx, going, progress)
		select {
		case c := <-n.changes:
			c.taken <- n.turn(c.options, going)
		case <-ctx.Done():
			for _, end := range going {
				end()
			}
			return nil
		}
	}
}

// Reload gives a running notifier another configuration, with the directory as it was. A channel that is
// the same goes on; of one that changed, what waits in its outbox goes where it leads now. With an
// error nothing was changed.
func (n *Notifier) Reload(ctx context.Context, o Options) error {
	c := change{o, make(chan error, 1)}
	select {
	case n.changes <- c:
	case <-ctx.Done():
		return ctx.Err()
	}
	return <-c.taken
}

// start has everything going that is not.
func (n *Notifier) start(ctx context.Context, going running, progress func(context.Context) error) {
	now := n.now()
	for _, c := range now.channels {
		going.begin(ctx, c, c.serve)
	}
	for _, b := range now.beats {
		going.begin(ctx, b, func(ctx context.Context) { b.run(ctx, progress) })
	}
}

func (r running) begin(ctx context.Context, key any, run func(context.Context)) {
	if r[key] != nil {
		return
	}
	ctx, cancel := context.WithCancel(ctx)
	var ended sync.WaitGroup
	ended.Go(func() { run(ctx) })
	r[key] = func() { cancel(); ended.Wait() }
}

// turn replaces the channels. What goes has ended before an outbox is opened again, and nothing is
// sent meanwhile: a message is in one of the two.
func (n *Notifier) turn(o Options, going running) error {
	n.mu.Lock()
	defer n.mu.Unlock()
	was := &set{n.channels, n.beats}
	o.Log = n.log
	for key, end := range going {
		if !stays(key, o) {
			end()
			delete(going, key)
		}
	}
	next, err := was.next(o)
	if err != nil {
		return err
	}
	for _, c := range next.channels {
		c.inherit(was)
	}
	n.channels, n.beats = next.channels, next.beats
	n.orphans(o.Dir)
	return nil
}

func stays(key any, o Options) bool {
	is := func(c Channel) bool {
		switch old := key.(type) {
		case *channel:
			return old.name == c.Name && old.key == c.Key
		case *heartbeat:
			return old.name == c.Name && old.key == c.Key
		}
		return false
	}
	return slices.ContainsFunc(o.Channels, is)
}

// inherit takes over what the disk did not take.
func (c *channel) inherit(was *set) {
	for _, old := range was.channels {
		if old == c || old.name != c.name {
			continue
		}
		for _, w := range old.box.all {
			if w.memory {
				c.accept(w.Message)
			}
		}
	}
}

func (n *Notifier) now() set {
	n.mu.RLock()
	defer n.mu.RUnlock()
	return set{n.channels, n.beats}
}
