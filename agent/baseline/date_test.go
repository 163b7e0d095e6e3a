package baseline

import (
	"testing"

	"github.com/gatemend/gatemend/detect"
)

// A baseline is as old as it is, by the clock as it is set when it is read: dated by the clock that was
// set back since, it would seem to be an answer of a unit that was started after it.
func TestDate(t *testing.T) {
	const s = detect.Span(1_000_000)
	wrote := seen().Facts.At // an hour after the boot
	for name, tt := range map[string]struct {
		boot   string
		now    detect.Time
		uptime detect.Span
		want   detect.Time
	}{
		"nobody set the clock":              {"b1", wrote.Add(100 * s), 3700 * s, wrote},
		"slewed":                            {"b1", wrote.Add(99 * s), 3700 * s, wrote},
		"set back, less than has passed":    {"b1", wrote.Add(50 * s), 3700 * s, wrote.Add(-50 * s)},
		"set back a day":                    {"b1", wrote.Add(-86400 * s), 3700 * s, wrote.Add(-86500 * s)},
		"set ahead a day":                   {"b1", wrote.Add(86500 * s), 3700 * s, wrote.Add(86400 * s)},
		"asleep for a night":                {"b1", wrote.Add(28800 * s), 3600*s + 28800*s, wrote},
		"after a reboot":                    {"b2", wrote.Add(200 * s), 100 * s, wrote},
		"after a reboot and a day set back": {"b2", wrote.Add(-86400 * s), 100 * s, wrote.Add(-86500 * s)},
		"boot not known":                    {"", wrote.Add(50 * s), 0, wrote},
	} {
		t.Run(name, func(t *testing.T) {
			boot, uptime := "b1", 3600*s
			st := store(t)
			st.boot = func() (string, detect.Span) { return boot, uptime }
			put(t, st, seen())
			boot, uptime = tt.boot, tt.uptime
			st.now = func() detect.Time { return tt.now }
			b, err := st.Get("shop", "/")
			if err != nil || b.At != tt.want {
				t.Errorf("it was %s ago by the clock, want %s (%v)", tt.now.Sub(b.At), tt.now.Sub(tt.want), err)
			}
		})
	}
}
