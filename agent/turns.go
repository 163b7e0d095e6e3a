package agent

import (
	"sync"
	"sync/atomic"
)

// mostParallel is as many routes as the configuration lets act at a time.
const mostParallel = 8

// turns lets at most `parallel` routes of the host act at a time, and tells who looked
// before somebody else acted.
type turns struct {
	slots chan struct{}
	acted atomic.Uint64 // grows with every turn that was given back

	mu   sync.Mutex
	kept int // slots that nobody may have
	want int // and how many of those there should be
}

func newTurns(parallel int) *turns {
	t := &turns{slots: make(chan struct{}, mostParallel)}
	t.resize(parallel)
	return t
}

// resize changes how many may act at a time. Where there are to be fewer, whoever acts goes on, and
// gives his turn to nobody.
func (t *turns) resize(parallel int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.want = mostParallel - min(max(1, parallel), mostParallel)
	for ; t.kept > t.want; t.kept-- {
		<-t.slots
	}
	for ; t.kept < t.want; t.kept++ {
		select {
		case t.slots <- struct{}{}:
		default:
			return
		}
	}
}

// now is the generation to note before looking at the host.
func (t *turns) now() uint64 { return t.acted.Load() }

// fresh tells whether nobody finished a turn since the generation seen: if somebody did,
// what was looked at may no longer be so.
func (t *turns) fresh(seen uint64) bool { return t.acted.Load() == seen }

func (t *turns) giveBack() {
	t.acted.Add(1)
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.kept < t.want {
		t.kept++
		return
	}
	<-t.slots
}
