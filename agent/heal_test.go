package agent

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gatemend/gatemend/detect"
	"github.com/gatemend/gatemend/policy"
)

// A person's heal passes mode and waits, acts, and reports what the verifier proved.
func TestHealByPerson(t *testing.T) {
	for name, heal := range map[string]func(*testing.T, *world) []Result{
		"of the running agent": func(t *testing.T, w *world) []Result {
			o := w.options()
			o.Settings.Mode = policy.ModeDryRun
			r := start(t, o)
			defer r.stop()
			res, err := r.Heal(t.Context(), "shop", "ann")
			if err != nil {
				t.Fatal(err)
			}
			return res
		},
		"without an agent": func(t *testing.T, w *world) []Result {
			o := w.options()
			o.Settings.Mode = policy.ModeDryRun
			a, err := New(o)
			if err != nil {
				t.Fatal(err)
			}
			res, err := a.Once(t.Context(), "shop", "ann")
			if err != nil {
				t.Fatal(err)
			}
			return res
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, "shop")
				w.crash("shop", detect.GunicornCrashed)
				res := heal(t, w)
				if len(res) != 1 || res[0].State != Idle || res[0].Incident.State != Recovered {
					t.Fatalf("result %+v", res)
				}
				if len(w.acts) != 1 || !w.acts[0].c.Incident.Person || w.acts[0].c.Incident.By != "ann" {
					t.Errorf("acts %+v", w.acts)
				}
				if w.isDown("shop") {
					t.Error("still down")
				}
			})
		})
	}
}

// Who asks again after it was healed hears of that incident, not of the look that found nothing.
func TestHealTellsOfTheLastIncident(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, "shop")
		w.crash("shop", detect.GunicornCrashed)
		r := start(t, w.options())
		defer r.stop()
		for range 2 {
			res, err := r.Heal(t.Context(), "shop", "ann")
			if err != nil {
				t.Fatal(err)
			}
			if len(res) != 1 || res[0].State != Idle || res[0].Incident.State != Recovered || res[0].Incident.ID == "" {
				t.Fatalf("result %+v", res)
			}
		}
	})
}

// Nothing safe to do: the heal says so at once instead of waiting.
func TestHealThatNeedsAPerson(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, "shop")
		w.crash("shop", detect.AppImportError)
		a, err := New(w.options())
		if err != nil {
			t.Fatal(err)
		}
		began := time.Now()
		res, err := a.Once(t.Context(), "shop", "ann")
		if err != nil || res[0].State != Escalated || len(w.acts) != 0 {
			t.Fatalf("result %+v, %v, %d actions", res, err, len(w.acts))
		}
		if took := time.Since(began); took > 5*time.Second {
			t.Errorf("answered after %s", took)
		}
	})
}

// A person is answered within their patience, with what is waited for.
func TestHealThatWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, "shop")
		o := w.options()
		o.Decide = func(c policy.Case) policy.Decision {
			return policy.Decision{Do: policy.DoWait, Why: "apt holds its lock", Until: c.Now.Add(detect.For(time.Hour))}
		}
		w.crash("shop", detect.GunicornCrashed)
		a, err := New(o)
		if err != nil {
			t.Fatal(err)
		}
		began := time.Now()
		res, err := a.Once(t.Context(), "shop", "ann")
		if err != nil || res[0].Waits != "apt holds its lock" || time.Since(began) > patience+longestWait {
			t.Errorf("after %s: %+v, %v", time.Since(began), res, err)
		}
	})
}

func TestHealOfHealthyAndUnknownSites(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, "shop")
		r := start(t, w.options())
		defer r.stop()
		res, err := r.Heal(t.Context(), "", "ann")
		if err != nil || len(res) != 1 || res[0].State != Idle || len(w.acts) != 0 {
			t.Errorf("%+v, %v", res, err)
		}
		if _, err := r.Heal(t.Context(), "nosuch", "ann"); err == nil {
			t.Error("an unknown site was healed")
		}
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if _, err := r.Heal(ctx, "shop", "ann"); err == nil {
			t.Error("a cancelled heal gave no error")
		}
		pass(time.Minute)
	})
}

// Diagnose and plan look and decide, and do nothing; both depths of ambiguity are seen.
func TestExamine(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, "shop")
		w.crash("shop", detect.SocketStale)
		w.set("shop", func(s *siteState) { s.decisive = false })
		a, err := New(w.options())
		if err != nil {
			t.Fatal(err)
		}
		for _, person := range []bool{false, true} {
			e, err := a.Examine(t.Context(), "shop", person)
			if err != nil || e[0].Decision.Do != policy.DoAct || e[0].Case.Incident.Seen != 2 || e[0].Case.Incident.Person != person {
				t.Errorf("person %v: %+v, %v", person, e, err)
			}
		}
		if len(w.acts)+len(w.entries)+len(w.messages)+len(w.records) != 0 {
			t.Error("looking left a trace")
		}
	})
}
