package policy

import "testing"

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
