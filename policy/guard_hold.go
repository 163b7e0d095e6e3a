package policy

import (
	"fmt"
	"slices"

	"github.com/gatemend/gatemend/detect"
)

// notHeld: every hold of the site, or of all sites, keeps us off; not even `heal` passes
// another person's. Alerts go on, so a hold is told.
func notHeld(t *turn) verdict {
	h, held := Holding(t.c.Holds, Under(&t.act), owner(t.c.Incident), t.now())
	switch {
	case !held:
		return passes("no hold")
	case h.Until == 0:
		return never(Held, "%s until it is resumed", h)
	}
	return refuses(loud, Held, h.Until, "%s for another %s", h, told(h.Until.Sub(t.now())))
}

// owner is whose own holds do not concern an incident: of whoever asks.
func owner(i Incident) string {
	if !i.Person {
		return ""
	}
	return i.By
}

// Under is the site whose holds keep an action off. A reload of nginx loads what is on the disk
// of every site, also of one at which somebody works: so any hold does, which "" says.
func Under(a *Action) string {
	if a.Verb == ReloadNginx {
		return ""
	}
	return a.Site
}

// Holding is the hold that keeps everybody but its owner off the site at that time: of several
// the one that lasts longest. Site "" is what concerns all sites. By is who asks, "" nobody.
func Holding(holds []Hold, site, by string, now detect.Time) (Hold, bool) {
	var longest Hold
	found := false
	for _, h := range holds {
		concerns := site == "" || h.Site == "" || h.Site == site
		over := h.Until != 0 && h.Until <= now
		if !concerns || over || by != "" && by == h.Owner {
			continue
		}
		if !found || h.Until == 0 || longest.Until != 0 && h.Until > longest.Until {
			longest, found = h, true
		}
	}
	return longest, found
}

// String says whose hold it is, as messages do.
func (h Hold) String() string {
	if h.Via != "" {
		return fmt.Sprintf("held with %s by %s (%s)", h.Via, h.Owner, h.Reason)
	}
	return fmt.Sprintf("held by %s (%s)", h.Owner, h.Reason)
}

// Spread adds to the holds of sites those of the sites that share a unit with them: a restart
// for the one is a restart of the other.
func Spread(holds []Hold, sites []detect.Site) []Hold {
	out := slices.Clone(holds)
	for _, h := range holds {
		at := slices.IndexFunc(sites, func(s detect.Site) bool { return s.Name == h.Site })
		if h.Site == "" || at < 0 {
			continue
		}
		for _, s := range sites {
			if s.Name != h.Site && share(s, sites[at]) {
				follows := h
				follows.Site, follows.Via = s.Name, h.Site
				out = append(out, follows)
			}
		}
	}
	return out
}

// share tells whether an action on a site can reach a unit of another.
func share(from, of detect.Site) bool {
	theirs := map[string]bool{}
	for _, r := range of.Routes {
		theirs[r.Unit], theirs[r.Socket] = true, true
	}
	delete(theirs, "")
	return slices.ContainsFunc(from.Routes, func(r detect.Route) bool {
		return theirs[r.Unit] || theirs[r.Socket] || slices.ContainsFunc(r.Also, func(u string) bool { return theirs[u] })
	})
}
