package agent

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/gatemend/gatemend/detect"
	"github.com/gatemend/gatemend/policy"
)

// A site that a person mended a moment ago falls again: that says nothing of what the agent did hours before.
func TestPersonsRepairDoesNotComeBackOnOurs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, "shop")
		r := start(t, w.options())
		defer r.stop()
		w.crash("shop", detect.GunicornCrashed)
		r.trigger("shop", detect.SensorUnit)
		pass(2 * time.Hour) // healed by us
		w.crash("shop", detect.AppImportError)
		r.trigger("shop", detect.SensorUnit)
		pass(time.Minute)
		w.set("shop", func(s *siteState) { s.mend("shop") })
		pass(5 * time.Minute) // healed by a person
		w.crash("shop", detect.GunicornCrashed)
		r.trigger("shop", detect.SensorUnit)
		pass(time.Minute)
		if got := w.entries[0].Outcome; got != policy.Recovered {
			t.Errorf("what healed the site two hours before it fell again counts as %q", got)
		}
	})
}

// What was healed was healed before now, by the clock as it is set now: a person who asks for a heal of a
// healthy site is not told that it was just healed.
func TestClockStepMovesWhatIsOver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHost(t, "shop")
		defer func() { h.stop(false) }()
		h.fell(fate{what: "crash", site: "shop", cause: detect.GunicornCrashed})
		pass(time.Minute)
		h.clock.by.Add(-int64(24 * time.Hour))
		pass(time.Minute)
		v := h.r.Snapshot(t.Context()).Routes[0]
		if v.Last == nil || v.Last.Recovered > now() || v.Baseline > now() {
			t.Errorf("healed %s, seen healthy %s, and it is %s", v.Last.Recovered.Time(), v.Baseline.Time(), now().Time())
		}
	})
}
