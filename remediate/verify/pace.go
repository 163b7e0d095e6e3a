package verify

import "time"

// stall is how far our own loop may fall behind before what it saw means nothing.
const stall = 30 * time.Second

// moment is one reading of both clocks. The monotonic one stands still while the machine is
// suspended and does not jump when the wall clock is set; the wall clock does both.
type moment struct {
	wall time.Time // without a monotonic part
	mono time.Duration
}

var epoch = time.Now()

func readClocks() moment {
	now := time.Now()
	return moment{now.Round(0), now.Sub(epoch)}
}

// pace tells whether the loop ran as it should. A machine that was suspended, a clock that was
// set and a process that did not run make "passed three times over ten seconds" meaningless.
type pace struct {
	read    func() moment
	allowed time.Duration // that one step may take
	last    moment
	void    bool
}

// step marks the end of one step and says whether everything so far may count.
func (p *pace) step() bool {
	now := p.read()
	mono := now.mono - p.last.mono
	wall := now.wall.Sub(p.last.wall)
	if mono > p.allowed+stall || (wall-mono).Abs() > stall {
		p.void = true
	}
	p.last = now
	return !p.void
}
