package policy

import (
	"slices"

	"github.com/gatemend/gatemend/detect"
)

// shadow tells an action that a dry run only recorded.
func shadow(e Entry) bool { return e.Shadow || e.Outcome == Would }

// counting are the entries that this case's limits see, by the chain's sequence: a dry
// run spends a budget of its own, so that it shows when it would have stopped, and
// nothing of the real one. What a person asks for is done for real.
func counting(c *Case) []Entry {
	dry := c.Settings.Mode != ModeAct && !c.Incident.Person
	var out []Entry
	for _, e := range c.History {
		if shadow(e) == dry {
			out = append(out, e)
		}
	}
	slices.SortStableFunc(out, func(a, b Entry) int {
		switch {
		case a.Seq < b.Seq:
			return -1
		case a.Seq > b.Seq:
			return 1
		}
		return 0
	})
	return out
}

// age is how long ago one of our actions was, whatever the clock did within this boot.
func age(c *Case, e Entry) detect.Span {
	return detect.Moment{At: c.Now, Boot: c.Boot, Uptime: c.Uptime}.Since(e.Moment())
}

// spent: promise 5, every outcome but recovered.
func spent(e Entry) bool { return e.Outcome != Recovered && !e.Mended }

// window is what a budget finds: how many count, and how long until one more is allowed.
type window struct {
	n    int
	wait detect.Span
}

// within counts the entries younger than per. With n or more of them it says how long it
// takes until fewer than n are left: until the n-th youngest has aged.
func within(t *turn, n int, per detect.Span, counts func(Entry) bool) window {
	var ages []detect.Span
	for _, e := range t.past {
		if a := age(t.c, e); a < per && counts(e) {
			ages = append(ages, a)
		}
	}
	w := window{n: len(ages)}
	if n > 0 && w.n >= n {
		slices.Sort(ages)
		w.wait = per - ages[n-1]
	}
	return w
}
