package agent

import (
	"time"

	"github.com/gatemend/gatemend/detect/pulse"
)

// stallLimit: results in flight older than this are void. A machine that was suspended, or
// a clock that was set, makes "answered a moment ago" mean nothing.
const stallLimit = pulse.Slack

// reading is one moment on both clocks. Go's monotonic clock (CLOCK_MONOTONIC) stands still
// while the machine is suspended and does not jump when the wall clock is set; wall time does both.
type reading struct {
	wall time.Time     // without a monotonic part
	mono time.Duration // since an arbitrary start
}

var monotonicStart = time.Now()

func readClocks() reading {
	now := time.Now()
	return reading{now.Round(0), now.Sub(monotonicStart)}
}

// voided tells that what began at start and ended at end, and was allowed to take allowed,
// cannot be trusted: the wall clock jumped or stood against the monotonic one, or our own
// loop did not run for longer than the limit.
func voided(start, end reading, allowed time.Duration) bool {
	mono := end.mono - start.mono
	jump := end.wall.Sub(start.wall) - mono
	return jump.Abs() > stallLimit || mono > allowed+stallLimit
}
