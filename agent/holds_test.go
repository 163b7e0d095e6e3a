package agent

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gatemend/gatemend/detect"
	"github.com/gatemend/gatemend/policy"
	"github.com/google/go-cmp/cmp"
)

// hold makes the holds be these, and nobody tells.
func (w *world) hold(holds ...policy.Hold) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.holds = holds
}

// paused makes the holds be these, as the sensor tells it.
func (w *world) paused(r *running, holds ...policy.Hold) {
	w.hold(holds...)
	r.trigger("", detect.SensorHold)
	pass(time.Millisecond)
}

func holdOf(site, owner string, length time.Duration) policy.Hold {
	return policy.Hold{Site: site, Owner: owner, Reason: "deploy", Since: now(), Until: now().Add(detect.For(length))}
}

// changes are what the record says of holds.
func (w *world) changes() (l []string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, r := range w.records {
		if c, ok := r.data.(HoldChange); ok {
			l = append(l, strings.TrimSpace(c.What+" "+c.Hold.Site+" "+c.By))
		}
	}
	return l
}

// Holds that cannot be read to an end starve the watchdog, by name, and no one else's loop is blamed.
func TestFrozenHoldsAreNamed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, "shop")
		o := w.options()
		var stuck atomic.Bool
		release := make(chan struct{})
		o.Holds = func(context.Context) []policy.Hold {
			if stuck.Load() {
				<-release
			}
			return nil
		}
		r := start(t, o)
		defer r.stop()
		named := func() (l []string) {
			ctx, cancel := context.WithTimeout(t.Context(), time.Second)
			defer cancel()
			for _, f := range r.beat.Frozen(ctx) {
				l = append(l, f.Name)
			}
			return l
		}
		stuck.Store(true)
		pass(holdEvery + time.Second)
		if l := named(); l != nil {
			t.Errorf("within its bound: %q", l)
		}
		pass(holdNoted + stallLimit)
		if l := named(); !slices.Equal(l, []string{"the keeper of holds"}) {
			t.Errorf("frozen: %q", l)
		}
		stuck.Store(false)
		close(release)
		pass(time.Second)
		if l := named(); l != nil {
			t.Errorf("after it came loose: %q", l)
		}
	})
}

func TestHoldsAreRecorded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, "shop", "blog")
		w.holds = []policy.Hold{holdOf("", "eve", 10*time.Minute)}
		r := start(t, w.options())
		defer r.stop()
		started := w.records[slices.IndexFunc(w.records, func(r recorded) bool { return r.kind == RecordStart })].data.(Started)
		if len(started.Holds) != 1 || started.Holds[0].Owner != "eve" {
			t.Errorf("the start names the holds %v", started.Holds)
		}
		all, shop := w.holds[0], holdOf("shop", "ann", time.Hour)
		follows := shop
		follows.Site, follows.Via = "blog", "shop" // of the same unit: no hold that anybody made
		w.paused(r, all, shop, follows)
		w.paused(r, all, shop, follows) // told twice
		pass(time.Minute)
		renewed := holdOf("shop", "ann", time.Hour)
		w.paused(r, all, renewed)
		r.Lifting("bob")
		w.paused(r, all)
		pass(holdLifted + time.Second)
		w.paused(r, all, shop)
		w.paused(r, all) // nobody says who
		w.mu.Lock()
		time.AfterFunc(all.Until.Sub(now()).Duration(), func() { w.mu.Lock(); w.holds = nil; w.mu.Unlock() })
		w.mu.Unlock()
		pass(10 * time.Minute)
		want := []string{"paused shop ann", "renewed shop ann", "resumed shop bob", "paused shop ann", "resumed shop", "expired"}
		if got := w.changes(); !cmp.Equal(got, want) {
			t.Errorf("recorded %q\nwant     %q", got, want)
		}
	})
}

// What waits for the end of a hold is done at once when a person resumes, not at the next look.
func TestResumedIsHealedAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, "shop")
		r := start(t, w.options())
		defer r.stop()
		w.paused(r, holdOf("shop", "ann", time.Hour))
		w.crash("shop", detect.GunicornCrashed)
		r.trigger("shop", detect.SensorUnit)
		pass(47 * time.Second)
		if len(w.acts) != 0 {
			t.Fatalf("%d actions under a hold", len(w.acts))
		}
		w.mu.Lock()
		m := w.messages[0]
		w.mu.Unlock()
		if m.State != ToldSick || m.Hold != "held by ann (deploy)" {
			t.Errorf("told %q, hold %q", m.State, m.Hold)
		}
		resumed := time.Now()
		w.paused(r)
		pass(time.Minute)
		if len(w.acts) != 1 || w.acts[0].at.Sub(resumed) > time.Second {
			t.Fatalf("actions %v after %s", w.acts, resumed)
		}
		if m := w.messages[len(w.messages)-1]; m.State != ToldHealed || m.Hold != "" {
			t.Errorf("told at last %q, hold %q", m.State, m.Hold)
		}
	})
}

// A hold that lasts is told: after an hour, four, and each day; a short one never.
func TestAHoldThatLastsIsTold(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, "shop")
		r := start(t, w.options())
		defer r.stop()
		w.paused(r, holdOf("shop", "ann", 59*time.Minute))
		pass(59 * time.Minute)
		w.paused(r)
		if got := w.told(); len(got) != 0 {
			t.Fatalf("a hold of 59 minutes is told: %v", got)
		}
		began := time.Now()
		w.paused(r, holdOf("shop", "ann", 72*time.Hour))
		pass(71 * time.Hour)
		var after []time.Duration
		for _, m := range w.messages {
			if m.State != ToldHeld || m.Site != "shop" || !strings.Contains(m.Did, "held by ann (deploy)") {
				t.Errorf("told %+v", m)
			}
			after = append(after, m.At.Time().Sub(began).Truncate(time.Minute))
		}
		if want := []time.Duration{time.Hour, 4 * time.Hour, 24 * time.Hour, 48 * time.Hour}; !cmp.Equal(after, want) {
			t.Errorf("told after %s, want %s", after, want)
		}
	})
}

// What cannot be read, or has no end, is told at once, and again each day.
func TestAnUnreadableHoldIsToldAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, "shop")
		r := start(t, w.options())
		defer r.stop()
		w.paused(r, policy.Hold{Owner: "unknown", Reason: "cannot read a hold"})
		pass(time.Second)
		if got := w.told(); !cmp.Equal(got, []string{ToldHeld}) {
			t.Fatalf("told %v", got)
		}
		pass(25 * time.Hour)
		if got := w.told(); len(got) != 2 {
			t.Errorf("told %v within a day", got)
		}
	})
}

// A message about a hold that cannot be stored is tried again.
func TestAHoldIsToldAgainWhereItCouldNotBe(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, "shop")
		w.noNotify = errors.New("disk full")
		r := start(t, w.options())
		defer r.stop()
		w.paused(r, holdOf("shop", "ann", 24*time.Hour))
		pass(time.Hour + time.Minute)
		w.mu.Lock()
		w.noNotify = nil
		w.mu.Unlock()
		pass(time.Minute)
		if got := w.told(); !cmp.Equal(got, []string{ToldHeld}) {
			t.Errorf("told %v", got)
		}
	})
}
