package proc

import (
	"errors"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/gatemend/gatemend/detect"
	"golang.org/x/sys/unix"
)

// tick is a tick of /proc/PID/stat. USER_HZ is 100 on every architecture that Go runs on.
const tick = detect.Span(10_000)

// Booted is when the machine was started, by today's clock. It moves only when the clock is
// stepped by more than half a second, so that the start of a process reads the same every time:
// btime of /proc/stat is cut to whole seconds, and the two clocks drift apart by microseconds.
func Booted() detect.Time { return boot.at(bootNow()) }

// Uptime is the time since boot, suspended time included.
func Uptime() detect.Span {
	var ts unix.Timespec
	if err := unix.ClockGettime(unix.CLOCK_BOOTTIME, &ts); err != nil {
		return 0
	}
	return detect.For(time.Duration(ts.Nano()))
}

// Clock is the id of this boot, and the time since, which nobody can set. The id is "" where it
// cannot be read: then the wall clock alone tells.
func Clock() (id string, uptime detect.Span) { return bootID.read(), Uptime() }

// known keeps what never changes: it is asked for at each step of the agent.
type known struct {
	mu   sync.Mutex
	text string
}

var bootID known

func (k *known) read() string {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.text == "" { // tried again: an agent out of descriptors knows it later
		b, _ := readFile("/proc/sys/kernel/random/boot_id")
		k.text = detect.Clean(strings.TrimSpace(string(b)))
	}
	return k.text
}

func sinceBoot(ticks uint64) detect.Time { return Booted().Add(detect.Span(ticks) * tick) }

func bootNow() detect.Time { return detect.At(time.Now()).Add(-Uptime()) }

var boot anchor

// anchor keeps the first value it is given until another is clearly different.
type anchor struct {
	mu   sync.Mutex
	kept detect.Time
}

const clockStep = detect.Span(500_000)

func (a *anchor) at(now detect.Time) detect.Time {
	a.mu.Lock()
	defer a.mu.Unlock()
	if d := now.Sub(a.kept); a.kept == 0 || d > clockStep || d < -clockStep {
		a.kept = now
	}
	return a.kept
}

// isESRCH: a read from /proc/PID of a process that ended after the open.
func isESRCH(err error) bool { return errors.Is(err, syscall.ESRCH) }
