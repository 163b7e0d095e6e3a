package agent

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/gatemend/gatemend/detect"
	"github.com/google/go-cmp/cmp"
)

// Where another site spoke for both until now, a person hears of this one for the first time: reminders
// count from then, not from hours ago.
func TestFirstWordOfItsOwnBeginsTheReminders(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, "one", "two")
		r := start(t, w.options())
		defer r.stop()
		for _, s := range []string{"one", "two"} {
			w.crash(s, detect.DiskFull)
			r.trigger(s, detect.SensorUnit)
			pass(time.Second)
		}
		pass(5 * time.Hour)
		if diff := cmp.Diff(map[string]int{"one": 4}, w.said()); diff != "" {
			t.Fatalf("of a full disk (-want +got):\n%s", diff)
		}
		w.set("one", func(s *siteState) { s.mend("one") })
		w.crash("two", detect.AppImportError)
		r.trigger("two", detect.SensorUnit)
		pass(time.Minute)
		pass(2 * time.Hour)
		if diff := cmp.Diff(map[string]int{"one": 5, "two": 3}, w.said()); diff != "" {
			t.Errorf("and of what was left (-want +got):\n%s", diff)
		}
	})
}

// said counts the messages about each site.
func (w *world) said() map[string]int {
	w.mu.Lock()
	defer w.mu.Unlock()
	n := map[string]int{}
	for _, m := range w.messages {
		n[m.Site]++
	}
	return n
}
