package agent

import (
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gatemend/gatemend/detect"
	"github.com/gatemend/gatemend/policy"
	"github.com/google/go-cmp/cmp"
)

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

// Somebody stops the unit and runs another program in its place: their stop is in hand for a
// while, and then everything answers.
func TestAnotherProgramTakesOver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, "shop")
		r := start(t, w.options())
		defer r.stop()
		w.crash("shop", detect.GunicornStopped)
		w.set("shop", func(s *siteState) {
			s.decisive = false
			s.unit.Active, s.unit.Sub, s.unit.Result = "deactivating", "stop-sigterm", "success"
			s.unit.Job = &detect.Job{ID: 7, Type: "stop"}
		})
		r.trigger("shop", detect.SensorUnit)
		pass(5 * time.Second)
		w.set("shop", func(s *siteState) { s.unit.Job, s.down, s.usurped = nil, false, true })
		pass(time.Minute)
		if got := w.told(); !cmp.Equal(got, []string{ToldDegraded}) || len(w.acts) != 0 {
			t.Errorf("told %v, %d actions", got, len(w.acts))
		}
	})
}

// A burst of errors that ends before the next look is due is looked at all the same.
func TestBurstAfterALookIsNotMissed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, "shop")
		r := start(t, w.options())
		defer r.stop()
		pass(time.Minute)
		r.trigger("shop", detect.SensorErrorLog) // the first error: not enough of them yet
		pass(time.Second)
		w.set("shop", func(s *siteState) { s.degraded, s.lastErr = true, now() })
		r.trigger("shop", detect.SensorErrorLog) // the last one
		pass(15 * time.Second)
		if got := w.told(); !cmp.Equal(got, []string{ToldDegraded}) {
			t.Errorf("told %v", got)
		}
	})
}

// A second gunicorn takes the path: everything answers, and only the socket's event tells.
func TestAnotherProgramAnswers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, "shop")
		r := start(t, w.options())
		defer r.stop()
		w.set("shop", func(s *siteState) { s.usurped, s.lastErr = true, now().Add(detect.For(-time.Hour)) })
		r.trigger("shop", detect.SensorSocket)
		pass(5 * time.Minute)
		if got := w.told(); !cmp.Equal(got, []string{ToldDegraded}) || len(w.acts) != 0 {
			t.Fatalf("told %v, %d actions", got, len(w.acts))
		}
		if m := w.messages[0]; m.Cause != detect.PortInUse || m.Symptom != "answered by another program" {
			t.Errorf("told %s: %s", m.Symptom, m.Cause)
		}
	})
}

func TestOldErrorsDoNotDegrade(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, "shop")
		r := start(t, w.options())
		defer r.stop()
		w.crash("shop", detect.GunicornCrashed)
		r.trigger("shop", detect.SensorUnit)
		pass(25 * time.Second)
		w.set("shop", func(s *siteState) { s.degraded = true }) // still in the window of 60 s
		r.trigger("shop", detect.SensorAccessLog)
		pass(time.Minute)
		if got := w.told(); !cmp.Equal(got, []string{ToldHealed}) {
			t.Errorf("told %v", got)
		}
	})
}

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
		if n := count(got, ToldFlapping); n != 1 || len(got) > 9 {
			t.Errorf("told %v, want flapping said once, and a reminder", got)
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

func TestTwoRoutesOfOneUnit(t *testing.T) {
	for name, cause := range map[string]detect.Cause{"healed": detect.GunicornCrashed, "a person's": detect.AppImportError} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, "shop")
				o := w.options()
				api := o.Sites[0].Routes[0]
				api.Path = "/api"
				o.Sites[0].Routes = append(o.Sites[0].Routes, api)
				r := start(t, o)
				defer r.stop()
				w.crash("shop", cause)
				r.trigger("shop", detect.SensorUnit)
				pass(time.Minute)
				w.set("shop", func(s *siteState) { s.mend("shop") })
				pass(2 * time.Minute)
				acts := 1
				want := []string{ToldHealed}
				if cause == detect.AppImportError {
					acts, want = 0, []string{ToldSick, ToldHealed}
				}
				if len(w.acts) != acts || !cmp.Equal(w.told(), want) {
					t.Errorf("%d actions, told %v; want %d, %v", len(w.acts), w.told(), acts, want)
				}
			})
		})
	}
}

func TestHealedMessageNamesTheCause(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, "shop")
		r := start(t, w.options())
		defer r.stop()
		w.crash("shop", detect.AppImportError)
		r.trigger("shop", detect.SensorUnit)
		pass(time.Minute)
		w.set("shop", func(s *siteState) { s.mend("shop") })
		pass(time.Minute)
		for _, m := range w.messages {
			if m.Cause != detect.AppImportError || m.Symptom != "502" || m.Mode != "act" || m.Host != "box" || m.Incident == "" {
				t.Errorf("%s: %+v", m.State, m)
			}
		}
		if out := w.messages[1].Outage; out < detect.For(time.Minute) || out > detect.For(70*time.Second) {
			t.Errorf("outage %s", out)
		}
	})
}

func TestLongIncidentIsQuiet(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, "shop")
		r := start(t, w.options())
		defer r.stop()
		w.crash("shop", detect.AppImportError)
		r.trigger("shop", detect.SensorUnit)
		pass(2 * time.Hour)
		requests, looks := w.requests(), w.looks()
		pass(24 * time.Hour)
		if n := w.requests() - requests; n > 4000 {
			t.Errorf("%d requests a day", n)
		}
		if n := w.looks() - looks; n > 800 {
			t.Errorf("%d looks a day", n)
		}
	})
}

// A deploy is a stop and a start that somebody else asked for: no incident, whatever clients
// saw meanwhile, and none for the errors that stay in the window.
func TestDeployIsNoIncident(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, "shop")
		r := start(t, w.options())
		defer r.stop()
		w.crash("shop", detect.GunicornStopped)
		w.set("shop", func(s *siteState) {
			s.decisive = false
			s.unit.Active, s.unit.Sub, s.unit.Result = "deactivating", "stop-sigterm", "success"
			s.unit.Job = &detect.Job{ID: 7, Type: "restart"}
		})
		r.trigger("shop", detect.SensorErrorLog)
		pass(5 * time.Second)
		w.set("shop", func(s *siteState) {
			s.unit = runningUnit("shop")
			s.unit.InactiveExit, s.cause = now(), detect.SocketMissing // it imports
		})
		pass(10 * time.Second)
		w.set("shop", func(s *siteState) {
			s.lastErr, s.down, s.degraded = now(), false, true
		})
		r.trigger("shop", detect.SensorAccessLog)
		pass(time.Minute)
		for _, x := range w.records {
			if x.kind == RecordIncident {
				t.Fatalf("an incident: %+v", x.data)
			}
		}
		if len(w.messages) > 0 || len(w.acts) > 0 {
			t.Errorf("told %v, did %v", w.told(), w.verbs())
		}
		w.set("shop", func(s *siteState) { s.lastErr = now() }) // and still errors, long after
		r.trigger("shop", detect.SensorAccessLog)
		pass(time.Minute)
		if got := w.told(); !cmp.Equal(got, []string{ToldDegraded}) {
			t.Errorf("told %v of errors that did not end with the start", got)
		}
	})
}
