package agent

import (
	"testing"
	"time"

	"github.com/gatemend/gatemend/detect"
)

// Two looks that an event made follow each other at once are one look: what is ambiguous is
// seen twice only when time has passed in between.
func TestSeenTwiceNeedsTimeInBetween(t *testing.T) {
	sick := detect.Diagnosis{Health: detect.Sick, Primary: detect.Finding{Cause: detect.SocketMissing}}
	other := detect.Diagnosis{Health: detect.Sick, Primary: detect.Finding{Cause: detect.SocketStale}}
	at := func(d time.Duration) detect.Time { return detect.Time(1_000_000_000).Add(detect.For(d)) }
	var i Incident
	for _, seen := range []struct {
		d    detect.Diagnosis
		at   detect.Time
		want int
	}{
		{sick, at(0), 1},
		{sick, at(90 * time.Millisecond), 1},
		{sick, at(1100 * time.Millisecond), 2},
		{other, at(1200 * time.Millisecond), 1},
		{sick, at(1300 * time.Millisecond), 1},
		{detect.Diagnosis{Health: detect.Healthy}, at(3 * time.Second), 0},
		{sick, at(4 * time.Second), 1},
	} {
		if i.saw(look{diag: seen.d, facts: detect.Facts{At: seen.at}}); i.Seen != seen.want {
			t.Errorf("%s: %s seen %d times, want %d", seen.at.Time().Format("05.000"), seen.d.Primary.Cause, i.Seen, seen.want)
		}
	}
}

// A person who mends it restarts the unit: what cannot be told meanwhile is not what was wrong.
func TestARestartDoesNotBlurTheCause(t *testing.T) {
	known := detect.Diagnosis{Health: detect.Sick, Primary: detect.Finding{Cause: detect.UpstreamMismatch}}
	dark := detect.Diagnosis{Health: detect.Sick, Primary: detect.Finding{Cause: detect.Unknown}}
	starting := dark
	starting.Primary.Subject = map[string]string{detect.SubjectStarting: "yes"}
	for name, tt := range map[string]struct {
		diag detect.Diagnosis
		unit detect.Unit
		want detect.Cause
	}{
		"stopping": {dark, detect.Unit{Active: "deactivating"}, detect.UpstreamMismatch},
		"a job":    {dark, detect.Unit{Active: "inactive", Job: &detect.Job{Type: "restart"}}, detect.UpstreamMismatch},
		"starting": {starting, detect.Unit{Active: "active"}, detect.UpstreamMismatch},
		"at rest":  {dark, detect.Unit{Active: "active"}, detect.Unknown},
	} {
		var i Incident
		i.saw(look{diag: known, facts: detect.Facts{At: 1}})
		i.saw(look{diag: tt.diag, facts: detect.Facts{At: 2, Unit: &tt.unit}})
		if got := i.Diagnosis.Primary.Cause; got != tt.want {
			t.Errorf("%s: the incident is about %s, want %s", name, got, tt.want)
		}
	}
}
