package agent

import (
	"errors"
	"slices"
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

// A cause without a safe remedy: told once, reminded by schedule, never acted on; after the
// fix has settled the job is finished.
func TestPersonIsToldRemindedAndHelped(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, "shop")
		r := start(t, w.options())
		defer r.stop()
		w.crash("shop", detect.AppImportError)
		began := time.Now()
		r.trigger("shop", detect.SensorUnit)
		pass(50 * time.Hour)

		var at []time.Duration
		for _, m := range w.messages {
			at = append(at, m.At.Time().Sub(began).Round(time.Minute))
		}
		want := []time.Duration{0, 15 * time.Minute, time.Hour, 4 * time.Hour, 24 * time.Hour, 48 * time.Hour}
		if !cmp.Equal(at, want) {
			t.Errorf("told at %v, want %v", at, want)
		}
		if len(w.verbs()) != 0 {
			t.Fatalf("acted: %v", w.verbs())
		}
		if !slices.Contains(w.watched, "/srv/shop/app.py") {
			t.Errorf("watched %v, want the file that the traceback names", w.watched)
		}

		edits := time.Now()
		for range 3 { // a deploy copies several files
			w.changed <- "/srv/shop/app.py"
			pass(4 * time.Second)
		}
		last := edits.Add(8 * time.Second)
		pass(time.Minute)
		if got := w.verbs(); !cmp.Equal(got, []policy.Verb{policy.StartUnit}) {
			t.Fatalf("actions %v, want one start", got)
		}
		if quiet := w.acts[0].at.Sub(last); quiet < 10*time.Second || quiet > 16*time.Second {
			t.Errorf("started %s after the last change, want 10 s of quiet", quiet)
		}
		if !w.entries[0].Mended {
			t.Error("the start was taken from the budget")
		}
		if got := w.told(); got[len(got)-1] != ToldHealed {
			t.Errorf("the last message is %q", got[len(got)-1])
		}
	})
}

// One start per settled change, at most one in two minutes, and a fix that does not help
// leaves the incident open.
func TestFixThatDoesNotHelp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, "shop")
		r := start(t, w.options())
		defer r.stop()
		w.crash("shop", detect.AppImportError)
		w.set("shop", func(s *siteState) { s.helps = []policy.Verb{} })
		r.trigger("shop", detect.SensorUnit)
		pass(time.Minute)
		for range 12 { // saved every 15 s for three minutes
			w.changed <- "/srv/shop/app.py"
			pass(15 * time.Second)
		}
		pass(10 * time.Minute)
		if n := len(w.verbs()); n < 2 || n > 3 {
			t.Errorf("%d starts in three minutes of edits, want one in two minutes", n)
		}
		for i := 1; i < len(w.acts); i++ {
			if gap := w.acts[i].at.Sub(w.acts[i-1].at); gap < mendGap {
				t.Errorf("two starts within %s", gap)
			}
		}
		if s := r.Snapshot(t.Context()).Routes[0].State; s != Escalated {
			t.Errorf("state %q, want escalated", s)
		}
	})
}

// A dry run is one message, no effect, and no climbing for as long as the facts stay.
func TestDryRunShowsOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, "shop")
		o := w.options()
		o.Settings.Mode, o.Remind = policy.ModeDryRun, nil
		r := start(t, o)
		defer r.stop()
		w.crash("shop", detect.GunicornCrashed)
		r.trigger("shop", detect.SensorUnit)
		pass(2 * time.Hour)
		if w.wouldDo != 1 || len(w.acts) != 0 {
			t.Errorf("rehearsed %d times and acted %d times, want 1 and 0", w.wouldDo, len(w.acts))
		}
		if got := w.told(); !cmp.Equal(got, []string{ToldWould}) {
			t.Errorf("told %v", got)
		}
	})
}

// A shared cause is mended once, and told once.
func TestSharedCauseIsMendedOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, "one", "two")
		r := start(t, w.options())
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
		r := start(t, w.options())
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
		for range 20 {
			pass(50 * time.Millisecond)
			r.trigger("shop", detect.SensorUnit)
			r.trigger("shop", detect.SensorSocket)
		}
		pass(time.Minute)
		before := w.looks()
		pass(5 * time.Minute)
		if n := w.looks(); n > before+1 { // one: the baseline anew
			t.Errorf("%d looks after the recovery, want none", n-before)
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
func TestWaitingIsTold(t *testing.T) {
	for name, tt := range map[string]struct {
		refusal policy.Code
		lasts   time.Duration
		want    time.Duration
	}{
		"foreign job":    {policy.ForeignJob, time.Hour, time.Minute},
		"start grace":    {policy.StartGrace, 5 * time.Minute, 5 * time.Minute},
		"endless grace":  {policy.StartGrace, 100 * time.Hour, longestGrace},
		"systemd's turn": {policy.SystemdFirst, 90 * time.Second, 90 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, "shop")
				o := w.options()
				ends := time.Now().Add(30 * time.Second).Add(tt.lasts)
				o.Decide = func(policy.Case) policy.Decision {
					until := detect.At(ends)
					return policy.Decision{Do: policy.DoWait, Why: "waits", Until: until, Refusals: []policy.Refusal{{Code: tt.refusal, Until: until}}}
				}
				r := start(t, o)
				defer r.stop()
				w.crash("shop", detect.GunicornCrashed)
				noticed := time.Now()
				r.trigger("shop", detect.SensorUnit)
				pass(14 * time.Minute)
				if len(w.messages) != 1 || w.messages[0].State != ToldWaiting {
					t.Fatalf("told %v", w.told())
				}
				if after := w.messages[0].At.Time().Sub(noticed); after < tt.want-time.Second || after > tt.want+5*time.Second {
					t.Errorf("told after %s, want %s", after, tt.want)
				}
			})
		})
	}
}

// A site that answers while clients get errors: told once, never acted on, closed by proof.
func TestDegradedIsToldNotActedOn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, "shop")
		r := start(t, w.options())
		defer r.stop()
		w.set("shop", func(s *siteState) { s.degraded, s.lastErr = true, now() })
		for range 30 {
			w.set("shop", func(s *siteState) { s.lastErr = now() })
			r.trigger("shop", detect.SensorAccessLog)
			pass(10 * time.Second)
		}
		if got := w.told(); !cmp.Equal(got, []string{ToldDegraded}) || len(w.acts) != 0 {
			t.Fatalf("told %v, %d actions", got, len(w.acts))
		}
		w.set("shop", func(s *siteState) { s.degraded = false })
		pass(2 * time.Minute)
		if got := w.told(); !cmp.Equal(got, []string{ToldDegraded, ToldHealed}) {
			t.Errorf("told %v", got)
		}
	})
}

// The 502s of an outage that was just healed do not make the site degraded.
func TestOldErrorsDoNotDegrade(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, "shop")
		r := start(t, w.options())
		defer r.stop()
		w.crash("shop", detect.GunicornCrashed)
		r.trigger("shop", detect.SensorUnit)
		pass(15 * time.Second)
		w.set("shop", func(s *siteState) { s.degraded = true }) // still in the window of 60 s
		r.trigger("shop", detect.SensorAccessLog)
		pass(time.Minute)
		if got := w.told(); !cmp.Equal(got, []string{ToldHealed}) {
			t.Errorf("told %v", got)
		}
	})
}

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

// A message that cannot even be stored is tried again until it can.
func TestMessageIsNotLost(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, "shop")
		r := start(t, w.options())
		defer r.stop()
		w.mu.Lock()
		w.noNotify = errors.New("no space left")
		w.mu.Unlock()
		w.crash("shop", detect.AppImportError)
		r.trigger("shop", detect.SensorUnit)
		pass(5 * time.Minute)
		w.mu.Lock()
		w.noNotify = nil
		w.mu.Unlock()
		pass(time.Minute)
		if got := w.told(); !cmp.Equal(got, []string{ToldSick}) {
			t.Errorf("told %v", got)
		}
	})
}

// Flapping is said once; then only reminders, and one word when it is over.
func TestFlappingIsSaidOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, "shop")
		r := start(t, w.options())
		defer r.stop()
		for range 12 {
			w.crash("shop", detect.AppImportError)
			r.trigger("shop", detect.SensorUnit)
			pass(time.Minute)
			w.set("shop", func(s *siteState) { s.mend("shop") })
			pass(2 * time.Minute)
		}
		pass(time.Hour)
		got := w.told()
		if n := count(got, ToldFlapping); n != 1 || len(got) > 8 {
			t.Errorf("told %v, want flapping said once", got)
		}
		if got[len(got)-1] != ToldHealed {
			t.Errorf("the last word is %q, want healed", got[len(got)-1])
		}
	})
}

func count(l []string, s string) (n int) {
	for _, x := range l {
		if x == s {
			n++
		}
	}
	return n
}

// A hold keeps us off and mutes nothing.
func TestHoldKeepsOffAndIsTold(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, "shop")
		w.holds = []policy.Hold{{Owner: "ann", Reason: "deploy", Until: now().Add(detect.For(30 * time.Minute))}}
		r := start(t, w.options())
		defer r.stop()
		w.crash("shop", detect.GunicornCrashed)
		r.trigger("shop", detect.SensorUnit)
		pass(29 * time.Minute)
		if len(w.acts) != 0 || count(w.told(), ToldSick) != 1 {
			t.Fatalf("%d actions under a hold, told %v", len(w.acts), w.told())
		}
		pass(2 * time.Minute)
		if len(w.acts) != 1 {
			t.Errorf("%d actions after the hold ended", len(w.acts))
		}
	})
}

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
