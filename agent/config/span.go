package config

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/gatemend/gatemend/detect"
	"github.com/gatemend/gatemend/policy"
)

// Lengths of time as bounds are written.
const (
	second = detect.Span(1_000_000)
	minute = 60 * second
	hour   = 60 * minute
	day    = 24 * hour
	year   = 365 * day

	// longest is what a length of time may be, however it is written: a limit on days alone would
	// take in hours what it could not read again in days.
	longest = 100 * year
)

// spanError is why a length of time could not be read, and what to write.
type spanError struct{ message, write string }

// parseSpan reads what time.ParseDuration reads, and days in front: 2d, 1d12h.
func parseSpan(s string) (detect.Span, *spanError) {
	rest, whole := s, detect.Span(0)
	if head, tail, ok := strings.Cut(s, "d"); ok {
		n, err := strconv.ParseInt(head, 10, 32)
		if err != nil || n < 0 || detect.Span(n) > longest/day {
			return 0, badSpan(s)
		}
		whole, rest = detect.Span(n)*day, tail
		if rest == "" {
			return whole, nil
		}
	}
	if _, err := strconv.ParseUint(rest, 10, 64); err == nil && rest == s {
		return 0, &spanError{fmt.Sprintf("%q has no unit", s), s + "s for seconds, or " + s + "m for minutes"}
	}
	d, err := time.ParseDuration(rest)
	if err != nil || d < 0 {
		return 0, badSpan(s)
	}
	if whole+detect.For(d) > longest {
		return 0, &spanError{fmt.Sprintf("%q is longer than 100 years", s), "a shorter time"}
	}
	return whole + detect.For(d), nil
}

// ParseSpan reads a length of time as the configuration has it: 500ms, 10m, 1d12h.
func ParseSpan(s string) (detect.Span, error) {
	span, bad := parseSpan(s)
	if bad != nil {
		return 0, fmt.Errorf("%s: write %s", bad.message, bad.write)
	}
	return span, nil
}

func badSpan(s string) *spanError {
	return &spanError{fmt.Sprintf("%q is not a length of time", s), "a number with a unit, such as 500ms, 10s, 15m, 4h or 2d"}
}

// formatSpan writes a span as a person would: 15m, not 15m0s.
func formatSpan(s detect.Span) string {
	for _, u := range []struct {
		of   detect.Span
		name string
	}{{day, "d"}, {hour, "h"}, {minute, "m"}, {second, "s"}} {
		if s >= u.of && s%u.of == 0 {
			return strconv.FormatInt(int64(s/u.of), 10) + u.name
		}
	}
	return s.Duration().String()
}

// parseRate reads "3/1h"; why is empty when it could.
func parseRate(s string) (rate policy.Rate, why string) {
	n, per, ok := strings.Cut(s, "/")
	if !ok {
		return rate, "it has no slash"
	}
	count, err := strconv.Atoi(strings.TrimSpace(n))
	if err != nil || count < 0 || count > 1000 {
		return rate, fmt.Sprintf("%q is not a number from 0 to 1000", n)
	}
	span, bad := parseSpan(strings.TrimSpace(per))
	if bad != nil {
		return rate, bad.message
	}
	if span < second || span > 30*day {
		return rate, fmt.Sprintf("%q is not between 1s and 30d", per)
	}
	return policy.Rate{N: count, Per: span}, ""
}
