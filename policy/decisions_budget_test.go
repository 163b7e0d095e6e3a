package policy

import "github.com/gatemend/gatemend/detect"

// budgets are the cases of what was done before: too much, too soon, or in vain.
var budgets = []decided{
	{"budget-site-spent", func(c *Case) {
		c.did(50*minute, "shop", RestartUnit, Failed)
		c.did(49*minute, "shop", RestartUnit, CameBack)
		c.did(48*minute, "shop", RestartUnit, OutcomeOpen)
	}, DoEscalate, RestartUnit, BudgetSite},
	{"budget-not-spent-by-recoveries", func(c *Case) {
		for i := range 9 {
			c.did(detect.Span(50-i)*minute, "shop", RestartUnit, Recovered)
		}
	}, DoAct, RestartUnit, ""},
	{"budget-not-spent-by-dry-runs", func(c *Case) {
		for range 9 {
			c.did(50*minute, "shop", RestartUnit, Would).Shadow = true
		}
	}, DoAct, RestartUnit, ""},
	{"budget-of-the-dry-run", func(c *Case) {
		c.Settings.Mode = ModeDryRun
		for range 3 {
			c.did(50*minute, "shop", RestartUnit, Would).Shadow = true
		}
	}, DoEscalate, RestartUnit, BudgetSite},
	{"budget-day-spent", func(c *Case) {
		for i := range 6 {
			c.did(detect.Span(20-i)*hour, "shop", RestartUnit, Inconclusive)
		}
	}, DoEscalate, RestartUnit, BudgetDay},
	{"budget-host-spent", func(c *Case) {
		for i := range 5 {
			c.did(detect.Span(50-i)*minute, []string{"blog", "wiki"}[i%2], RestartUnit, Failed)
		}
	}, DoEscalate, RestartUnit, BudgetHost},
	{"budget-ages-by-uptime-not-by-clock", func(c *Case) {
		for range 3 {
			c.did(50*minute, "shop", RestartUnit, Failed).At = ago(30 * day)
		}
	}, DoEscalate, RestartUnit, BudgetSite},
	{"gap", func(c *Case) { c.did(5*second, "blog", RestartUnit, Recovered) }, DoWait, RestartUnit, Gap},
	{"cooldown-doubles", func(c *Case) {
		c.did(10*minute, "shop", RestartUnit, Failed)
		c.did(100*second, "shop", RestartUnit, Failed)
	}, DoWait, RestartUnit, Cooldown},
	{"cooldown-person", func(c *Case) { c.Incident.Person = true; c.did(2*second, "shop", RestartUnit, Failed) }, DoAct, RestartUnit, ""},
	{"breaker", func(c *Case) {
		c.did(4*minute, "blog", RestartUnit, Failed)
		c.did(3*minute, "wiki", RestartUnit, Failed)
	}, DoEscalate, RestartUnit, Breaker},
	{"breaker-not-after-a-recovery", func(c *Case) {
		c.did(4*minute, "blog", RestartUnit, Failed)
		c.did(3*minute, "wiki", RestartUnit, Recovered)
	}, DoAct, RestartUnit, ""},
}
