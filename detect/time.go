package detect

import (
	"fmt"
	"strings"
	"time"
)

// Time is microseconds since the Unix epoch, 0 when unknown. systemd reports its
// timestamps in the same unit (org.freedesktop.systemd1(5), "…Timestamp" properties),
// and an integer survives JSON unchanged.
type Time int64

// Span is a length of time in microseconds. systemd's "infinity" (2^64-1) is Forever.
type Span int64

// Forever stands for a limit that does not exist, systemd's "infinity".
const Forever = Span(1<<63 - 1)

// At converts a time.Time; the zero time gives 0.
func At(t time.Time) Time {
	if t.IsZero() {
		return 0
	}
	return Time(t.UnixMicro())
}

// Time converts back, in UTC; 0 gives the zero time.Time.
func (t Time) Time() time.Time {
	if t == 0 {
		return time.Time{}
	}
	return time.UnixMicro(int64(t)).UTC()
}

// Add moves t by s.
func (t Time) Add(s Span) Time { return t + Time(s) }

// Sub is the span from u to t.
func (t Time) Sub(u Time) Span { return Span(t - u) }

// For converts a time.Duration, rounded down to microseconds.
func For(d time.Duration) Span { return Span(d.Microseconds()) }

// Duration converts back; Forever gives the longest duration there is.
func (s Span) Duration() time.Duration {
	if s > Span(1<<63-1)/1000 {
		return 1<<63 - 1
	}
	return time.Duration(s) * time.Microsecond
}

func (s Span) String() string {
	if s == Forever {
		return "infinity"
	}
	return s.Duration().String()
}

// Words is the span as a person says it, with two units at most: "12 s", "3 min 20 s".
func (s Span) Words() string {
	d := s.Duration()
	switch {
	case s == Forever:
		return "for ever"
	case d < time.Second:
		return fmt.Sprintf("%d ms", d.Milliseconds())
	case d < 10*time.Second:
		return strings.TrimSuffix(fmt.Sprintf("%.1f", d.Seconds()), ".0") + " s"
	case d < time.Minute:
		return fmt.Sprintf("%.0f s", d.Seconds())
	case d < time.Hour:
		return two(int(d.Minutes()), "min", int(d.Seconds())%60, "s")
	case d < 48*time.Hour:
		return two(int(d.Hours()), "h", int(d.Minutes())%60, "min")
	}
	return two(int(d.Hours())/24, "d", int(d.Hours())%24, "h")
}

func two(large int, of string, small int, unit string) string {
	if small == 0 {
		return fmt.Sprintf("%d %s", large, of)
	}
	return fmt.Sprintf("%d %s %d %s", large, of, small, unit)
}
