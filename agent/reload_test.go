package agent

import (
	"context"
	"slices"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gatemend/gatemend/detect"
	"github.com/gatemend/gatemend/policy"
	"github.com/google/go-cmp/cmp"
)

// reload gives the running agent the present setup with a change.
func (r *running) reload(t *testing.T, change func(*Setup)) {
	t.Helper()
	s := *r.setup.Load()
	s.Sites, s.Sensors = slices.Clone(s.Sites), slices.Clone(s.Sensors)
	change(&s)
	if err := r.Reload(t.Context(), s); err != nil {
		t.Fatal(err)
	}
	synctest.Wait()
}

func (r *running) view(t *testing.T, site string) View {
	t.Helper()
	for _, v := range r.Snapshot(t.Context()).Routes {
		if v.Site == site {
			return v
		}
	}
	return View{}
}

// An open incident outlives a reload under its name, and is decided anew under what is configured now.
func TestReloadDecidesAnew(t *testing.T) {
	dry := func(s *Setup) { s.Settings.Mode = policy.ModeDryRun }
	act := func(s *Setup) { s.Settings.Mode = policy.ModeAct }
	for name, tt := range map[string]struct {
		before, reload func(*Setup)
		acts           []policy.Verb
		state          State
		told           []string
	}{
		"armed": {before: dry, reload: act, acts: []policy.Verb{policy.RestartUnit}, state: Idle, told: []string{ToldWould, ToldHealed}},
		"a budget is given": {
			before: func(s *Setup) { s.Settings.Limits.RestartsPerSiteDay = 0 },
			reload: func(s *Setup) { s.Settings.Limits.RestartsPerSiteDay = 6 },
			acts:   []policy.Verb{policy.RestartUnit}, state: Idle, told: []string{ToldSick, ToldHealed},
		},
		"the site is managed": {
			before: func(s *Setup) { s.Sites[0].Routes[0].Manage = detect.ManageObserve },
			reload: func(s *Setup) { s.Sites = []detect.Site{site("shop")} },
			acts:   []policy.Verb{policy.RestartUnit}, state: Idle, told: []string{ToldSick, ToldHealed},
		},
		"nothing changed": {before: dry, reload: func(*Setup) {}, state: Escalated, told: []string{ToldWould}},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, "shop")
				o := w.options()
				tt.before(&o.Setup)
				r := start(t, o)
				defer r.stop()
				w.crash("shop", detect.GunicornCrashed)
				r.trigger("shop", detect.SensorUnit)
				pass(2 * time.Minute)
				was := r.view(t, "shop").Incident
				r.reload(t, tt.reload)
				pass(time.Minute)
				if diff := cmp.Diff(tt.acts, w.verbs()); diff != "" {
					t.Errorf("actions (-want +got):\n%s", diff)
				}
				if diff := cmp.Diff(tt.told, w.told()); diff != "" {
					t.Errorf("told (-want +got):\n%s", diff)
				}
				v := r.view(t, "shop")
				is := v.Incident
				if is == nil {
					is = v.Last
				}
				if v.State != tt.state || was == nil || is == nil || is.ID != was.ID {
					t.Errorf("%s: incident %+v was %+v", v.State, is, was)
				}
			})
		})
	}
}

// What was decided under the old configuration and waits for its turn is not done any more, nor rehearsed.
func TestReloadVoidsADecisionThatWaits(t *testing.T) {
	for name, tt := range map[string]struct {
		reload func(*Setup)
		would  int
	}{
		"a dry run":         {func(s *Setup) { s.Settings.Mode = policy.ModeDryRun }, 1},
		"no longer managed": {func(s *Setup) { s.Sites[0].Routes[0].Manage = detect.ManageObserve }, 0},
		"the budget is cut": {func(s *Setup) { s.Settings.Mode, s.Settings.Limits.RestartsPerSiteDay = policy.ModeDryRun, 0 }, 0},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, "shop")
				r := start(t, w.options())
				defer r.stop()
				r.turns.slots <- struct{}{} // somebody acts
				w.crash("shop", detect.GunicornCrashed)
				r.trigger("shop", detect.SensorUnit)
				pass(10 * time.Second)
				r.reload(t, func(s *Setup) { s.Sites = []detect.Site{site("shop")}; tt.reload(s) })
				<-r.turns.slots
				pass(time.Minute)
				if len(w.acts) != 0 || w.wouldDo != tt.would {
					t.Errorf("%d actions and %d rehearsals, want none and %d", len(w.acts), w.wouldDo, tt.would)
				}
			})
		})
	}
}

// An action that has begun ends as it began, and is proven.
func TestReloadDuringAnAction(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, "shop")
		r := start(t, w.options())
		defer r.stop()
		w.crash("shop", detect.GunicornCrashed)
		r.trigger("shop", detect.SensorUnit)
		time.Sleep(time.Second) // it is proven now: ten seconds
		if s := w.last(RecordIncident).data.(Incident).State; s != Verifying {
			t.Fatalf("the incident is %s", s)
		}
		r.reload(t, func(s *Setup) { s.Settings.Mode, s.Settings.Limits.RestartsPerSiteDay = policy.ModeDryRun, 1 })
		pass(time.Minute)
		if got := w.entries[0].Outcome; len(w.acts) != 1 || got != policy.Recovered || r.view(t, "shop").State != Idle {
			t.Errorf("%d actions, outcome %q, %s", len(w.acts), got, r.view(t, "shop").State)
		}
	})
}

func (w *world) last(kind string) recorded {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, r := range slices.Backward(w.records) {
		if r.kind == kind {
			return r
		}
	}
	return recorded{}
}

// A site that comes is looked after, one that goes is left alone: its incident is over without a proof,
// what was begun there is paid for, and who asked for it is answered.
func TestReloadOfSites(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, "shop", "blog")
		o := w.options()
		o.Sites = []detect.Site{site("shop")}
		r := start(t, o)
		defer r.stop()
		w.set("shop", func(s *siteState) { s.helps = []policy.Verb{} })
		w.crash("shop", detect.GunicornCrashed)
		r.trigger("shop", detect.SensorUnit)
		time.Sleep(200 * time.Millisecond) // the action is under way
		asked := r.keepersOf("shop")[0]
		r.reload(t, func(s *Setup) { s.Sites = []detect.Site{site("blog")} })
		pass(30 * time.Second)
		if got := w.entries[0].Outcome; len(w.entries) != 1 || got == policy.Recovered || got == policy.OutcomeOpen {
			t.Errorf("what was begun: %+v", w.entries)
		}
		if i := w.last(RecordIncident).data.(Incident); i.Site != "shop" || i.State != Dropped {
			t.Errorf("the incident of %s is %s", i.Site, i.State)
		}
		if asked.mail.ask(&request{}) {
			t.Error("a keeper that has left takes requests")
		}
		if _, err := r.Heal(t.Context(), "shop", "ann"); err == nil {
			t.Error("a site that has left can be healed")
		}
		acts := len(w.acts)
		w.crash("blog", detect.GunicornCrashed)
		r.trigger("blog", detect.SensorUnit)
		pass(time.Minute)
		if v := r.view(t, "blog"); v.State != Idle || len(w.acts) != acts+1 {
			t.Errorf("the new site is %s after %d actions", v.State, len(w.acts)-acts)
		}
		w.set("shop", func(s *siteState) { s.mend("shop") })
		r.reload(t, func(s *Setup) { s.Sites = []detect.Site{site("blog"), site("shop")} })
		pass(30 * time.Second)
		if v := r.view(t, "shop"); v.State != Idle || v.Incident != nil {
			t.Errorf("the site that came back is %s: %+v", v.State, v.Incident)
		}
	})
}

// A site that moved is asked where it is now, its open incident stays, and nothing is done before it
// was seen healthy there.
func TestReloadOfASiteThatMoved(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, "shop")
		o := w.options()
		o.Fingerprint = func(s detect.Site) string { return s.Routes[0].Target.Address }
		w.stored["shop"].Config = o.Fingerprint(o.Sites[0])
		r := start(t, o)
		defer r.stop()
		w.crash("shop", detect.AppImportError)
		r.trigger("shop", detect.SensorUnit)
		pass(time.Minute)
		was := r.view(t, "shop").Incident
		w.crash("shop", detect.GunicornCrashed)
		r.reload(t, func(s *Setup) { s.Sites[0] = site("shop"); s.Sites[0].Routes[0].Target = detect.Unix("/run/new.sock") })
		pass(time.Minute)
		v := r.view(t, "shop")
		if v.Target != "unix:/run/new.sock" || v.Incident == nil || v.Incident.ID != was.ID || len(w.acts) != 0 {
			t.Fatalf("%+v after %d actions", v, len(w.acts))
		}
		if d := v.Incident.Decision; !slices.ContainsFunc(d.Refusals, func(r policy.Refusal) bool { return r.Code == policy.NeverHealthy }) {
			t.Errorf("not refused for never having been healthy: %+v", d)
		}
		w.set("shop", func(s *siteState) { s.mend("shop") })
		pass(2 * time.Minute)
		if v := r.view(t, "shop"); v.State != Idle || w.told()[len(w.told())-1] != ToldHealed {
			t.Errorf("%s, told %v", v.State, w.told())
		}
	})
}

// A sensor that stays goes on, one that goes has ended before the next begins, and what a new one did
// not see is looked for.
func TestReloadOfSensors(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var on, began, ended atomic.Int32
		watch := func(ctx context.Context, _ chan<- detect.Trigger) error {
			began.Add(1)
			if on.Add(1) > 2 {
				t.Error("the next one began before one that goes had ended")
			}
			<-ctx.Done()
			ended.Add(1)
			on.Add(-1)
			return nil
		}
		w := newWorld(t, "shop")
		o := w.options()
		stays, goes := &sensorFunc{"stays", watch}, &sensorFunc{"goes", watch}
		o.Sensors = []Sensor{stays, goes}
		r := start(t, o)
		defer r.stop()
		looks := w.asks()
		r.reload(t, func(s *Setup) { s.Sensors = slices.DeleteFunc(s.Sensors, func(s Sensor) bool { return s == goes }) })
		if on.Load() != 1 || ended.Load() != 1 {
			t.Errorf("%d run, %d ended", on.Load(), ended.Load())
		}
		r.reload(t, func(s *Setup) { s.Sensors = append(s.Sensors, &sensorFunc{"comes", watch}) })
		pass(time.Second)
		if on.Load() != 2 || began.Load() != 3 || w.asks() == looks {
			t.Errorf("%d run, %d began, %d looks", on.Load(), began.Load(), w.asks()-looks)
		}
		r.reload(t, func(s *Setup) { s.Sensors[len(s.Sensors)-1] = &sensorFunc{"another in its place", watch} })
		if on.Load() != 2 || began.Load() != 4 {
			t.Errorf("%d run, %d began", on.Load(), began.Load())
		}
	})
}

func TestReloadRefusesWhatCannotBeKept(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, "shop")
		r := start(t, w.options())
		defer r.stop()
		s := *r.setup.Load()
		s.Verifier = nil
		if err := r.Reload(t.Context(), s); err == nil || r.setup.Load().Verifier == nil {
			t.Error("a setup without a verifier was taken")
		}
	})
}

// However many may act from now on, whoever acts keeps his turn.
func TestTurnsAreResized(t *testing.T) {
	free := func(t *turns) int { return cap(t.slots) - len(t.slots) }
	u := newTurns(2)
	u.slots <- struct{}{}
	u.slots <- struct{}{}
	u.resize(1)
	if n := free(u); n != 0 {
		t.Errorf("%d free while two act and one may", n)
	}
	u.giveBack()
	if n := free(u); n != 0 {
		t.Errorf("%d free while one acts and one may", n)
	}
	u.giveBack()
	if n := free(u); n != 1 {
		t.Errorf("%d free while nobody acts and one may", n)
	}
	u.resize(8)
	if n := free(u); n != 8 {
		t.Errorf("%d free of eight", n)
	}
}
