package policy

import (
	"slices"
	"strings"

	"github.com/gatemend/gatemend/detect"
)

// gapPassed: what one action did must show before the next, on the whole host.
func gapPassed(t *turn) verdict {
	gap := t.c.Settings.Limits.Gap
	w := within(t, 1, gap, func(Entry) bool { return true })
	switch {
	case w.n == 0:
		return passes("no action of ours in the last %s", told(gap))
	case t.c.Incident.Person:
		return passes("a person asks")
	}
	return refuses(later, Gap, add(t.now(), w.wait), "an action less than %s ago; the next in %s", told(gap), told(w.wait))
}

// unprovenFor is how long an action may be without a verdict: as long as a proof takes at most.
const unprovenFor = 15 * minute

// othersProven: sites that are sick at once are healed one after the other (as many at a time as
// `parallel` says), each proven before the next is touched.
func othersProven(t *turn) verdict {
	var open []string
	var wait detect.Span
	for _, e := range t.past {
		a := age(t.c, e)
		if e.Outcome != OutcomeOpen || e.Site == t.f.Site || a >= unprovenFor || slices.Contains(open, e.Site) {
			continue
		}
		open, wait = append(open, e.Site), max(wait, unprovenFor-a)
	}
	switch most := max(1, t.c.Settings.Limits.Parallel); {
	case len(open) == 0:
		return notConcerned()
	case len(open) < most:
		return passes("%d of %d sites that may be at a time are being proven", len(open), most)
	case t.c.Incident.Person:
		return passes("a person asks")
	}
	until := add(t.now(), min(wait, lookAgain)) // a verdict makes no event
	return refuses(later, Unproven, until, "what was done for %s is not proven yet", strings.Join(open, ", "))
}

// cooledDown doubles the pause with each action in a row that did not recover the site.
func cooledDown(t *turn) verdict {
	var failures int
	var last Entry
	for _, e := range slices.Backward(t.past) {
		if e.Site != t.f.Site {
			continue
		}
		if e.Outcome == Recovered {
			break
		}
		if failures == 0 {
			last = e
		}
		failures++
	}
	switch {
	case failures == 0:
		return passes("the last action on this site recovered it, or there was none")
	case t.c.Incident.Person:
		return passes("a person asks")
	case t.c.Incident.Mended:
		return passes("a person mended it")
	}
	pause, ago := cooldown(t.c.Settings.Cooldown, failures), age(t.c, last)
	if ago < pause {
		return refuses(later, Cooldown, add(t.now(), pause-ago), "%d actions in a row did not help; the next in %s", failures, told(pause-ago))
	}
	return passes("%d actions in a row did not help, the last %s ago; the pause is %s", failures, told(ago), told(pause))
}

func cooldown(b Backoff, failures int) detect.Span {
	pause := b.First
	for i := 1; i < failures && pause < b.Max; i++ {
		pause = max(times(pause, b.Factor), pause)
		if b.Factor <= 1 {
			break
		}
	}
	return min(pause, max(b.Max, b.First))
}

// breakerClosed: actions that fail on two different sites in a row say that the fault is
// not the sites'. No further site is touched until the failures have aged by the longest
// cool-down, so the breaker closes by itself.
func breakerClosed(t *turn) verdict {
	pause := t.c.Settings.Cooldown.Max
	sites, ages := failingSites(t, pause)
	switch {
	case len(sites) < 2 || slices.Contains(sites, t.f.Site):
		return passes("no two other sites failed in a row")
	case t.c.Incident.Person:
		return passes("a person asks")
	}
	wait := pause - ages[1]
	return refuses(loud, Breaker, add(t.now(), wait), "actions failed on %s and %s in a row; no further site is touched for %s", sites[1], sites[0], told(wait))
}

// failingSites are those whose actions failed since the last recovery and within span,
// the latest first, each with the age of its latest failure.
func failingSites(t *turn, span detect.Span) (sites []string, ages []detect.Span) {
	for _, e := range slices.Backward(t.past) {
		a := age(t.c, e)
		if e.Outcome == Recovered || a >= span {
			break
		}
		if !e.Mended && !slices.Contains(sites, e.Site) {
			sites, ages = append(sites, e.Site), append(ages, a)
		}
	}
	return sites, ages
}
