package agent

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/gatemend/gatemend/detect"
)

// flood has the error log tell of clients' errors as often as its sensor does.
func (r *running) flood(site string, d time.Duration) {
	for end := time.Now().Add(d); time.Now().Before(end); {
		r.trigger(site, detect.SensorErrorLog)
		pass(400 * time.Millisecond)
	}
}

// A site that hangs and waits for a person is asked ever more rarely, however many errors its clients
// get: each request that hangs is one more in gunicorn's queue.
func TestClientsErrorsDoNotHurryRequests(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, "shop")
		r := start(t, w.options())
		defer r.stop()
		w.crash("shop", detect.WorkerTimeout)
		w.set("shop", func(s *siteState) { s.hangs = true })
		r.trigger("shop", detect.SensorUnit)
		pass(5 * time.Minute)
		before := w.asks()
		pass(5 * time.Minute)
		calm := w.asks() - before
		before = w.asks()
		r.flood("shop", 5*time.Minute)
		if n := w.asks() - before; n > calm+1 {
			t.Errorf("asked %d times in five minutes of errors, and %d without", n, calm)
		}
		w.set("shop", func(s *siteState) { s.mend("shop") })
		r.flood("shop", time.Minute)
		if v := r.Snapshot(t.Context()).Routes[0]; v.State != Idle {
			t.Errorf("%s a minute after it was mended", v.State)
		}
	})
}

// While a unit starts, clients' errors are no reason to look again and again whether it failed.
func TestClientsErrorsDuringAProof(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, "shop")
		r := start(t, w.options())
		defer r.stop()
		var looks int
		w.beforeVerify = func(string) {
			looks = w.looks()
			r.trigger("shop", detect.SensorUnit) // it starts
			for range 100 {
				r.trigger("shop", detect.SensorErrorLog)
				time.Sleep(400 * time.Millisecond)
			}
			looks = w.looks() - looks
		}
		w.crash("shop", detect.GunicornCrashed)
		r.trigger("shop", detect.SensorUnit)
		pass(2 * time.Minute)
		if looks < 1 || looks > 2 {
			t.Errorf("%d looks for one event of the unit", looks)
		}
	})
}
