package policy

import (
	"testing"

	"github.com/gatemend/gatemend/detect"
)

// A unit that failed as a stop may end it, of which the journal says nothing, may have been stopped by a person:
// journalctl may not answer in time, or the agent may not read it.
func TestAFailureThatNobodyTellsOf(t *testing.T) {
	told := func(at detect.Time) func(*Case) {
		return func(c *Case) {
			c.Facts.Lines = []detect.Line{{At: at, Source: detect.FromSystemd, Event: detect.EventUnitFailed}}
		}
	}
	for name, tt := range map[string]struct {
		result string
		also   func(*Case)
		want   Do
	}{
		"exit status":                      {"exit-code", func(*Case) {}, DoWait},
		"killed, it did not end in time":   {"timeout", func(*Case) {}, DoWait},
		"by a signal":                      {"signal", func(*Case) {}, DoAct},
		"PID 1 tells, and of no stop":      {"exit-code", told(ago(second)), DoAct},
		"PID 1 tells of another life only": {"exit-code", told(ago(minute)), DoWait},
		"PID 1 tells of nginx only": {"exit-code", func(c *Case) {
			told(ago(second))(c)
			c.Facts.Lines[0].Attr = map[string]string{"unit": "nginx.service"}
		}, DoWait},
		"PID 1 tells of it by name": {"exit-code", func(c *Case) { told(ago(second))(c); c.Facts.Lines[0].Attr = map[string]string{"unit": "shop.service"} }, DoAct},
		"the app tells":             {"exit-code", func(c *Case) { told(ago(second))(c); c.Facts.Lines[0].Source = detect.FromApp }, DoWait},
		"a person asks":             {"exit-code", func(c *Case) { c.Incident.Person = true }, DoAct},
		"long ago":                  {"exit-code", func(c *Case) { c.Facts.Unit.InactiveEnter = ago(hour) }, DoAct},
	} {
		c := crashed()
		c.Facts.Unit.Result = tt.result
		tt.also(&c)
		d := Decide(c)
		if d.Do != tt.want || d.Do == DoWait && d.Refusals[0].Code != PersonStopped {
			t.Errorf("%s: %s: %s", name, d.Do, d.Why)
		}
	}
}
