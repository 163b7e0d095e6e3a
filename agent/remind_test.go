package agent

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gatemend/gatemend/detect"
	"github.com/gatemend/gatemend/policy"
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

// Reminders become rarer, and then come once a day for as long as the fault stays.
func TestRemindersOfAWeek(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, "shop")
		r := start(t, w.options())
		defer r.stop()
		w.crash("shop", detect.AppImportError)
		r.trigger("shop", detect.SensorUnit)
		pass(7*24*time.Hour + time.Minute)
		var after []time.Duration
		for _, m := range w.messages {
			after = append(after, m.At.Sub(w.messages[0].At).Duration().Round(time.Minute))
		}
		const h = time.Hour
		want := []time.Duration{0, h / 4, h, 4 * h, 24 * h, 48 * h, 72 * h, 96 * h, 120 * h, 144 * h, 168 * h}
		if diff := cmp.Diff(want, after); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	})
}

// A site that falls and is healed every few minutes, each time too soon for a reminder, is not forgotten.
func TestFlappingIsRemindedOf(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, "shop")
		r := start(t, w.options())
		defer r.stop()
		for range 50 { // for 150 minutes
			w.crash("shop", detect.AppImportError)
			r.trigger("shop", detect.SensorUnit)
			pass(time.Minute)
			w.set("shop", func(s *siteState) { s.mend("shop") })
			pass(2 * time.Minute)
		}
		pass(time.Hour)
		want := []string{
			ToldSick, ToldHealed, ToldSick, ToldHealed, ToldSick, ToldHealed, ToldFlapping,
			ToldStill, ToldStill, ToldHealed, // 15 min and an hour after it flapped; and calm
		}
		if diff := cmp.Diff(want, w.told()); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
		if m := w.messages[7]; !strings.HasPrefix(m.Did, "flapping for 15 min") {
			t.Errorf("it says %q", m.Did)
		}
	})
}

// Whoever was told by the agent before hears again from the next one when a reminder is due, not at its
// start, and not only when something changes.
func TestNextAgentReminds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, "shop")
		leftOpen(w)
		w.happened = true
		w.crash("shop", detect.GunicornCrashed)
		r := start(t, w.options())
		defer r.stop()
		pass(13 * time.Minute)
		if got := w.told(); len(got) != 0 {
			t.Fatalf("told %v, 14 min after the first word", got)
		}
		pass(2 * time.Minute)
		if diff := cmp.Diff([]string{ToldStill}, w.told()); diff != "" {
			t.Errorf("after 16 min (-want +got):\n%s", diff)
		}
	})
}

// Why nothing is done is in the record while it is so, each reason once.
func TestReasonsOfAWaitAreOnRecord(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, "shop")
		r := start(t, w.options())
		defer r.stop()
		w.entries = []policy.Entry{{
			Seq: 1, At: now(), Boot: "b", Uptime: detect.Span(now()), Site: "shop", Incident: "before",
			Verb: policy.RestartUnit, Unit: "shop.service", Outcome: policy.Failed,
		}}
		w.crash("shop", detect.GunicornCrashed)
		r.trigger("shop", detect.SensorUnit)
		var reasons [][]policy.Code
		pass(50 * time.Second) // of a cool-down of a minute
		for _, x := range w.records {
			if i, ok := x.data.(Incident); ok && i.Decision != nil {
				reasons = append(reasons, codes(i.Decision))
			}
		}
		want := [][]policy.Code{{policy.Gap, policy.Cooldown}, {policy.Cooldown}}
		if diff := cmp.Diff(want, reasons); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
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

// A reminder of a site that answers gets nobody up, and names no remedy that the agent would not try.
func TestReminderOfADegradedSite(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, "shop")
		r := start(t, w.options())
		defer r.stop()
		for end := time.Now().Add(20 * time.Minute); time.Now().Before(end); pass(10 * time.Second) {
			w.set("shop", func(s *siteState) { s.degraded, s.lastErr = true, now() })
			r.trigger("shop", detect.SensorAccessLog)
		}
		if diff := cmp.Diff([]string{ToldDegraded, ToldDegraded}, w.told()); diff != "" {
			t.Fatalf("(-want +got):\n%s", diff)
		}
		if m := w.messages[1]; m.Command != "sudo gatemend diagnose shop" || m.ID == w.messages[0].ID {
			t.Errorf("%s says to run %q", m.ID, m.Command)
		}
	})
}
