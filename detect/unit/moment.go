package unit

import (
	"time"

	"github.com/gatemend/gatemend/detect"
	"golang.org/x/sys/unix"
)

// set is what systemd's two timestamps may differ by though nobody set the clock.
const set = 30 * time.Second

// clocks are the present moment on both of systemd's: the one that can be set, and CLOCK_MONOTONIC.
var clocks = func() (wall detect.Time, since detect.Span) {
	var t unix.Timespec
	if unix.ClockGettime(unix.CLOCK_MONOTONIC, &t) != nil {
		return 0, 0
	}
	return detect.At(time.Now()), detect.Span(t.Nano() / 1000)
}

// at reads a timestamp, 0 when it never was. systemd notes what the clock showed then; where that was
// set since, a unit that has just been started would look old, and be left no time to start. The
// second timestamp tells when it was by the clock as it is now.
func (p properties) at(name string) detect.Time {
	then, since := detect.Time(max(p.number(name), 0)), p.number(name+"Monotonic")
	wall, now := clocks()
	if then == 0 || since <= 0 || now == 0 {
		return then
	}
	is := wall.Add(detect.Span(since) - now)
	if is.Sub(then).Duration().Abs() > set {
		return is
	}
	return then
}
