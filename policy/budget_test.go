package policy

import (
	"testing"

	"github.com/gatemend/gatemend/detect"
	"pgregory.net/rapid"
)

// world is a host on which everything we do fails to help, while its clock is set at
// will, it reboots, and time passes. True time is what no clock shows.
type world struct {
	truth, booted, wall detect.Time
	boot                string
	skewed              bool // the clock was set since boot
	history             []Entry
	acts                map[string][]detect.Time // site → true times
	total               []detect.Time
}

func (w *world) step(t *rapid.T) {
	pass := detect.Span(rapid.Int64Range(int64(second), int64(40*minute)).Draw(t, "pass"))
	w.truth, w.wall = w.truth.Add(pass), w.wall.Add(pass)
	switch rapid.IntRange(0, 9).Draw(t, "event") {
	case 0: // the clock is set: at will within one boot, back only where older boots are remembered
		forward := int64(day)
		if w.boot != "b" {
			forward = 0
		}
		w.wall += detect.Time(rapid.Int64Range(-int64(day), forward).Draw(t, "clock"))
		w.skewed = true
	case 1: // a reboot; across boots only the clock tells, so a true one is needed for it
		if !w.skewed {
			w.boot, w.booted = w.boot+"'", w.truth
		}
	}
}

func (w *world) decide(t *rapid.T) {
	c := crashed()
	site := rapid.SampledFrom([]string{"shop", "blog", "wiki", "forum"}).Draw(t, "site")
	c.Facts.Site, c.Facts.Route.Unit, c.Facts.Unit.Name = site, site+".service", site+".service"
	c.Now, c.Boot, c.Uptime, c.History = w.wall, w.boot, w.truth.Sub(w.booted), w.history
	c.Incident.Person = rapid.IntRange(0, 3).Draw(t, "person") == 0
	c.Facts.Quiet = &detect.Quiet{}
	if Decide(c).Do != DoAct {
		return
	}
	outcome := rapid.SampledFrom([]Outcome{Failed, CameBack, Inconclusive, OutcomeOpen, Recovered}).Draw(t, "outcome")
	w.history = append(w.history, Entry{Seq: int64(len(w.history)), At: w.wall, Boot: w.boot, Uptime: c.Uptime, Site: site, Verb: RestartUnit, Outcome: outcome})
	if outcome != Recovered {
		w.acts[site], w.total = append(w.acts[site], w.truth), append(w.total, w.truth)
	}
}

func TestBudgetHoldsInEveryWindow(t *testing.T) {
	limits := Defaults().Limits
	acted := 0
	rapid.Check(t, func(t *rapid.T) {
		w := world{truth: moment, booted: moment, wall: moment, boot: "b", acts: map[string][]detect.Time{}}
		for range 150 {
			w.step(t)
			w.decide(t)
		}
		for site, at := range w.acts {
			atMost(t, site, at, limits.RestartsPerSite.N, limits.RestartsPerSite.Per)
			atMost(t, site, at, limits.RestartsPerSiteDay, day)
		}
		atMost(t, "host", w.total, limits.RestartsPerHost.N, limits.RestartsPerHost.Per)
		acted += len(w.total)
	})
	if acted == 0 {
		t.Error("nothing was ever done: the property shows nothing")
	}
}

// atMost fails when any window of the length holds more than n.
func atMost(t *rapid.T, who string, at []detect.Time, n int, per detect.Span) {
	for i := n; i < len(at); i++ {
		if at[i].Sub(at[i-n]) < per {
			t.Fatalf("%s: %d actions in %s, allowed are %d in %s", who, n+1, at[i].Sub(at[i-n]), n, per)
		}
	}
}

func TestCooldownGrowsToItsMaximum(t *testing.T) {
	b := Backoff{First: minute, Factor: 2, Max: 30 * minute}
	for failures, want := range map[int]detect.Span{1: minute, 2: 2 * minute, 5: 16 * minute, 6: 30 * minute, 1 << 40: 30 * minute} {
		if got := cooldown(b, failures); got != want {
			t.Errorf("after %d failures %s, want %s", failures, got, want)
		}
	}
	if got := cooldown(Backoff{First: detect.Forever, Factor: 9, Max: 1}, 3); got != detect.Forever {
		t.Errorf("an endless cool-down became %s", got)
	}
}

// What was started after a person's fix is owed to them: it counts in no budget, whatever became of it.
func TestOwedStartsAreNotCharged(t *testing.T) {
	c := crashed()
	for i := range 6 {
		c.did(detect.Span(i+1)*20*minute, "shop", RestartUnit, Failed).Mended = true
	}
	c.did(3*hour, "shop", RestartUnit, Recovered)
	c.Settings.Cooldown = Backoff{} // it does count there
	if d := Decide(c); d.Do != DoAct {
		t.Errorf("%s: %+v", d.Do, d.Refusals)
	}
	if n := Left(c, "shop"); n != 3 {
		t.Errorf("%d actions are left in the hour, want all 3", n)
	}
}
