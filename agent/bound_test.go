package agent

import (
	"context"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gatemend/gatemend/detect"
	"github.com/gatemend/gatemend/policy"
)

// shown is the case of what `plan` shows a person.
func shown(t *testing.T, a *Agent) policy.Case {
	t.Helper()
	e, err := a.Examine(t.Context(), "shop", true)
	if err != nil || len(e) != 1 || e[0].Decision.Do != policy.DoAct {
		t.Fatalf("plan: %+v, %v", e, err)
	}
	return e[0].Case
}

// planHealers are the two ways in which a plan is asked for. The running agent is one that only
// watches, so that what is done is done for the person.
var planHealers = map[string]func(*testing.T, *world, func(policy.Case)) []Result{
	"of the running agent": func(t *testing.T, w *world, between func(policy.Case)) []Result {
		o := w.options()
		o.Settings.Mode = policy.ModeDryRun
		r := start(t, o)
		defer r.stop()
		then := shown(t, r.Agent)
		between(then)
		res, err := r.HealPlan(t.Context(), then, "ann")
		if err != nil {
			t.Fatal(err)
		}
		pass(5 * time.Minute)
		return res
	},
	"without an agent": func(t *testing.T, w *world, between func(policy.Case)) []Result {
		a, err := New(w.options())
		if err != nil {
			t.Fatal(err)
		}
		then := shown(t, a)
		between(then)
		res, err := a.OncePlan(t.Context(), then, "ann")
		if err != nil {
			t.Fatal(err)
		}
		return res
	},
}

func TestHealOfAPlan(t *testing.T) {
	for name, tt := range map[string]struct {
		between func(*world)
		acts    int
		moved   string // of the refusal
		refused string
		state   State
	}{
		"nothing moved": {acts: 1, state: Idle},
		"the reason changed": {
			between: func(w *world) { w.set("shop", func(s *siteState) { s.unit.Result = "oom-kill" }) },
			moved:   "result of shop.service: signal → oom-kill", refused: planRefused,
		},
		"another cause": {
			between: func(w *world) { w.set("shop", func(s *siteState) { s.cause = detect.SocketStale }) },
			moved:   "cause: gunicorn-crashed → socket-stale", refused: planRefused,
		},
		"it was paused": {
			between: func(w *world) { w.hold(policy.Hold{Owner: "bob", Reason: "deploy"}) },
			moved:   "holds: nothing known → all sites held by bob (deploy)", refused: planRefused,
		},
		"time has passed": {between: func(*world) { pass(3 * time.Minute) }, acts: 1, state: Idle},
		"it was mended meanwhile": {
			between: func(w *world) { w.set("shop", func(s *siteState) { s.mend("shop") }) },
			state:   Idle,
		},
		"it does not help": {
			between: func(w *world) { w.set("shop", func(s *siteState) { s.helps = []policy.Verb{policy.ReloadNginx} }) },
			acts:    1, refused: "the plan was carried out, and the site is not healed",
		},
	} {
		for who, heal := range planHealers {
			t.Run(name+", "+who, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					w := newWorld(t, "shop")
					w.crash("shop", detect.GunicornCrashed)
					res := heal(t, w, func(policy.Case) {
						if tt.between != nil {
							tt.between(w)
						}
					})
					if len(res) != 1 || !strings.HasPrefix(res[0].Refused, tt.refused) || (tt.refused == "") != (res[0].Refused == "") {
						t.Fatalf("result %+v", res)
					}
					if tt.moved != "" && !slices.Contains(res[0].Moved, tt.moved) {
						t.Errorf("moved %q, want %q", res[0].Moved, tt.moved)
					}
					if tt.state != "" && res[0].State != tt.state {
						t.Errorf("state %s, want %s", res[0].State, tt.state)
					}
					if len(w.acts) != tt.acts {
						t.Errorf("%d actions, want %d", len(w.acts), tt.acts)
					}
					for _, a := range w.acts {
						if r := a.c.Incident.Release; r == nil || r.By != "ann" || r.Plan != policy.Fingerprint(a.c) {
							t.Errorf("acted on %+v", r)
						}
					}
					if said := w.words(); tt.refused != "" && (len(said) != 1 || said[0].What != WordRefused || said[0].By != "ann") {
						t.Errorf("recorded %+v", said)
					}
				})
			})
		}
	}
}

// words are what the record says of persons' words.
func (w *world) words() (l []Word) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, r := range w.records {
		if v, ok := r.data.(Word); ok {
			l = append(l, v)
		}
	}
	return l
}

// At the last moment, by the executor's own look.
func TestPlanRefusedByTheLastCheck(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, "shop")
		w.crash("shop", detect.GunicornCrashed)
		o := w.options()
		o.Executor = refuses{w}
		a, err := New(o)
		if err != nil {
			t.Fatal(err)
		}
		res, err := a.OncePlan(t.Context(), shown(t, a), "ann")
		if err != nil || res[0].Refused != planRefused || !slices.Equal(res[0].Moved, []string{"mode of x: 0660 → 0000"}) {
			t.Errorf("%+v, %v", res, err)
		}
	})
}

// refuses finds at the last moment that something moved.
type refuses struct{ *world }

func (refuses) Execute(context.Context, policy.Case, policy.Decision) (Report, error) {
	return Report{Refused: true, Why: "mode of x: 0660 → 0000"}, nil
}

// Who asks for a plan that moved does not take anything from who asks for whatever helps.
func TestTwoAskAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, "shop")
		w.crash("shop", detect.GunicornCrashed)
		o := w.options()
		o.Settings.Mode = policy.ModeDryRun
		r := start(t, o)
		defer r.stop()
		then := shown(t, r.Agent)
		w.set("shop", func(s *siteState) { s.unit.Result = "oom-kill" })
		type answer struct {
			res []Result
			err error
		}
		plan, plain := make(chan answer, 1), make(chan answer, 1)
		go func() { res, err := r.HealPlan(t.Context(), then, "ann"); plan <- answer{res, err} }()
		synctest.Wait()
		go func() { res, err := r.Heal(t.Context(), "shop", "bob"); plain <- answer{res, err} }()
		if a := <-plan; a.err != nil || a.res[0].Refused == "" {
			t.Errorf("the plan: %+v", a)
		}
		if a := <-plain; a.err != nil || a.res[0].State != Idle || a.res[0].Refused != "" {
			t.Errorf("the heal: %+v", a)
		}
		if len(w.acts) != 1 || w.acts[0].c.Incident.By != "bob" || w.acts[0].c.Incident.Release != nil {
			t.Errorf("acts %+v", w.acts)
		}
	})
}

func TestPlanOfARouteThatIsGone(t *testing.T) {
	w := newWorld(t, "shop")
	a, err := New(w.options())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := a.OncePlan(t.Context(), policy.Case{Facts: detect.Facts{Site: "blog"}}, "ann"); err == nil {
		t.Error("a plan of an unknown site was taken")
	}
	if _, err := a.HealPlan(t.Context(), policy.Case{Facts: detect.Facts{Site: "shop", Route: detect.Route{Path: "/api"}}}, "ann"); err == nil {
		t.Error("a plan of an unknown route was taken")
	}
}

// What heal would do now depends on what was tried in the open incident.
func TestPlanKnowsWhatWasTried(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, "shop")
		w.set("shop", func(s *siteState) { s.helps = []policy.Verb{policy.ReloadNginx} })
		r := start(t, w.options())
		defer r.stop()
		w.crash("shop", detect.GunicornCrashed)
		r.trigger("shop", detect.SensorUnit)
		pass(2 * time.Minute)
		e, err := r.Examine(t.Context(), "shop", true)
		if err != nil || e[0].Decision.Do != policy.DoEscalate || !slices.Contains(e[0].Case.Incident.Tried, policy.RestartUnit) {
			t.Errorf("tried %v: %s: %s, %v", e[0].Case.Incident.Tried, e[0].Decision.Do, e[0].Decision.Why, err)
		}
	})
}
