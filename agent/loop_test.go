package agent

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gatemend/gatemend/detect"
	"github.com/gatemend/gatemend/policy"
	"github.com/google/go-cmp/cmp"
)

// A killed master: noticed by the unit's signal, acted on at once, proven, told once.
func TestCrashIsHealedAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, "shop")
		r := start(t, w.options())
		defer r.stop()
		w.crash("shop", detect.GunicornCrashed)
		killed := time.Now()
		r.trigger("shop", detect.SensorUnit)
		pass(time.Minute)

		if got := w.verbs(); !cmp.Equal(got, []policy.Verb{policy.RestartUnit}) {
			t.Fatalf("actions %v, want one restart", got)
		}
		if took := w.acts[0].at.Sub(killed); took > 100*time.Millisecond {
			t.Errorf("acted after %s, want at once", took)
		}
		if got := w.told(); !cmp.Equal(got, []string{ToldHealed}) {
			t.Errorf("told %v, want healed, once", got)
		}
		if w.entries[0].Outcome != policy.Recovered {
			t.Errorf("history says %q", w.entries[0].Outcome)
		}
		if b := w.stored["shop"]; b.At.Time().Before(killed) || b.SlowestStart <= 0 {
			t.Errorf("baseline %+v, want one of this recovery with the time of the start", b)
		}
		v := r.Snapshot(t.Context()).Routes[0]
		if v.State != Idle || v.Last == nil {
			t.Fatalf("view %+v, want idle with a last incident", v)
		}
		if o := v.Last.Outage(now()); o < detect.For(100*time.Millisecond) || o > detect.For(time.Second) {
			t.Errorf("outage %s, want start of the evidence to the first answer", o)
		}
		l := *v.Last
		if !(l.FirstBad <= l.Noticed && l.Noticed <= l.Acted && l.Acted < l.FirstOK && l.FirstOK < l.Recovered) {
			t.Errorf("times out of order: %+v", l)
		}
	})
}

// Requests were answered up to 88 ms after a kill: a healthy answer right after a unit's
// signal is asked again.
func TestAnswersAfterTheKillDoNotHideIt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, "shop")
		r := start(t, w.options())
		defer r.stop()
		time.AfterFunc(88*time.Millisecond, func() { w.crash("shop", detect.GunicornCrashed) })
		r.trigger("shop", detect.SensorUnit)
		pass(time.Second)
		if got := w.verbs(); len(got) != 1 {
			t.Fatalf("actions %v, want one: the late death went unseen", got)
		}
		pass(time.Minute)
	})
}

// Ambiguous evidence is seen twice before it counts; gone by then, nothing is done or told.
func TestAmbiguousIsSeenTwice(t *testing.T) {
	for name, recovers := range map[string]bool{"stays": false, "passes": true} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, "shop")
				r := start(t, w.options())
				defer r.stop()
				w.crash("shop", detect.SocketStale)
				w.set("shop", func(s *siteState) { s.decisive = false })
				if recovers {
					time.AfterFunc(time.Second, func() { w.set("shop", func(s *siteState) { s.mend("shop") }) })
				}
				r.trigger("shop", detect.SensorUnit)
				pass(500 * time.Millisecond)
				if len(w.verbs()) != 0 {
					t.Fatal("acted on ambiguous evidence seen once")
				}
				pass(time.Minute)
				if got := len(w.verbs()); recovers && got != 0 || !recovers && got != 1 {
					t.Errorf("%d actions", got)
				}
				if recovers && len(w.told()) != 0 {
					t.Errorf("told %v of what passed within a second", w.told())
				}
			})
		})
	}
}

// What only a look saw, while the site answered before and after it, is no incident: nginx was restarted under the look.
func TestAMomentThatOnlyALookSaw(t *testing.T) {
	for name, passes := range map[string]bool{"stays": false, "passes": true} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, "shop")
				r := start(t, w.options())
				defer r.stop()
				var once sync.Once
				w.beforeCollect = func(string) {
					once.Do(func() {
						w.set("shop", func(s *siteState) { s.down, s.cause = true, detect.Unknown })
						if passes {
							time.AfterFunc(time.Second, func() { w.set("shop", func(s *siteState) { s.mend("shop") }) })
						}
					})
				}
				r.trigger("shop", detect.SensorUnit)
				pass(5 * time.Second)
				if v := r.Snapshot(t.Context()).Routes[0]; passes != (v.State == Idle && v.Last == nil) {
					t.Errorf("it is %s, the last incident %+v", v.State, v.Last)
				}
			})
		})
	}
}

// A burst of log lines while a second look is waited for makes no look of its own; the unit's news does.
func TestLogsDoNotHurryTheSecondLook(t *testing.T) {
	for sensor, hurries := range map[string]bool{detect.SensorErrorLog: false, detect.SensorUnit: true} {
		t.Run(sensor, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, "shop")
				r := start(t, w.options())
				defer r.stop()
				w.crash("shop", detect.SocketStale)
				w.set("shop", func(s *siteState) { s.decisive = false })
				r.trigger("shop", detect.SensorUnit)
				pass(500 * time.Millisecond)
				before := w.looks()
				for range 4 {
					r.trigger("shop", sensor)
					pass(50 * time.Millisecond)
				}
				if more := w.looks() - before; hurries != (more > 0) {
					t.Errorf("%d looks more", more)
				}
				pass(time.Minute)
				if len(w.verbs()) != 1 {
					t.Errorf("actions %v", w.verbs())
				}
			})
		})
	}
}

// A cause without a safe remedy: told once, reminded by schedule, never acted on; after the
// fix has settled the job is finished.
// One start per settled change, at most one in two minutes, and a fix that does not help
// leaves the incident open.
// A dry run is one message, no effect, and no climbing for as long as the facts stay.
// A shared cause is mended once, and told once.
func TestSharedCauseIsMendedOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, "one", "two")
		o := w.options()
		o.Settings.Limits.Gap = 0 // or policy alone would hold the second one back
		o.Decide = func(c policy.Case) policy.Decision {
			d := policy.Decide(c)
			time.Sleep(50 * time.Millisecond) // both decide before either acts
			return d
		}
		r := start(t, o)
		defer r.stop()
		w.crash("one", detect.GunicornCrashed)
		w.crash("two", detect.GunicornCrashed)
		w.beforeVerify = func(string) { // the first action heals both
			for _, s := range []string{"one", "two"} {
				w.set(s, func(st *siteState) { st.mend(s) })
			}
		}
		r.trigger("", detect.SensorUnit)
		pass(2 * time.Minute)
		if n := len(w.verbs()); n != 1 {
			t.Errorf("%d actions, want one: the second site was healed by the first's", n)
		}
		for _, v := range r.Snapshot(t.Context()).Routes {
			if v.State != Idle || v.Last == nil || v.Last.State != Idle && v.Last.State != Recovered {
				t.Errorf("site %s: %+v", v.Site, v)
			}
		}
	})
}

// Sites without a shared cause are healed one at a time, verified in between.
func TestOneAtATime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, "one", "two", "three")
		o := w.options()
		o.Settings.Limits.Gap = 0
		r := start(t, o)
		defer r.stop()
		for s := range w.sites {
			w.crash(s, detect.GunicornCrashed)
		}
		r.trigger("", detect.SensorUnit)
		pass(5 * time.Minute)
		if len(w.acts) != 3 {
			t.Fatalf("%d actions, want one a site", len(w.acts))
		}
		for i := 1; i < len(w.acts); i++ {
			if gap := w.acts[i].at.Sub(w.acts[i-1].at); gap < 10*time.Second {
				t.Errorf("the next action came %s after, before the proof of the one before", gap)
			}
		}
	})
}

// The agent does not feed itself: what its own restart makes the unit and the socket signal
// raises no incident.
func TestOwnRestartRaisesNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, "shop")
		r := start(t, w.options())
		defer r.stop()
		w.crash("shop", detect.GunicornCrashed)
		r.trigger("shop", detect.SensorUnit)
		pass(100 * time.Millisecond) // it acts now
		asked := w.asks()
		for range 20 {
			pass(50 * time.Millisecond)
			r.trigger("shop", detect.SensorUnit)
			r.trigger("shop", detect.SensorSocket)
		}
		pass(20 * time.Second)
		if n := w.asks(); n != asked {
			t.Errorf("asked %d times because of its own restart", n-asked)
		}
		if r.keepers[0].mail.count(eventSensors...) > 0 {
			t.Error("events of its own restart are kept as the reason of the next incident")
		}
		if len(w.acts) != 1 || len(w.told()) != 1 {
			t.Errorf("%d actions, told %v", len(w.acts), w.told())
		}
	})
}

// Sick again within the recurrence window: the action failed after all.
func TestCameBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, "shop")
		r := start(t, w.options())
		defer r.stop()
		for range 2 {
			w.crash("shop", detect.GunicornCrashed)
			r.trigger("shop", detect.SensorUnit)
			pass(5 * time.Minute)
		}
		if len(w.entries) != 2 || w.entries[0].Outcome != policy.CameBack {
			t.Fatalf("history %+v, want the first to have come back", w.entries)
		}
		pass(20 * time.Minute)
		w.crash("shop", detect.GunicornCrashed)
		r.trigger("shop", detect.SensorUnit)
		pass(5 * time.Minute)
		if w.entries[1].Outcome != policy.Recovered {
			t.Errorf("the second is %q after the window passed", w.entries[1].Outcome)
		}
	})
}

// Never silent for good: whatever policy waits for, a person hears within a minute; a start
// in its grace, when that is over.
// A site that answers while clients get errors: told once, never acted on, closed by proof.
// The 502s of an outage that was just healed do not make the site degraded.
// Without the record of past actions nothing is done, and a person hears why.
func TestNoHistoryNoAction(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, "shop")
		r := start(t, w.options())
		defer r.stop()
		w.mu.Lock()
		w.noAudit = errors.New("disk is read-only")
		w.mu.Unlock()
		w.crash("shop", detect.GunicornCrashed)
		r.trigger("shop", detect.SensorUnit)
		pass(5 * time.Minute)
		if len(w.acts) != 0 || !cmp.Equal(w.told(), []string{ToldSick}) {
			t.Fatalf("%d actions, told %v", len(w.acts), w.told())
		}
		w.mu.Lock()
		w.noAudit = nil
		w.mu.Unlock()
		pass(2 * time.Minute)
		if len(w.acts) != 1 {
			t.Errorf("%d actions once the record can be read again", len(w.acts))
		}
	})
}

// forgetful is a record that takes everything and gives nothing back.
type forgetful struct{ *world }

func (f forgetful) History(context.Context) ([]policy.Entry, error) {
	return nil, errors.New("cannot read segment 7: input/output error")
}

// Actions that could be recorded are not done either, where those before cannot be counted.
func TestUnreadableHistoryIsNotEmpty(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, "shop")
		o := w.options()
		o.Recorder = forgetful{w}
		r := start(t, o)
		defer r.stop()
		w.crash("shop", detect.GunicornCrashed)
		r.trigger("shop", detect.SensorUnit)
		pass(5 * time.Minute)
		i := r.Snapshot(t.Context()).Routes[0].Incident
		if len(w.acts) != 0 || i == nil || !cmp.Equal(codes(i.Decision), []policy.Code{policy.NoRecord}) {
			t.Errorf("did %v; %+v", w.verbs(), i)
		}
	})
}

// A message that cannot even be stored is tried again until it can.
// Flapping is said once; then only reminders, and one word when it is over.
// A hold keeps us off and mutes nothing.
// A proof that failed because the unit failed again ends at once, not after its patience.
func TestUnitFailsAgainDuringTheProof(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, "shop")
		r := start(t, w.options())
		defer r.stop()
		w.crash("shop", detect.GunicornCrashed)
		var once bool
		w.beforeVerify = func(string) {
			if !once {
				once = true
				time.AfterFunc(500*time.Millisecond, func() {
					w.crash("shop", detect.AppImportError)
					r.trigger("shop", detect.SensorUnit)
				})
			}
		}
		r.trigger("shop", detect.SensorUnit)
		pass(5 * time.Second)
		if w.entries[0].Outcome != policy.Failed {
			t.Errorf("outcome %q", w.entries[0].Outcome)
		}
		if !cmp.Equal(w.told(), []string{ToldSick}) {
			t.Errorf("told %v within five seconds", w.told())
		}
	})
}

// A person's restart within the recurrence window passes by itself: it says nothing about
// the action before it, and nobody is told.
func TestRestartByAPersonIsNoRecurrence(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, "shop")
		r := start(t, w.options())
		defer r.stop()
		w.crash("shop", detect.GunicornCrashed)
		r.trigger("shop", detect.SensorUnit)
		pass(5 * time.Minute)
		w.crash("shop", detect.GunicornStopped)
		w.set("shop", func(s *siteState) {
			s.unit.Active, s.unit.Sub, s.unit.Result = "activating", "start", "success"
			s.unit.Job = &detect.Job{ID: 7, Type: "start"}
		})
		r.trigger("shop", detect.SensorUnit)
		pass(1500 * time.Millisecond)
		w.set("shop", func(s *siteState) { s.mend("shop") })
		r.trigger("shop", detect.SensorUnit)
		pass(time.Minute)
		if len(w.acts) != 1 || w.entries[0].Outcome != policy.Recovered || len(w.told()) != 1 {
			t.Errorf("%d actions, outcome %q, told %v", len(w.acts), w.entries[0].Outcome, w.told())
		}
	})
}

// One unit behind two routes is mended once and told once.
// The message of a heal that took two rungs names what was wrong, not the healthy end.
// An incident that stays for days neither floods nginx's error log with probes nor keeps the
// machine busy with looks.
