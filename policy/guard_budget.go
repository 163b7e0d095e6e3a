package policy

const mendedEvery = 2 * minute

// mendedOnce: what a person mended is owed a start, not taken from the budget, but a
// file that changes all day must not restart a site all day.
func mendedOnce(t *turn) verdict {
	if !t.c.Incident.Mended {
		return notConcerned()
	}
	w := within(t, 1, mendedEvery, func(e Entry) bool { return e.Mended && e.Site == t.f.Site })
	if w.n > 0 {
		return refuses(later, MendedJustNow, add(t.now(), w.wait), "started after a fix less than %s ago", told(mendedEvery))
	}
	return passes("a person mended it: the start is owed, not taken from the budget")
}

func siteBudget(t *turn) verdict {
	r := t.c.Settings.Limits.RestartsPerSite
	return t.budget(BudgetSite, r, "of this site", func(e Entry) bool { return e.Site == t.f.Site })
}

func dayBudget(t *turn) verdict {
	r := Rate{t.c.Settings.Limits.RestartsPerSiteDay, day}
	return t.budget(BudgetDay, r, "of this site", func(e Entry) bool { return e.Site == t.f.Site })
}

func hostBudget(t *turn) verdict {
	return t.budget(BudgetHost, t.c.Settings.Limits.RestartsPerHost, "of all sites", func(Entry) bool { return true })
}

// budget asks one of the limits on what is done to units and modes; nginx has its own.
func (t *turn) budget(code Code, r Rate, whose string, mine func(Entry) bool) verdict {
	if t.act.Verb.in(onNginx) || t.c.Incident.Mended {
		return notConcerned()
	}
	return t.limit(code, r, whose, func(e Entry) bool { return charged(e) && mine(e) })
}

// charged tells what the limits on units and modes count: what is shown as left cannot differ from them.
func charged(e Entry) bool { return !e.Verb.in(onNginx) && spent(e) }

// Left is how many more actions on units and modes the limits allow within their time: on a site, or
// on the whole host ("").
func Left(c Case, site string) int {
	t, r := newTurn(&c), c.Settings.Limits.RestartsPerHost
	if site != "" {
		r = c.Settings.Limits.RestartsPerSite
	}
	w := within(t, r.N, r.Per, func(e Entry) bool { return charged(e) && (site == "" || e.Site == site) })
	return max(0, r.N-w.n)
}

func reloadBudget(t *turn) verdict {
	if !t.act.Verb.in(onNginx) {
		return notConcerned()
	}
	return t.limit(BudgetReload, t.c.Settings.Limits.ReloadsNginx, "of nginx", func(e Entry) bool { return e.Verb.in(onNginx) && spent(e) })
}

func (t *turn) limit(code Code, r Rate, whose string, counts func(Entry) bool) verdict {
	if r.N <= 0 || r.Per <= 0 {
		return never(code, "the limits allow no action %s", whose)
	}
	w := within(t, r.N, r.Per, counts)
	if w.n >= r.N {
		return refuses(loud, code, add(t.now(), w.wait), "%d of %d actions %s in %s did not help; the next is allowed in %s", w.n, r.N, whose, told(r.Per), told(w.wait))
	}
	return passes("%d of %d actions %s in %s", w.n, r.N, whose, told(r.Per))
}
