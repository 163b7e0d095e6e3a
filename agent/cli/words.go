package cli

import (
	"fmt"
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

// span is a length of time as a person says it.
func span(s detect.Span) string { return s.Words() }

// clock is a moment in the machine's own time zone, as its logs have it.
func clock(t detect.Time) string { return t.Time().Local().Format("2006-01-02 15:04:05") }

func now() detect.Time { return detect.At(time.Now()) }

func orUnknown(s string) string {
	if s == "" {
		return "unknown"
	}
	return s
}
