package agent

import (
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gatemend/gatemend/detect"
	"github.com/gatemend/gatemend/policy"
)

// asking is an agent whose only remedy for a crash is held for a person.
func (w *world) asking() Options {
	o := w.options()
	o.Settings.Ladders = map[detect.Cause][]policy.Rung{detect.GunicornCrashed: {{Verb: policy.RestartUnit, Ask: true}}}
	return o
}

// waits crashes the shop and gives the plan that the message names.
func (r *running) waits(t *testing.T, w *world) policy.Case {
	t.Helper()
	w.crash("shop", detect.GunicornCrashed)
	r.trigger("shop", detect.SensorUnit)
	pass(10 * time.Second)
	return w.named(t)
}

// named is the plan that the latest message tells a person to approve.
func (w *world) named(t *testing.T) policy.Case {
	t.Helper()
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.messages) == 0 {
		t.Fatal("nobody was told")
	}
	m := w.messages[len(w.messages)-1]
	id, ok := strings.CutPrefix(m.Command, "sudo gatemend approve ")
	c, kept := w.plans[id]
	if !ok || !kept || !strings.Contains(m.Did, "restart-unit of shop.service waits for approval") {
		t.Fatalf("the message says %q, %q; kept: %v", m.Did, m.Command, kept)
	}
	return c
}

func (r *running) approved(t *testing.T, c policy.Case, by string) Result {
	t.Helper()
	res, err := r.Approve(t.Context(), c, by, detect.For(15*time.Minute))
	if err != nil || len(res) != 1 {
		t.Fatalf("%+v, %v", res, err)
	}
	return res[0]
}

// What is held for a person waits, says so with the command, reminds, and is done on their word.
func TestApprove(t *testing.T) {
	for name, o := range map[string]func(*world) Options{
		"a ladder that asks": (*world).asking,
		"manage: ask": func(w *world) Options {
			o := w.options()
			o.Sites[0].Routes[0].Manage = detect.ManageAsk
			return o
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, "shop")
				r := start(t, o(w))
				defer r.stop()
				r.waits(t, w)
				pass(16 * time.Minute)
				if n := len(w.messages); n != 2 || w.messages[1].State != ToldStill {
					t.Errorf("%d messages, want one and a reminder", n)
				}
				c := w.named(t) // of the reminder
				if len(w.acts) != 0 {
					t.Fatal("acted without approval")
				}
				if res := r.approved(t, c, "ann"); res.Refused != "" || res.State != Idle || res.Incident.State != Recovered {
					t.Errorf("%+v", res)
				}
				if len(w.acts) != 1 || w.acts[0].c.Incident.Person || w.acts[0].c.Incident.Release.By != "ann" {
					t.Errorf("acts %+v", w.acts)
				}
				if said := w.words(); len(said) != 1 || said[0].What != WordApproved || said[0].By != "ann" || said[0].Until == 0 {
					t.Errorf("recorded %+v", said)
				}
				if res := r.approved(t, c, "bob"); !strings.HasPrefix(res.Refused, "nothing waits for approval: incident ") || !strings.Contains(res.Refused, "recovered at") {
					t.Errorf("approved what recovered: %+v", res)
				}
				if len(w.acts) != 1 {
					t.Error("acted twice")
				}
			})
		})
	}
}

// What moved since a person was told voids their word, and is told with what waits now.
func TestApproveWhatMoved(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, "shop")
		r := start(t, w.asking())
		defer r.stop()
		c := r.waits(t, w)
		w.set("shop", func(s *siteState) { s.unit.Result = "oom-kill" })
		res := r.approved(t, c, "ann")
		if res.Refused != planRefused || !slices.Equal(res.Moved, []string{"result of shop.service: signal → oom-kill"}) {
			t.Errorf("%+v", res)
		}
		if now := res.Incident.Asks(); now == "" || now == policy.PlanID(policy.Fingerprint(c)) {
			t.Errorf("the answer names %q as what waits now", now)
		}
		pass(time.Minute)
		if len(w.acts) != 0 {
			t.Error("acted on another plan than was approved")
		}
		next := w.named(t)
		if policy.Fingerprint(next) == policy.Fingerprint(c) || len(w.messages) != 2 {
			t.Errorf("%d messages; the last names the plan that moved", len(w.messages))
		}
		if res := r.approved(t, next, "ann"); res.Incident.State != Recovered {
			t.Errorf("%+v", res)
		}
	})
}

// At the last moment, by the executor's own look.
func TestApprovalRefusedByTheLastCheck(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, "shop")
		o := w.asking()
		o.Executor = refuses{w}
		r := start(t, o)
		defer r.stop()
		res := r.approved(t, r.waits(t, w), "ann")
		if res.Refused != planRefused || !slices.Equal(res.Moved, []string{"mode of x: 0660 → 0000"}) {
			t.Errorf("%+v", res)
		}
		pass(time.Minute)
		if i := r.Snapshot(t.Context()).Routes[0].Incident; i.Release != nil || i.Asks() == "" {
			t.Errorf("after the refusal: %+v", i)
		}
	})
}

// blocked is a policy in which something that passes with time holds back what was approved.
func blocked(c policy.Case) policy.Decision {
	d := policy.Decide(c)
	if d.Do == policy.DoAct {
		d.Do, d.Why = policy.DoWait, "the budget of this hour is spent"
	}
	return d
}

// An approval that cannot be used in its time ends; who gave it is told what waits, and may give another.
func TestApprovalEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, "shop")
		o := w.asking()
		o.Decide = blocked
		r := start(t, o)
		defer r.stop()
		c := r.waits(t, w)
		res := r.approved(t, c, "ann")
		if res.Refused != "" || !strings.Contains(res.Waits, "the budget of this hour is spent") {
			t.Errorf("%+v", res)
		}
		if again := r.approved(t, c, "bob"); !strings.HasPrefix(again.Refused, "it was approved by ann already, until ") {
			t.Errorf("approved twice: %+v", again)
		}
		pass(16 * time.Minute)
		if said := w.words(); len(said) != 3 || said[2].What != WordOver || said[2].By != "ann" {
			t.Fatalf("recorded %+v", said)
		}
		if i := r.Snapshot(t.Context()).Routes[0].Incident; i.Release != nil || i.Asks() == "" {
			t.Errorf("after its end: %+v", i)
		}
		told := len(w.messages)
		w.named(t)
		if again := r.approved(t, c, "bob"); again.Refused != "" {
			t.Errorf("a second approval: %+v", again)
		}
		w.set("shop", func(s *siteState) { s.mend("shop") })
		pass(2 * time.Minute)
		if said := w.words(); said[len(said)-1].What != WordOver || said[len(said)-1].By != "bob" {
			t.Errorf("recorded %+v", said)
		}
		if len(w.acts) != 0 || told < 2 {
			t.Errorf("%d actions, %d messages", len(w.acts), told)
		}
	})
}

// What a person must change holds it back as well, and is said at once.
func TestApprovalThatIsHeldBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, "shop")
		o := w.asking()
		var free atomic.Bool
		o.Decide = func(c policy.Case) policy.Decision {
			d := blocked(c)
			if d.Do == policy.DoWait && !free.Load() {
				d.Do, d.Until = policy.DoEscalate, 0
			}
			if free.Load() {
				return policy.Decide(c)
			}
			return d
		}
		r := start(t, o)
		defer r.stop()
		began := time.Now()
		res := r.approved(t, r.waits(t, w), "ann")
		if res.State != Escalated || !strings.HasPrefix(res.Waits, "approved until ") || time.Since(began) > 20*time.Second {
			t.Errorf("after %s: %+v", time.Since(began), res)
		}
		free.Store(true)
		pass(2 * time.Minute)
		if len(w.acts) != 1 {
			t.Errorf("%d actions once nothing holds it back", len(w.acts))
		}
	})
}

// A clock that is set makes nobody sure how long an approval stands.
func TestApprovalEndsWhenTheClockIsSet(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, "shop")
		o := w.asking()
		o.Decide = blocked
		clock := settable(t, &o)
		r := start(t, o)
		defer r.stop()
		r.approved(t, r.waits(t, w), "ann")
		clock.by.Add(-int64(time.Hour))
		pass(2 * time.Minute)
		if said := w.words(); len(said) != 2 || said[1].What != WordOver || !strings.Contains(said[1].Why[0], "the clock was set") {
			t.Errorf("recorded %+v", said)
		}
	})
}

// With the agent ends what was approved: the next one asks again.
func TestApprovalEndsWithTheAgent(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, "shop")
		o := w.asking()
		o.Decide = blocked
		r := start(t, o)
		c := r.waits(t, w)
		r.approved(t, c, "ann")
		r.stop()
		left, ok := w.latest("shop")
		if !ok || left.Release == nil {
			t.Fatalf("the record does not hold the approval: %+v", left)
		}
		w.unfinished = map[string]Incident{"shop": left}
		told := len(w.messages)
		r = start(t, w.asking())
		defer r.stop()
		pass(time.Minute)
		if len(w.acts) != 0 {
			t.Error("acted on an approval of an agent that is gone")
		}
		if said := w.words(); said[len(said)-1].What != WordOver || said[len(said)-1].By != "ann" {
			t.Errorf("recorded %+v", said)
		}
		if len(w.messages) != told+1 {
			t.Errorf("%d messages after the restart, want one", len(w.messages)-told)
		}
		if res := r.approved(t, w.named(t), "ann"); res.Incident.State != Recovered {
			t.Errorf("%+v", res)
		}
	})
}

// latest is the site's incident as last recorded.
func (w *world) latest(site string) (i Incident, ok bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, r := range w.records {
		if v, is := r.data.(Incident); is && v.Site == site {
			i, ok = v, true
		}
	}
	return i, ok
}

// A dry run rehearses what is approved.
func TestApproveInADryRun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, "shop")
		o := w.asking()
		o.Settings.Mode = policy.ModeDryRun
		r := start(t, o)
		defer r.stop()
		res := r.approved(t, r.waits(t, w), "ann")
		pass(5 * time.Minute)
		if len(w.acts) != 0 || w.wouldDo != 1 || len(res.Incident.Actions) != 1 || !res.Incident.Actions[0].Would {
			t.Errorf("%d actions, %d rehearsals: %+v", len(w.acts), w.wouldDo, res)
		}
	})
}

// What a person may not approve.
func TestNothingToApprove(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, "shop")
		r := start(t, w.asking())
		defer r.stop()
		c := r.waits(t, w)
		w.hold(policy.Hold{Owner: "bob", Reason: "deploy"})
		pass(time.Minute)
		if res := r.approved(t, c, "ann"); !strings.Contains(res.Refused, "held by bob (deploy)") {
			t.Errorf("approved what is held: %+v", res)
		}
		w.hold()
		w.set("shop", func(s *siteState) { s.mend("shop") })
		pass(time.Minute)
		if res := r.approved(t, c, "ann"); !strings.Contains(res.Refused, "recovered at") {
			t.Errorf("approved what recovered: %+v", res)
		}
		if _, err := r.Approve(t.Context(), policy.Case{Facts: detect.Facts{Site: "blog"}}, "ann", 1); err == nil {
			t.Error("approved a plan of an unknown site")
		}
		pass(time.Minute)
		if len(w.acts) != 0 {
			t.Error("acted")
		}
	})
}

// Who heals does not wait for an approval, nor is bound by one.
func TestHealOfWhatWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, "shop")
		r := start(t, w.asking())
		defer r.stop()
		r.waits(t, w)
		res, err := r.Heal(t.Context(), "shop", "bob")
		if err != nil || res[0].Incident.State != Recovered || w.acts[0].c.Incident.Release != nil {
			t.Errorf("%+v, %v", res, err)
		}
	})
}
