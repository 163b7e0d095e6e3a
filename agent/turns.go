package agent

import "sync/atomic"

// turns lets at most `parallel` routes of the host act at a time, and tells who looked
// before somebody else acted.
type turns struct {
	slots chan struct{}
	acted atomic.Uint64 // grows with every turn that was given back
}

func newTurns(parallel int) *turns { return &turns{slots: make(chan struct{}, max(1, parallel))} }

// now is the generation to note before looking at the host.
func (t *turns) now() uint64 { return t.acted.Load() }

// fresh tells whether nobody finished a turn since the generation seen: if somebody did,
// what was looked at may no longer be so.
func (t *turns) fresh(seen uint64) bool { return t.acted.Load() == seen }

func (t *turns) giveBack() {
	t.acted.Add(1)
	<-t.slots
}
