package agent

import (
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gatemend/gatemend/detect"
	"github.com/gatemend/gatemend/policy"
	"github.com/google/go-cmp/cmp"
)

// leftOpen is an incident as the agent before left it: told, and in the midst of an action.
func leftOpen(w *world) {
	began := now() - 60_000_000
	w.unfinished = map[string]Incident{"shop": {
		ID: "old-shop", Site: "shop", Route: "/", State: Acting, Noticed: began, FirstBad: began, Told: began + 1, ToldOf: detect.GunicornCrashed,
		Diagnosis: detect.Diagnosis{Health: detect.Sick, Primary: detect.Finding{Cause: detect.GunicornCrashed}},
	}}
	w.entries = []policy.Entry{{
		Seq: 1, At: began + 2, Boot: "b", Uptime: detect.Span(began + 2), Site: "shop", Incident: "old-shop",
		Verb: policy.RestartUnit, Unit: "shop.service", Outcome: policy.OutcomeOpen,
	}}
}

// An open incident outlives the agent: under its name, with its action judged by looking, and whoever
// was told that it is sick is told that it is healed.
func TestIncidentOutlivesTheAgent(t *testing.T) {
	for name, tt := range map[string]struct {
		down, happened bool
		result         bool // was recorded
		outcome        policy.Outcome
		acts           []policy.Verb
		told           []string
	}{
		"it helped":                  {outcome: policy.Recovered, told: []string{ToldHealed}},
		"it helped, as recorded":     {result: true, outcome: policy.Recovered, told: []string{ToldHealed}},
		"it never took place":        {down: true, outcome: policy.Inconclusive, acts: []policy.Verb{policy.RestartUnit}, told: []string{ToldHealed}},
		"it took place, and is sick": {down: true, happened: true, outcome: policy.Inconclusive},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, "shop")
				leftOpen(w)
				w.happened = tt.happened
				if i := w.unfinished["shop"]; tt.result {
					i.Actions, i.Tried = []Report{{Seq: 1, Verb: policy.RestartUnit}}, []policy.Verb{policy.RestartUnit}
					w.unfinished["shop"] = i
				}
				if tt.down {
					w.crash("shop", detect.GunicornCrashed)
				}
				r := start(t, w.options())
				defer r.stop()
				pass(3 * time.Minute) // beyond the cool-down
				if got := w.entries[0].Outcome; got != tt.outcome {
					t.Errorf("outcome %q, want %q", got, tt.outcome)
				}
				if diff := cmp.Diff(tt.acts, w.verbs()); diff != "" {
					t.Errorf("actions (-want +got):\n%s", diff)
				}
				if diff := cmp.Diff(tt.told, w.told()); diff != "" {
					t.Errorf("told (-want +got):\n%s", diff)
				}
				v := r.Snapshot(t.Context()).Routes[0]
				if i := v.Last; tt.told != nil && (i == nil || i.ID != "old-shop" || i.State != Recovered || len(i.Actions) != 1+len(tt.acts)) {
					t.Errorf("the incident was not closed under its name: %+v", i)
				}
				if i := v.Incident; tt.told == nil && (i == nil || i.ID != "old-shop" || v.State != Escalated) {
					t.Errorf("%s, incident %+v", v.State, i)
				}
			})
		})
	}
}

// Why a lost outcome is what it is, in the record.
func TestUnknownOutcomeIsExplained(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, "shop")
		leftOpen(w)
		w.crash("shop", detect.GunicornCrashed)
		r := start(t, w.options())
		defer r.stop()
		want := "outcome unknown: the agent ended between intent and result; the action did not take place, and the site is not healthy"
		if !slices.ContainsFunc(w.records, func(r recorded) bool { j, ok := r.data.(Judgement); return ok && j.Why == want && j.Seq == 1 }) {
			t.Errorf("records %+v", w.records)
		}
	})
}

// An incident of long ago is not taken up, and an intent of an incident that is over is judged too.
func TestOldIncidentIsLeftAlone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, "shop")
		leftOpen(w)
		o := w.options()
		o.Past = longAgo{w}
		r := start(t, o)
		defer r.stop()
		if len(w.told()) != 0 || w.entries[0].Outcome != policy.Recovered {
			t.Errorf("told %v, outcome %q", w.told(), w.entries[0].Outcome)
		}
		for _, rec := range w.records {
			if rec.kind == RecordIncident || strings.Contains(rec.kind, "fault") {
				t.Errorf("recorded %+v", rec)
			}
		}
	})
}

type longAgo struct{ *world }

func (l longAgo) Latest(site, route string) (*Incident, detect.Time) {
	i, at := l.world.Latest(site, route)
	return i, at - detect.Time(forgotten) - 1
}
