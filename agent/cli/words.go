package cli

import (
	"fmt"
	"strings"
	"time"

	"github.com/gatemend/gatemend/detect"
)

// several is a number with its noun.
func several(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

// span is a length of time as a person says it, with two units at most.
func span(s detect.Span) string {
	d := s.Duration()
	switch {
	case s == detect.Forever:
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

// clock is a moment in the machine's own time zone, as its logs have it.
func clock(t detect.Time) string { return t.Time().Local().Format("2006-01-02 15:04:05") }

func now() detect.Time { return detect.At(time.Now()) }

func orUnknown(s string) string {
	if s == "" {
		return "unknown"
	}
	return s
}
