package agent

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/gatemend/gatemend/detect"
	"github.com/gatemend/gatemend/policy"
	"github.com/google/go-cmp/cmp"
)

// The first start on a healthy host proves it and takes the baseline, without a word.
func TestFirstStartTakesTheBaseline(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, "shop")
		w.stored["shop"] = nil
		r := start(t, w.options())
		defer r.stop()
		if w.stored["shop"] == nil || len(w.told()) != 0 {
			t.Errorf("baseline %v, told %v", w.stored["shop"], w.told())
		}
	})
}

// A site that was never seen healthy is told, not acted on; once a person has mended it, it
// is proven, and counts from then on.
func TestNeverSeenHealthy(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, "shop")
		w.stored["shop"] = nil
		w.crash("shop", detect.GunicornCrashed)
		r := start(t, w.options())
		defer r.stop()
		if len(w.acts) != 0 || !cmp.Equal(w.told(), []string{ToldSick}) {
			t.Fatalf("%d actions, told %v", len(w.acts), w.told())
		}
		w.set("shop", func(s *siteState) { s.mend("shop") })
		pass(time.Minute)
		if w.stored["shop"] == nil || !cmp.Equal(w.told(), []string{ToldSick, ToldHealed}) {
			t.Fatalf("baseline %v, told %v", w.stored["shop"], w.told())
		}
		w.crash("shop", detect.GunicornCrashed)
		r.trigger("shop", detect.SensorUnit)
		pass(time.Minute)
		if len(w.acts) != 1 {
			t.Errorf("%d actions on a site seen healthy", len(w.acts))
		}
	})
}

// Broken while nobody watched: found by the first look, without any trigger.
func TestBrokenBeforeTheStart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, "shop")
		w.crash("shop", detect.GunicornCrashed)
		r := start(t, w.options())
		defer r.stop()
		if len(w.acts) != 1 || w.isDown("shop") {
			t.Errorf("%d actions, down %v", len(w.acts), w.isDown("shop"))
		}
	})
}

// A crash between intent and result is resolved by looking (promise 2).
func TestOpenIntentIsResolvedByLooking(t *testing.T) {
	for name, tt := range map[string]struct {
		down bool
		want policy.Outcome
	}{"healthy": {false, policy.Recovered}, "sick": {true, policy.Inconclusive}} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, "shop")
				w.entries = []policy.Entry{{Seq: 1, At: now(), Boot: "a", Site: "shop", Verb: policy.RestartUnit, Unit: "shop.service", Outcome: policy.OutcomeOpen}}
				if tt.down {
					w.crash("shop", detect.AppImportError)
				}
				r := start(t, w.options())
				defer r.stop()
				if got := w.entries[0].Outcome; got != tt.want {
					t.Errorf("outcome %q, want %q", got, tt.want)
				}
			})
		})
	}
}

// What the host switches off is told once, with what it costs.
func TestSilentSourcesAreTold(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, "shop")
		o := w.options()
		o.Silent = []Silence{{Site: "shop", Sensor: detect.SensorAccessLog, Why: "access_log off;", Costs: []detect.Cause{detect.WorkerRecycled}}}
		r := start(t, o)
		defer r.stop()
		if got := w.told(); !cmp.Equal(got, []string{ToldSensor}) {
			t.Errorf("told %v", got)
		}
	})
}
