package policy

import (
	"math"
	"time"

	"github.com/gatemend/gatemend/detect"
)

const (
	second = detect.Span(1_000_000)
	minute = 60 * second
	hour   = 60 * minute
	day    = 24 * hour
)

// add is t+s without wrapping: a case may hold any number, and Forever is one of them.
func add(t detect.Time, s detect.Span) detect.Time {
	if s > 0 && int64(t) > math.MaxInt64-int64(s) {
		return math.MaxInt64
	}
	return t.Add(s)
}

// times multiplies without wrapping.
func times(s detect.Span, n int) detect.Span {
	if n <= 0 || s <= 0 {
		return 0
	}
	if s > detect.Forever/detect.Span(n) {
		return detect.Forever
	}
	return s * detect.Span(n)
}

// told writes a span for a person, to the second unless it is shorter.
func told(s detect.Span) string {
	if s == detect.Forever {
		return "for ever"
	}
	if s < second {
		return s.Duration().Round(time.Millisecond).String()
	}
	return s.Duration().Round(time.Second).String()
}
