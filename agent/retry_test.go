package agent

import (
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gatemend/gatemend/detect"
)

// What could not be stored when a site was healed is told later, of that incident: not of the next one, which is
// open.
func TestLateWordIsOfItsIncident(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, "shop")
		r := start(t, w.options())
		defer r.stop()
		fails := func(err error) { w.mu.Lock(); defer w.mu.Unlock(); w.noNotify = err }
		w.crash("shop", detect.AppImportError)
		r.trigger("shop", detect.SensorUnit)
		pass(time.Minute)
		fails(errors.New("no space left"))
		w.set("shop", func(s *siteState) { s.mend("shop") })
		pass(20 * time.Second)
		first := r.Snapshot(t.Context()).Routes[0].Last
		fails(nil)
		w.crash("shop", detect.AppImportError)
		r.trigger("shop", detect.SensorUnit)
		pass(2 * time.Minute)
		if first == nil || first.State != Recovered {
			t.Fatalf("not healed: %+v", first)
		}
		healed := false
		for _, m := range w.messages {
			healed = healed || m.State == ToldHealed
			if m.State == ToldHealed && m.Incident != first.ID {
				t.Errorf("told %q of %s, which is open; %s was healed", m.State, m.Incident, first.ID)
			}
		}
		if !healed {
			t.Errorf("told %v", w.told())
		}
	})
}
