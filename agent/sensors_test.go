package agent

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gatemend/gatemend/detect"
	"github.com/gatemend/gatemend/detect/pulse"
)

// A sensor that is lost is recorded, started again with back-off, and every site looks:
// what happened meanwhile was not seen.
func TestLostSensorResyncs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, "one", "two")
		o := w.options()
		var runs []time.Time
		fail := make(chan error)
		o.Sensors = []Sensor{&sensorFunc{"dbus", func(ctx context.Context, _ chan<- detect.Trigger) error {
			runs = append(runs, time.Now())
			select {
			case err := <-fail:
				return err
			case <-ctx.Done():
				return nil
			}
		}}}
		r := start(t, o)
		defer r.stop()
		w.crash("two", detect.GunicornCrashed) // nobody signals it
		fail <- errors.New("connection closed")
		pass(3 * time.Second)
		if len(w.acts) != 1 || w.acts[0].site != "two" {
			t.Fatalf("acts %+v, want site two healed by the resync", w.acts)
		}
		pass(10 * time.Second)
		fail <- errors.New("connection closed")
		pass(time.Minute)
		if len(runs) != 3 || runs[1].Sub(runs[0]) < sensorBackoffFirst {
			t.Errorf("runs %v", runs)
		}
		var losses int
		for _, rec := range w.records {
			if rec.kind == RecordSensor {
				losses++
			}
		}
		s := r.Snapshot(t.Context())
		if losses != 2 || s.Sensors[0].Losses != 2 || !s.Sensors[0].Up || s.Sensors[0].Why != "connection closed" {
			t.Errorf("%d records, sensors %+v", losses, s.Sensors)
		}
	})
}

// What makes no event is found by the slow probe, and an idle day stays within the budget of
// requests to the app.
func TestProbeFindsWhatNobodyTells(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, "shop")
		r := start(t, w.options())
		defer r.stop()
		before, asked := w.looks(), w.requests()
		pass(24 * time.Hour)
		if n := w.requests() - asked; n > 3200 || n < 2800 {
			t.Errorf("%d requests on an idle day, want at most 3,200", n)
		}
		if n := w.looks(); n != before {
			t.Errorf("%d looks on an idle day", n-before)
		}
		w.crash("shop", detect.GunicornCrashed)
		pass(31 * time.Second)
		if len(w.acts) != 1 {
			t.Errorf("%d actions, want the probe to have found it", len(w.acts))
		}
		pass(time.Minute)
	})
}

// A client's answered request replaces a probe, but not for ever: nginx may serve files.
func TestServedReplacesProbes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, "shop")
		r := start(t, w.options())
		defer r.stop()
		asked := w.requests()
		for range 360 {
			r.Served("shop", "", now())
			pass(10 * time.Second)
		}
		if n := w.requests() - asked; n < 10 || n > 13 {
			t.Errorf("%d probes in an hour of traffic, want one in five minutes", n)
		}
	})
}

// The watchdog is fed by keepers that answer from where they wait, and by stages within
// their bounds; a stuck stage starves it.
func TestAlive(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, "shop")
		stuck, release := false, make(chan struct{})
		w.beforeCollect = func(string) {
			if stuck {
				<-release
			}
		}
		r := start(t, w.options())
		defer r.stop()
		frozen := func() []pulse.Frozen {
			ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
			defer cancel()
			return r.beat.Frozen(ctx)
		}
		if l := frozen(); l != nil {
			t.Errorf("parked: %v", l)
		}
		stuck = true
		w.crash("shop", detect.GunicornCrashed)
		r.trigger("shop", detect.SensorUnit)
		pass(collectBound)
		if l := frozen(); l != nil {
			t.Errorf("within its bound: %v", l)
		}
		pass(stallLimit + time.Second)
		if l := frozen(); len(l) != 1 || l[0].Name != "the loop of shop/" {
			t.Errorf("frozen: %v, want the loop that is stuck, alone", l)
		}
		stuck = false
		close(release)
		pass(time.Minute)
		if l := frozen(); l != nil {
			t.Errorf("after it came loose: %v", l)
		}
		if len(w.acts) != 1 {
			t.Errorf("%d actions: what a stalled look saw is void, the next one counts", len(w.acts))
		}
	})
}

// A look during which our own loop stood still is void; a slow one is not.
func TestStalledLookIsVoid(t *testing.T) {
	for took, want := range map[time.Duration]bool{collectBound + stallLimit - time.Second: true, collectBound + stallLimit + time.Second: false} {
		synctest.Test(t, func(t *testing.T) {
			w := newWorld(t, "shop")
			w.beforeCollect = func(string) { time.Sleep(took) }
			a, err := New(w.options())
			if err != nil {
				t.Fatal(err)
			}
			if _, ok := a.keepers[0].look(t.Context(), false); ok != want {
				t.Errorf("after %s: counts %v, want %v", took, ok, want)
			}
		})
	}
}
