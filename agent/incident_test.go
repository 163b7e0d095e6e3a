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
	for _, look := range []struct {
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
		if i.saw(look.d, look.at); i.Seen != look.want {
			t.Errorf("%s: %s seen %d times, want %d", look.at.Time().Format("05.000"), look.d.Primary.Cause, i.Seen, look.want)
		}
	}
}
