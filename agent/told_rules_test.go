package agent

import (
	"slices"
	"time"

	"github.com/gatemend/gatemend/detect"
	"github.com/gatemend/gatemend/policy"
)

// heard notes a message.
func (r *rules) heard(m Message) {
	r.lock.Lock()
	defer r.lock.Unlock()
	r.words = append(r.words, word{time.Now(), r.host.clock.slept(), m.Site, m.State, m.Cause})
}

// noticed is how long a site must answer for its outage to be over for those who ask every half minute.
const noticed = 2 * time.Minute

// wentDown begins an outage; it is another one where until now another site spoke for this one.
func (r *rules) wentDown(site string, spokenFor bool) {
	r.lock.Lock()
	defer r.lock.Unlock()
	o := r.outage[site]
	first := r.told(site, o.since).first
	if o.since.IsZero() || !o.up.IsZero() && time.Since(o.up) > noticed || spokenFor && first.at.IsZero() {
		o.since = time.Now()
	}
	o.up = time.Time{}
	if spokenFor {
		o.covered = word{at: time.Now(), slept: r.host.clock.slept()}
	}
	r.outage[site] = o
}

func (r *rules) wentUp(site string) {
	r.lock.Lock()
	defer r.lock.Unlock()
	if o := r.outage[site]; o.up.IsZero() {
		o.up = time.Now()
		r.outage[site] = o
	}
}

// silence: nobody is left in the dark about a site that is down, neither when it falls nor for longer
// than until the next reminder. While no agent runs nobody can be told, nor right after it starts.
func (r *rules) silence() {
	r.lock.Lock()
	defer r.lock.Unlock()
	for site, o := range r.outage {
		if o.since.IsZero() || !o.up.IsZero() || r.shared(site) {
			continue
		}
		said := r.told(site, o.since)
		within := longestGrace + time.Minute
		if said.flaps { // said already; then only reminders are
			within += r.host.r.setup.Load().Remind[0].Duration()
		}
		if o.covered.at.After(said.last.at) {
			said.last = o.covered
		}
		if r.host.up.After(said.from) {
			said.from = r.host.up
		}
		first := said.first
		if first.at.IsZero() {
			first = said.flapping
		}
		switch due := r.lastDue(first, within); {
		case first.at.IsZero() && time.Since(said.from) > within:
			r.faults = append(r.faults, time.Now().Format("02 15:04:05 ")+"nobody knows that "+site+" is down since "+o.since.Format("02 15:04:05"))
		case !first.at.IsZero() && said.last.truth().Before(due.Add(-within)) && time.Since(r.host.up) > within:
			r.faults = append(r.faults, time.Now().Format("02 15:04:05 ")+"no reminder of "+site+" since "+said.last.truth().Format("02 15:04:05")+", due "+due.Format("02 15:04:05"))
		}
	}
}

// shared: one site speaks for all that are down of it.
func (r *rules) shared(site string) bool {
	r.host.mu.Lock()
	defer r.host.mu.Unlock()
	info, _ := detect.Info(r.host.sites[site].cause)
	return info.Shared
}

// known is what a person knows of an outage: when they heard of it first and last, since when it lasts
// (what was said to be healed is another one), and of the site, whether it ever flapped and the word
// that it still does.
type known struct {
	first, last, flapping word
	from                  time.Time
	flaps                 bool
}

func (r *rules) told(site string, since time.Time) known {
	k := known{from: since}
	for _, w := range r.words {
		if w.site != site {
			continue
		}
		switch {
		case w.state == ToldFlapping:
			k.flaps, k.flapping = true, w
		case w.state == ToldHealed:
			k.flapping = word{}
		}
		switch {
		case w.at.Before(since) && !k.flapping.at.IsZero():
			k.last = w
		case w.at.Before(since):
		case w.state == ToldHealed:
			k.first, k.last, k.from = word{}, word{}, w.at
		case k.first.at.IsZero():
			k.first, k.last = w, w
		default:
			k.last = w
		}
	}
	if k.flapping.at.Before(r.host.up) {
		k.flapping = word{} // the next agent tells of each again
	}
	return k
}

func (w word) truth() time.Time { return w.at.Add(w.slept) }

// lastDue is the last reminder that is overdue, counted from the first word: the last time repeats. What
// fell due while the machine slept may come as much later.
func (r *rules) lastDue(first word, within time.Duration) (due time.Time) {
	if first.at.IsZero() {
		return due
	}
	by := time.Now().Add(first.slept - within)
	remind := []time.Duration{15 * time.Minute, time.Hour, 4 * time.Hour, 24 * time.Hour}
	for i := 0; ; i++ {
		after := remind[min(i, 3)] * time.Duration(max(1, i-2))
		if at := first.truth().Add(after); !at.After(by) {
			due = at
			continue
		}
		return due
	}
}

// explained: whatever is not done has its reasons, each with a code.
func (r *rules) explained(c policy.Case, d policy.Decision) {
	if d.Do == policy.DoAct || d.Do == policy.DoNothing {
		return
	}
	if len(d.Refusals) == 0 || slices.ContainsFunc(d.Refusals, func(x policy.Refusal) bool { return x.Code == "" || x.Why == "" }) {
		r.fault("%s of %s is not explained: %+v", d.Do, c.Facts.Site, d.Refusals)
	}
}

func (r *rules) recorded(i Incident) {
	r.lock.Lock()
	defer r.lock.Unlock()
	r.wrote[i.ID] = codes(i.Decision)
}

func codes(d *policy.Decision) (l []policy.Code) {
	if d != nil {
		for _, x := range d.Refusals {
			l = append(l, x.Code)
		}
	}
	return l
}

// onRecord: why nothing is done about what is open stands in the record as it stands now.
func (r *rules) onRecord(s Snapshot) {
	for _, v := range s.Routes {
		if v.Incident == nil || v.State == Acting || v.State == Verifying {
			continue
		}
		r.lock.Lock()
		wrote := r.wrote[v.Incident.ID]
		r.lock.Unlock()
		if is := codes(v.Incident.Decision); !slices.Equal(is, wrote) {
			r.fault("%s of %s: refused by %v, recorded as %v", v.State, v.Site, is, wrote)
		}
	}
}
