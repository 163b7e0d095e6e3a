package policy

import (
	"testing"

	"github.com/gatemend/gatemend/detect"
)

// Sites that are sick at once are healed one after the other, each proven before the next is touched.
func TestOthersAreProvenFirst(t *testing.T) {
	for name, tt := range map[string]struct {
		make func(*Case)
		do   Do
	}{
		"one is being proven": {func(c *Case) { c.did(20*second, "blog", RestartUnit, OutcomeOpen) }, DoWait},
		"as many as may be":   {func(c *Case) { c.did(20*second, "blog", RestartUnit, OutcomeOpen); c.Settings.Limits.Parallel = 2 }, DoAct},
		"a person asks":       {func(c *Case) { c.did(20*second, "blog", RestartUnit, OutcomeOpen); c.Incident.Person = true }, DoAct},
		"nobody proves it":    {func(c *Case) { c.did(16*minute, "blog", RestartUnit, OutcomeOpen) }, DoAct},
		"it was proven":       {func(c *Case) { c.did(20*second, "blog", RestartUnit, Recovered) }, DoAct},
		"it was rehearsed":    {func(c *Case) { c.did(20*second, "blog", RestartUnit, Would) }, DoAct},
	} {
		t.Run(name, func(t *testing.T) {
			c := crashed()
			tt.make(&c)
			d := Decide(c)
			if d.Do != tt.do || tt.do == DoWait && (d.Refusals[0].Code != Unproven || d.Until <= c.Now) {
				t.Errorf("%s: %+v", d.Do, d.Refusals)
			}
		})
	}
}

// What did not help in the boot before holds this one back: a machine that reboots in a loop is no excuse
// to restart in one.
func TestPacesOutliveTheBoot(t *testing.T) {
	for name, tt := range map[string]struct {
		make func(*Case)
		code Code
	}{
		"cool-down": {func(c *Case) { c.did(30*second, "shop", RestartUnit, Failed) }, Cooldown},
		"gap":       {func(c *Case) { c.did(10*second, "blog", RestartUnit, Failed) }, Gap},
		"others":    {func(c *Case) { c.did(minute, "blog", RestartUnit, OutcomeOpen) }, Unproven},
		"breaker": {func(c *Case) {
			c.did(3*minute, "blog", RestartUnit, Failed)
			c.did(2*minute, "wiki", RestartUnit, CameBack)
		}, Breaker},
		"none": {func(c *Case) { c.did(2*minute, "shop", RestartUnit, Failed) }, ""},
	} {
		t.Run(name, func(t *testing.T) {
			c := crashed()
			tt.make(&c)
			for i := range c.History {
				c.History[i].Boot, c.History[i].Uptime = "boot-a", day
			}
			switch d := Decide(c); {
			case tt.code == "" && d.Do != DoAct, tt.code != "" && (d.Do == DoAct || d.Refusals[0].Code != tt.code):
				t.Errorf("%s: %+v", d.Do, d.Refusals)
			}
		})
	}
}

// Two sites in a row that could not be helped, whatever became of it, keep a third from being touched, and
// for no longer than the longest cool-down: the breaker closes by itself.
func TestBreakerOpensAndCloses(t *testing.T) {
	for name, tt := range map[string]struct {
		blog, wiki Outcome
		last, next detect.Span // how long ago the two were
		mended     bool
		code       Code
	}{
		"failed":               {Failed, Failed, 20 * minute, 10 * minute, false, Breaker},
		"came back":            {CameBack, CameBack, 20 * minute, 10 * minute, false, Breaker},
		"inconclusive":         {Inconclusive, Inconclusive, 20 * minute, 10 * minute, false, Breaker},
		"nobody proves it":     {OutcomeOpen, OutcomeOpen, 20 * minute, 16 * minute, false, Breaker},
		"the second recovered": {Failed, Recovered, 20 * minute, 10 * minute, false, ""},
		"the first recovered":  {Recovered, Failed, 20 * minute, 10 * minute, false, ""},
		"the first long ago":   {Failed, Failed, 30 * minute, 10 * minute, false, ""},
		"almost":               {Failed, Failed, 30*minute - second, 10 * minute, false, Breaker},
		"a person mended one":  {Failed, Failed, 20 * minute, 10 * minute, true, ""},
	} {
		t.Run(name, func(t *testing.T) {
			c := crashed()
			c.did(tt.last, "blog", RestartUnit, tt.blog)
			c.did(tt.next, "wiki", RestartUnit, tt.wiki).Mended = tt.mended
			d := Decide(c)
			switch {
			case tt.code == "" && d.Do != DoAct, tt.code != "" && (d.Do == DoAct || d.Refusals[0].Code != tt.code):
				t.Errorf("%s: %+v", d.Do, d.Refusals)
			case d.Do != DoAct && (d.Until <= c.Now || d.Until > c.Now.Add(30*minute-tt.last)):
				t.Errorf("looked at again in %s", d.Until.Sub(c.Now).Duration())
			}
		})
	}
}
