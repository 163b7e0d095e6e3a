package agent

import (
	"context"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gatemend/gatemend/detect"
	"github.com/gatemend/gatemend/policy"
	"pgregory.net/rapid"
)

// happening is one thing that happens on the host, and how long it is quiet after.
type happening struct {
	what  string
	site  string
	cause detect.Cause
	after time.Duration
	by    time.Duration // the clock is set
}

var happenings = rapid.Custom(func(t *rapid.T) happening {
	return happening{
		what: rapid.SampledFrom([]string{"crash", "crash", "hopeless", "mend", "edit", "hold", "resume", "signal", "log", "lost", "clock", "restart"}).Draw(t, "what"),
		site: rapid.SampledFrom([]string{"one", "two"}).Draw(t, "site"),
		cause: rapid.SampledFrom([]detect.Cause{
			detect.GunicornCrashed, detect.SocketStale, detect.AppImportError, detect.StartLimitHit, detect.Unknown, detect.NginxDown,
		}).Draw(t, "cause"),
		after: time.Duration(rapid.IntRange(10, 900_000).Draw(t, "after ms")) * time.Millisecond,
		by:    time.Duration(rapid.IntRange(-48*60, 48*60).Draw(t, "clock min")) * time.Minute,
	}
})

// Whatever happens, in whatever order, also to the clock and to the agent: nothing is done under a
// hold, on a healthy site or beyond the budget; nobody is left in the dark; and when all is well
// again, all is idle.
func TestWhateverHappens(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		list := rapid.SliceOfN(happenings, 1, 25).Draw(rt, "happenings")
		var faults []string
		synctest.Test(t, func(t *testing.T) { faults = live(t, list) })
		if len(faults) > 0 {
			rt.Fatal(faults)
		}
	})
}

// live lets the things happen and gives what should not have been.
func live(t *testing.T, list []happening) (faults []string) {
	w := newWorld(t, "one", "two")
	x := &examiner{world: w, upAt: map[string]time.Time{}, downAt: map[string]time.Time{}, doneAt: map[int64]time.Time{}}
	o := w.options()
	o.Executor = x
	c := settable(t, &o)
	r := start(t, o)
	defer func() { r.stop() }()
	for _, h := range list {
		switch h.what {
		case "clock":
			c.by.Add(int64(h.by))
		case "restart":
			r.stop()
			r = start(t, o)
		default:
			x.happen(r, h)
		}
		pass(h.after)
		x.notSilent()
	}
	for _, s := range []string{"one", "two"} {
		x.happen(r, happening{what: "mend", site: s})
	}
	x.happen(r, happening{what: "resume"})
	pass(15 * time.Minute)
	for _, v := range r.Snapshot(t.Context()).Routes {
		if v.State != Idle {
			x.fault("site %s is %s though all is well for 15 minutes", v.Site, v.State)
		}
	}
	for _, rec := range w.records {
		if rec.kind == RecordFault {
			x.fault("fault recorded: %v", rec.data)
		}
	}
	if most := 6*len(list) + 20; len(w.messages) > most {
		x.fault("%d messages about %d events", len(w.messages), len(list))
	}
	return x.faults
}

// examiner is the executor, and judges each action by what is true when it is taken.
type examiner struct {
	*world
	upAt, downAt map[string]time.Time
	doneAt       map[int64]time.Time // when an action was taken, by no clock that is set
	faults       []string
}

func (x *examiner) fault(format string, args ...any) {
	x.faults = append(x.faults, time.Now().Format("15:04:05.000 ")+fmt.Sprintf(format, args...))
}

func (x *examiner) happen(r *running, h happening) {
	switch h.what {
	case "crash", "hopeless":
		x.crash(h.site, h.cause)
		x.set(h.site, func(s *siteState) {
			s.decisive, s.helps = h.cause != detect.SocketStale, nil
			if h.what == "hopeless" {
				s.helps = []policy.Verb{}
			}
			if x.downAt[h.site].IsZero() {
				x.downAt[h.site] = time.Now()
			}
		})
		r.trigger(h.site, detect.SensorUnit)
	case "mend":
		x.set(h.site, func(s *siteState) {
			s.mend(h.site)
			x.upAt[h.site], x.downAt[h.site] = time.Now(), time.Time{}
		})
		r.trigger(h.site, detect.SensorUnit)
	case "edit":
		select {
		case x.changed <- "/srv/" + h.site + "/app.py":
		default:
		}
	case "hold", "resume":
		x.mu.Lock()
		x.holds = nil
		if h.what == "hold" {
			x.holds = []policy.Hold{{Site: h.site, Owner: "ann", Reason: "work"}}
		}
		x.mu.Unlock()
	case "signal":
		r.trigger(h.site, detect.SensorUnit)
	case "log":
		r.trigger("", detect.SensorErrorLog)
	case "lost":
		r.out <- detect.Trigger{At: now(), Sensor: detect.SensorUnit, Lost: true}
	}
}

// notSilent: a site that has been down for longer than any grace is known to a person.
func (x *examiner) notSilent() {
	x.mu.Lock()
	defer x.mu.Unlock()
	for site, since := range x.downAt {
		if since.IsZero() || time.Since(since) < longestGrace+time.Minute || !x.sites[site].down {
			continue
		}
		told := false
		for _, m := range x.messages { // of a cause that the sites share, one speaks for all
			info, _ := detect.Info(m.Cause)
			told = told || (m.Site == site || info.Shared) && m.State != ToldHealed
		}
		if !told {
			x.faults = append(x.faults, fmt.Sprintf("nobody knows that %s is down since %s", site, since.Format("15:04:05")))
		}
	}
}

func (x *examiner) Execute(ctx context.Context, c policy.Case, d policy.Decision) (Report, error) {
	x.judge(c, d)
	r, err := x.world.Execute(ctx, c, d)
	x.mu.Lock()
	defer x.mu.Unlock()
	x.doneAt[r.Seq] = time.Now()
	if s := c.Facts.Site; !x.sites[s].down {
		x.upAt[s], x.downAt[s] = time.Now(), time.Time{}
	}
	return r, err
}

func (x *examiner) judge(c policy.Case, d policy.Decision) {
	x.mu.Lock()
	defer x.mu.Unlock()
	site := c.Facts.Site
	if !x.sites[site].down && time.Since(x.upAt[site]) > 50*time.Millisecond {
		x.fault("acted on %s, which is healthy", site)
	}
	for _, h := range x.holds {
		if h.Site == site {
			x.fault("acted on %s under a hold", site)
		}
	}
	spent := 0
	for _, e := range x.entries {
		if e.Site == site && e.Outcome != policy.Recovered && !e.Mended && time.Since(x.doneAt[e.Seq]) < time.Hour {
			spent++
		}
	}
	if limit := policy.Defaults().Limits.RestartsPerSite.N; spent >= limit && !c.Incident.Mended {
		x.fault("acted on %s with %d of %d spent", site, spent, limit)
	}
	if x.sites[site].cause == detect.Unknown || d.Action.Cause == detect.Unknown {
		x.fault("acted on %s without knowing why it is down", site)
	}
}
