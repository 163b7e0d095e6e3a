package unit

import (
	"testing"

	"github.com/gatemend/gatemend/detect"
	"github.com/godbus/dbus/v5"
)

// A unit was started ten seconds ago, whatever was done to the clock since.
func TestTimesByTheClockAsItIsNow(t *testing.T) {
	const s, booted, started = 1_000_000, 1_748_779_200_000_000, 500_000_000
	was := clocks
	t.Cleanup(func() { clocks = was })
	for name, tt := range map[string]struct {
		wall       int64 // now
		real, mono uint64
		want       int64
	}{
		"nothing was set":  {booted + started + 10*s, booted + started, started, booted + started},
		"slewed":           {booted + started + 12*s, booted + started, started, booted + started},
		"set ahead a day":  {booted + started + 86410*s, booted + started, started, booted + started + 86400*s},
		"set back an hour": {booted + started - 3590*s, booted + started, started, booted + started - 3600*s},
		"never":            {booted, 0, 0, 0},
		"an old systemd":   {booted + 86400*s, booted + started, 0, booted + started},
	} {
		clocks = func() (detect.Time, detect.Span) { return detect.Time(tt.wall), started + 10*s }
		p := properties{"XTimestamp": dbus.MakeVariant(tt.real), "XTimestampMonotonic": dbus.MakeVariant(tt.mono)}
		if got := p.at("XTimestamp"); got != detect.Time(tt.want) {
			t.Errorf("%s: %d, want %d", name, got, tt.want)
		}
	}
}
