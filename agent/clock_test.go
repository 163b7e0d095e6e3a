package agent

import (
	"fmt"
	"slices"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gatemend/gatemend/detect"
	"github.com/gatemend/gatemend/policy"
	"github.com/google/go-cmp/cmp"
)

// setClock is a wall clock that a test sets. Time since boot goes on as it does; asleep adds to both.
type setClock struct{ by, asleep atomic.Int64 }

func (c *setClock) slept() time.Duration { return time.Duration(c.asleep.Load()) }

func settable(t *testing.T, o *Options) *setClock {
	c := &setClock{}
	wall = func() time.Time { return time.Now().Add(time.Duration(c.by.Load()) + c.slept()) }
	t.Cleanup(func() { wall = time.Now })
	o.Boot = func() (string, detect.Span) { return "b", detect.Span(detect.At(time.Now().Add(c.slept()))) }
	return c
}

// steps are what happens to clocks.
var steps = map[string]func(*setClock){
	"set back a day":     func(c *setClock) { c.by.Add(-int64(24 * time.Hour)) },
	"set ahead a day":    func(c *setClock) { c.by.Add(int64(24 * time.Hour)) },
	"asleep for a night": func(c *setClock) { c.asleep.Add(int64(8 * time.Hour)) },
}

// What was in flight when the clock jumped is void: neither a look nor a proof counts, and both are
// made again.
func TestClockJumpVoidsWhatIsInFlight(t *testing.T) {
	for name, step := range steps {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, "shop")
				o := w.options()
				c := settable(t, &o)
				r := start(t, o)
				defer r.stop()
				looks, proofs := 0, 0
				w.beforeCollect = func(string) {
					if looks++; looks == 1 {
						step(c)
					}
				}
				w.beforeVerify = func(string) {
					if proofs++; proofs == 1 {
						step(c)
					}
				}
				w.crash("shop", detect.GunicornCrashed)
				r.trigger("shop", detect.SensorUnit)
				pass(time.Minute)
				v := r.Snapshot(t.Context()).Routes[0]
				if v.State != Idle || len(w.acts) != 1 || v.Last == nil || v.Last.State != Recovered {
					t.Fatalf("%s after %d actions, last %+v", v.State, len(w.acts), v.Last)
				}
				if looks < 3 || proofs < 2 {
					t.Errorf("%d looks, %d proofs: what the jump voided was not made again", looks, proofs)
				}
			})
		})
	}
}

// Reminders come when they are due, whatever the clock does, and no sooner; the outage is as long as it was.
func TestClockStepsKeepReminders(t *testing.T) {
	for name, step := range steps {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, "shop")
				o := w.options()
				c := settable(t, &o)
				r := start(t, o)
				defer r.stop()
				w.crash("shop", detect.AppImportError)
				r.trigger("shop", detect.SensorUnit)
				pass(time.Minute)
				step(c)
				pass(5 * time.Minute)
				if diff := cmp.Diff([]string{ToldSick}, w.told()); diff != "" {
					t.Fatalf("after six minutes (-want +got):\n%s", diff)
				}
				pass(10 * time.Minute)
				if diff := cmp.Diff([]string{ToldSick, ToldStill}, w.told()); diff != "" {
					t.Fatalf("after sixteen minutes (-want +got):\n%s", diff)
				}
				w.set("shop", func(s *siteState) { s.mend("shop") })
				pass(time.Minute)
				i := r.Snapshot(t.Context()).Routes[0].Last
				if i == nil || i.State != Recovered {
					t.Fatalf("not closed: %+v", i)
				}
				was := 16 * time.Minute
				was += c.slept() // clients were without it all night
				if got := i.Outage(now()).Duration(); got < was || got > was+time.Minute {
					t.Errorf("the outage lasted %s, want about %s", got, was)
				}
			})
		})
	}
}

// A recovery that does not last is paid for, also where the clock was set in between, and the agent
// restarted.
func TestClockStepsExcuseNothing(t *testing.T) {
	for name, step := range steps {
		for _, restarted := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, agent restarted: %v", name, restarted), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) { excusesNothing(t, step, restarted) })
			})
		}
	}
}

func excusesNothing(t *testing.T, step func(*setClock), restarted bool) {
	w := newWorld(t, "shop")
	o := w.options()
	c := settable(t, &o)
	r := start(t, o)
	defer func() { r.stop() }()
	w.crash("shop", detect.GunicornCrashed)
	r.trigger("shop", detect.SensorUnit)
	pass(2 * time.Minute)
	if restarted {
		r.stop()
	}
	step(c)
	if restarted {
		r = start(t, o)
	}
	w.crash("shop", detect.GunicornCrashed)
	r.trigger("shop", detect.SensorUnit)
	pass(5 * time.Minute)
	cameBack := slices.ContainsFunc(w.entries, func(e policy.Entry) bool { return e.Seq == 1 && e.Outcome == policy.CameBack })
	if asleep := c.slept() > 0; cameBack == asleep { // a night is longer than the recurrence window
		t.Errorf("came back: %v; entries %+v", cameBack, w.entries)
	}
}
