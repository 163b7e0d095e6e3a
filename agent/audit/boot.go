package audit

import (
	"os"
	"strings"

	"github.com/gatemend/gatemend/detect"
	"golang.org/x/sys/unix"
)

// Boot is the id of this boot and the time since, suspended time included (random(4),
// clock_gettime(2)). The id is "" where it cannot be read: entries then age by the clock.
func Boot() (string, detect.Span) {
	id, err := os.ReadFile("/proc/sys/kernel/random/boot_id")
	if err != nil {
		return "", 0
	}
	var ts unix.Timespec
	if err := unix.ClockGettime(unix.CLOCK_BOOTTIME, &ts); err != nil {
		return "", 0
	}
	return strings.TrimSpace(string(id)), detect.Span(ts.Nano() / 1000)
}
