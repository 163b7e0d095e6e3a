package cli

import (
	"context"
	"net"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/gatemend/gatemend/detect/sock"
	"github.com/gatemend/gatemend/detect/watch"
)

// portEvery is how often a port that an escalated incident waits for is tried: no event tells
// that a database listens again.
const portEvery = 5 * time.Second

// fixes watches what a person would change to mend an incident.
type fixes struct{ *watch.Watcher }

// Watch is agent.Watcher: names are paths, or "tcp:host:port".
func (w fixes) Watch(ctx context.Context, names []string, changed chan<- string) error {
	var all sync.WaitGroup
	for _, name := range names {
		if address, ok := strings.CutPrefix(name, "tcp:"); ok {
			all.Go(func() { portTurns(ctx, name, address, changed) })
			continue
		}
		if strings.HasPrefix(name, "/") {
			all.Go(func() { w.path(ctx, name, changed) })
		}
	}
	all.Wait()
	return nil
}

// path tells of the file, and of every directory and link that leads to it: a deploy may only turn a
// link to another release, a mask is a link in place of the unit.
func (w fixes) path(ctx context.Context, name string, changed chan<- string) {
	sub := w.Subscribe(name, watch.Chain)
	defer sub.Close()
	was := *sock.Walk(name)
	for {
		select {
		case <-ctx.Done():
			return
		case <-sub.C():
		}
		// Where a directory is closed to us it is only looked at now and then: a look is no change.
		now := *sock.Walk(name)
		if note := sub.Take(); !note.Polled || !slices.Equal(now.Parts, was.Parts) {
			tell(ctx, name, changed)
		}
		was = now
	}
}

// portTurns tells when the port begins or ceases to accept.
func portTurns(ctx context.Context, name, address string, changed chan<- string) {
	was := accepts(ctx, address)
	tick := time.NewTicker(portEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		if is := accepts(ctx, address); is != was {
			was = is
			tell(ctx, name, changed)
		}
	}
}

func accepts(ctx context.Context, address string) bool {
	conn, err := (&net.Dialer{Timeout: 2 * time.Second}).DialContext(ctx, "tcp", address)
	if err == nil {
		conn.Close()
	}
	return err == nil
}

func tell(ctx context.Context, name string, changed chan<- string) {
	select {
	case changed <- name:
	case <-ctx.Done():
	}
}
