package agent

import (
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gatemend/gatemend/detect"
	"github.com/gatemend/gatemend/policy"
	"github.com/google/go-cmp/cmp"
)

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
		if n, want := count(w.told(), ToldSick), 1+len(w.acts); n != want {
			t.Errorf("told %d times, want %d: once, and after each start that a change was given: %v", n, want, w.told())
		}
		if s := r.Snapshot(t.Context()).Routes[0].State; s != Escalated {
			t.Errorf("state %q, want escalated", s)
		}
	})
}

// A unit that a person masked names no file of its own any more: what it had when it was well is watched.
func TestWatchesTheFilesOfTheBaseline(t *testing.T) {
	b := &detect.Baseline{Files: map[string]string{"/etc/systemd/system/shop.service": "1 2 3", "/etc/shop/shop.env": "1 2 3"}}
	got := watched(detect.Diagnosis{Primary: detect.Finding{Watch: []string{"/srv/shop/app.py"}}}, &detect.Unit{}, b)
	want := []string{"/etc/shop/shop.env", "/etc/systemd/system/shop.service", "/srv/shop/app.py"}
	if !cmp.Equal(got, want) {
		t.Errorf("watched %v, want %v", got, want)
	}
}

// What took a while to be sure of is seen a second time soon, not when the next hanging probe is due.
func TestSeenOnceWhileAPersonIsWaitedFor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, "shop")
		r := start(t, w.options())
		defer r.stop()
		w.set("shop", func(s *siteState) { s.down, s.hangs, s.cause = true, true, detect.WorkerTimeout })
		r.trigger("shop", detect.SensorUnit)
		pass(5 * time.Minute)
		if s := r.Snapshot(t.Context()).Routes[0].State; s != Escalated {
			t.Fatalf("state %q, want escalated", s)
		}
		w.set("shop", func(s *siteState) { s.cause = detect.GunicornHung })
		pass(openCollect + 15*time.Second)
		if got := w.verbs(); !slices.Equal(got, []policy.Verb{policy.EndLeftoversRestart}) {
			t.Errorf("did %v within %s, want one end-leftovers-restart", got, openCollect+15*time.Second)
		}
	})
}
