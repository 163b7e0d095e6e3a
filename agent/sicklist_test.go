package agent

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/gatemend/gatemend/detect"
	"github.com/google/go-cmp/cmp"
)

// A site that once spoke for a cause that sites share, and is down of another by now, does not silence the next
// one that has it.
func TestVoiceIsOfTheCauseThatIs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, "one", "two")
		r := start(t, w.options())
		defer r.stop()
		w.crash("one", detect.DiskFull)
		r.trigger("one", detect.SensorUnit)
		pass(time.Minute)
		w.crash("one", detect.AppImportError) // the disk has room again, the app does not start
		r.trigger("one", detect.SensorUnit)
		pass(5 * time.Minute)
		w.crash("two", detect.DiskFull)
		r.trigger("two", detect.SensorUnit)
		pass(5 * time.Minute)
		if diff := cmp.Diff(map[string]int{"one": 2, "two": 1}, w.said()); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	})
}

// Incidents have names of their own, however many routes of however many sites fall in one second.
func TestNamesOfOneSecond(t *testing.T) {
	s, at := newSickList(), detect.At(time.Date(2026, 11, 26, 12, 0, 0, 0, time.UTC))
	seen := map[string]bool{}
	for _, site := range []string{"shop", "blog", "shop", "blog", "shop"} {
		seen[s.name(site, at)] = true
	}
	if len(seen) != 5 || !seen["20261126-120000-shop"] || !seen["20261126-120000-shop-3"] {
		t.Errorf("five incidents have the names %v", seen)
	}
}
