package agent

import (
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/gatemend/gatemend/detect"
	"github.com/gatemend/gatemend/policy"
)

// rules judge what agents do on a host by what is true there, whatever any clock shows: they know no
// policy, no history and no incident.
type rules struct {
	host   *host
	lock   sync.Mutex
	deeds  []deed
	done   []int64 // intents whose effect took place
	words  []word
	outage map[string]outage
	held   map[string]bool          // by site
	wrote  map[string][]policy.Code // by incident: why nothing is done, as recorded
	faults []string
}

func newRules(h *host) *rules {
	return &rules{host: h, outage: map[string]outage{}, held: map[string]bool{}, wrote: map[string][]policy.Code{}}
}

// deed is an action for real.
type deed struct {
	seq    int64
	at     time.Time // by truth
	site   string
	verb   policy.Verb
	mended bool

	outcome, before policy.Outcome
	judged          time.Time
}

func (d deed) spent() bool { return d.outcome != policy.Recovered && !d.mended }
func (d deed) nginx() bool { return d.verb == policy.StartNginx || d.verb == policy.ReloadNginx }

// word is a message that a person got.
type word struct {
	at    time.Time
	slept time.Duration // the machine, until then
	site  string
	state string
	cause detect.Cause
}

// outage is how long a site has been down; up is when it came back, zero while it is down.
type outage struct {
	since, up time.Time
	covered   word // until then another site spoke for it
}

func (r *rules) fault(format string, args ...any) {
	r.lock.Lock()
	defer r.lock.Unlock()
	r.faults = append(r.faults, time.Now().Format("02 15:04:05.000 ")+fmt.Sprintf(format, args...))
}

func (r *rules) did(seq int64, site string, v policy.Verb, mended bool) {
	r.lock.Lock()
	defer r.lock.Unlock()
	r.deeds = append(r.deeds, deed{seq: seq, at: r.host.truth(), site: site, verb: v, mended: mended, outcome: policy.OutcomeOpen})
}

func (r *rules) judged(j Judgement) {
	r.lock.Lock()
	defer r.lock.Unlock()
	for i := range r.deeds {
		if d := &r.deeds[i]; d.seq == j.Seq {
			d.before, d.outcome, d.judged = d.outcome, j.Outcome, time.Now()
		}
	}
}

func (r *rules) took(seq int64) bool {
	r.lock.Lock()
	defer r.lock.Unlock()
	return slices.Contains(r.done, seq)
}

func (r *rules) tookPlace(seq int64) {
	r.lock.Lock()
	defer r.lock.Unlock()
	r.done = append(r.done, seq)
}

// about is what is left to whoever measures from the intent, or from a little before it.
const about = time.Second

// mayAct is asked as an action begins.
func (r *rules) mayAct(c policy.Case, d policy.Decision) {
	site, at := c.Facts.Site, r.host.truth()
	r.host.mu.Lock()
	s := *r.host.sites[site]
	r.host.mu.Unlock()
	r.lock.Lock()
	deeds := slices.Clone(r.deeds)
	held := r.held[site]
	r.lock.Unlock()
	switch {
	case r.host.mode != policy.ModeAct:
		r.fault("acted on %s in a dry run", site)
	case held:
		r.fault("acted on %s under a hold", site)
	case s.starts != 0 && s.unit.Active != "failed" && at.Sub(s.starts.Time()) < time.Minute-about:
		r.fault("acted on %s, which was started %s ago", site, at.Sub(s.starts.Time()))
	}
	now := deed{site: site, verb: d.Action.Verb, at: at, mended: c.Incident.Mended}
	for _, rule := range []func([]deed, deed) string{budgets, paces, others} {
		if broken := rule(deeds, now); broken != "" && rule(earlier(deeds), now) != "" {
			r.fault("acted on %s: %s", site, broken)
		}
	}
}

// earlier is what was known when the action was decided: another loop may have judged its own since.
func earlier(deeds []deed) []deed {
	deeds = slices.Clone(deeds)
	for i, d := range deeds {
		if !d.judged.IsZero() && time.Since(d.judged) < about/5 {
			deeds[i].outcome = d.before
		}
	}
	return deeds
}

// budgets: never more than so many in any window.
func budgets(deeds []deed, now deed) string {
	l := policy.Defaults().Limits
	spent := func(per time.Duration, counts func(deed) bool) (n int) {
		for _, d := range deeds {
			if d.spent() && now.at.Sub(d.at) < per-about && counts(d) {
				n++
			}
		}
		return n
	}
	if now.nginx() {
		if n := spent(l.ReloadsNginx.Per.Duration(), deed.nginx); n >= l.ReloadsNginx.N {
			return fmt.Sprintf("%d actions on nginx", n)
		}
		return ""
	}
	mine := func(d deed) bool { return !d.nginx() && d.site == now.site }
	all := func(d deed) bool { return !d.nginx() }
	switch n, day, host := spent(time.Hour, mine), spent(24*time.Hour, mine), spent(time.Hour, all); {
	case now.mended:
	case n >= l.RestartsPerSite.N:
		return fmt.Sprintf("%d actions in an hour", n)
	case day >= l.RestartsPerSiteDay:
		return fmt.Sprintf("%d actions in a day", day)
	case host >= l.RestartsPerHost.N:
		return fmt.Sprintf("%d actions on this host in an hour", host)
	}
	return ""
}

// paces: what one action did must show before the next, and ever longer where it does not help.
func paces(deeds []deed, now deed) string {
	s := policy.Defaults()
	pause, failed := s.Cooldown.First.Duration(), 0
	var last deed
	for _, d := range slices.Backward(deeds) {
		ago := now.at.Sub(d.at)
		if ago < s.Limits.Gap.Duration()-about {
			return fmt.Sprintf("%s after an action on %s", ago, d.site)
		}
		if now.mended && d.mended && d.site == now.site && ago < 2*time.Minute-about {
			return fmt.Sprintf("%s after a start that was owed", ago)
		}
	}
	for _, d := range slices.Backward(deeds) {
		if d.site != now.site {
			continue
		}
		if d.outcome == policy.Recovered || now.at.Sub(d.at) > 24*time.Hour-about {
			break // what is older than the longest window is forgotten
		}
		if failed++; failed == 1 {
			last = d
		} else {
			pause = min(2*pause, s.Cooldown.Max.Duration())
		}
	}
	if ago := now.at.Sub(last.at); failed > 0 && !now.mended && ago < pause-about {
		return fmt.Sprintf("%s after %d that did not help", ago, failed)
	}
	return ""
}

// others: one site after the other, each proven; after two that could not be helped, no further one.
func others(deeds []deed, now deed) string {
	var failed []string
	for _, d := range slices.Backward(deeds) {
		ago := now.at.Sub(d.at)
		if d.outcome == policy.OutcomeOpen && d.site != now.site && ago < 15*time.Minute-about {
			return fmt.Sprintf("what was done for %s %s ago is not proven", d.site, ago)
		}
		if d.outcome == policy.Recovered || ago >= policy.Defaults().Cooldown.Max.Duration()-about {
			break
		}
		if !d.mended && !slices.Contains(failed, d.site) {
			failed = append(failed, d.site)
		}
	}
	if len(failed) >= 2 && !slices.Contains(failed, now.site) {
		return fmt.Sprintf("after %v could not be helped", failed)
	}
	return ""
}
