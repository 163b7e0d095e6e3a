package pulse

import (
	"cmp"
	"context"
	"slices"
	"sync"
)

// Group is the loops that owe signs of life. The zero value is one without any.
type Group struct {
	mu  sync.Mutex
	all map[*member]bool
}

type member struct {
	name  string
	alive func(context.Context) error
}

// Frozen is a loop that gave no sign of life.
type Frozen struct {
	Name string
	Err  error
}

// Add has alive asked under a name, until the returned func is called. It must return when its
// context ends.
func (g *Group) Add(name string, alive func(context.Context) error) (leave func()) {
	m := &member{name, alive}
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.all == nil {
		g.all = map[*member]bool{}
	}
	g.all[m] = true
	return func() {
		g.mu.Lock()
		defer g.mu.Unlock()
		delete(g.all, m)
	}
}

// Frozen asks all at the same time, until ctx ends, and names those that gave no sign of life.
func (g *Group) Frozen(ctx context.Context) []Frozen {
	var l []Frozen
	var mu sync.Mutex
	var asked sync.WaitGroup
	for _, m := range g.members() {
		asked.Go(func() {
			if err := m.alive(ctx); err != nil && g.has(m) {
				mu.Lock()
				l = append(l, Frozen{m.name, err})
				mu.Unlock()
			}
		})
	}
	asked.Wait()
	slices.SortFunc(l, func(a, b Frozen) int { return cmp.Compare(a.Name, b.Name) })
	return l
}

func (g *Group) members() []*member {
	g.mu.Lock()
	defer g.mu.Unlock()
	var l []*member
	for m := range g.all {
		l = append(l, m)
	}
	return l
}

// has tells a loop that froze from one that ended while it was asked.
func (g *Group) has(m *member) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.all[m]
}

type key struct{}

// With gives a context whose loops join the group.
func With(ctx context.Context, g *Group) context.Context { return context.WithValue(ctx, key{}, g) }

// Begin is the pulse of a loop that begins, in the group of the context; without one nobody
// asks it. The loop calls [Pulse.End] when it ends.
func Begin(ctx context.Context, name string) *Pulse {
	p := New(name)
	p.Join(ctx)
	return p
}

// Join has the group of the context ask the pulse.
func (p *Pulse) Join(ctx context.Context) {
	if g, ok := ctx.Value(key{}).(*Group); ok {
		p.leave = g.Add(p.name, p.Alive)
	}
}

// End says that the loop has ended: it owes no more signs.
func (p *Pulse) End() { p.leave() }
