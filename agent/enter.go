package agent

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/gatemend/gatemend/detect"
	"github.com/gatemend/gatemend/policy"
)

// entered does what a transition brings with it: identity, records, messages, watches.
func (k *keeper) entered(ctx context.Context, from State) {
	switch k.inc.State {
	case Confirmed, Degraded:
		k.open()
	case Escalated:
		k.unask()
		k.inc.Mended = false
		k.watchFix(ctx)
	case Recovered:
		k.recovered(ctx)
	case Idle:
		k.closeIncident(from)
		return
	}
	k.recordState(ctx)
	switch k.inc.State {
	case Escalated:
		k.giveTurnBack()
		k.tellEscalated(ctx)
	case Degraded:
		k.giveTurnBack()
		k.tellOnce(ctx, ToldDegraded)
	}
	k.publish()
}

// recordState appends the incident as it stands, from the moment it was confirmed.
func (k *keeper) recordState(ctx context.Context) {
	if k.inc.ID != "" {
		k.record(ctx, RecordIncident, k.inc.ID, k.site.Name, k.route.Path, k.inc)
	}
}

// open gives a confirmed incident its identity, once.
func (k *keeper) open() {
	k.sick.set(k.site.Name, k.route.Path, k.inc.Diagnosis.Primary.Cause)
	if k.inc.ID == "" {
		k.inc.ID = k.sick.name(k.site.Name, k.inc.Noticed)
	}
}

// cameBack changes the outcome of an action of ours whose recovery did not last: within the
// recurrence window it failed after all, and spends budget. True when it just did. It is
// asked when something is about to be done or told: a person's restart that passes by itself
// says nothing about our action.
func (k *keeper) cameBack(ctx context.Context, history []policy.Entry) bool {
	if k.inc.CameBack {
		return false
	}
	for _, e := range slices.Backward(history) {
		if e.Site != k.site.Name || e.Shadow || e.Outcome == policy.Would {
			continue
		}
		recovered := now().Add(-k.ago(e))
		if l := k.last; l.began() <= recovered && recovered < l.Recovered { // it was done in that incident
			recovered = l.Recovered
		}
		if e.Outcome == policy.Recovered && k.inc.Noticed.Sub(recovered) <= k.Settings.Recurrence {
			k.inc.CameBack = true
			k.record(ctx, RecordOutcome, e.Incident, k.site.Name, k.route.Path, Judgement{
				Seq: e.Seq, Outcome: policy.CameBack, Why: "sick again as " + k.inc.ID})
		}
		return k.inc.CameBack
	}
	return false
}

// recovered closes the incident on the verifier's word.
func (k *keeper) recovered(ctx context.Context) {
	if k.approval != nil {
		k.over(ctx, "the site recovered without it")
	}
	p := k.inc.Proof
	k.inc.FirstOK, k.inc.Recovered = p.FirstOK, p.At
	k.recoveredAt, k.lastOK = p.At, p.At
	k.sick.clear(k.site.Name, k.route.Path)
	if k.telling.spoke || len(k.inc.Actions) > 0 {
		k.tell(ctx, ToldHealed)
	}
	k.remember(ctx, *p, startToAnswer(k.inc.Acted, *p))
}

func (k *keeper) closeIncident(from State) {
	k.giveTurnBack()
	k.sick.clear(k.site.Name, k.route.Path)
	if k.inc.ID != "" { // a suspicion that was nothing leaves no trace
		k.last, k.last.State = k.inc, from
	}
	k.reset()
	k.probes.next = time.Now().Add(k.site.Probe.Every.Duration())
	k.publish()
}

// sickList is what routes know of each other: who is sick, of what, and whose message
// speaks for a cause that all share.
type sickList struct {
	mu    sync.Mutex
	sick  map[[2]string]detect.Cause
	voice map[string][2]string // by cause, and by site where the cause is the site's own
	names []string             // given lately
}

func newSickList() *sickList {
	return &sickList{sick: map[[2]string]detect.Cause{}, voice: map[string][2]string{}}
}

func (s *sickList) set(site, route string, c detect.Cause) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.sick[[2]string{site, route}] = c
}

func (s *sickList) clear(site, route string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	key := [2]string{site, route}
	delete(s.sick, key)
	for c, v := range s.voice {
		if v == key {
			delete(s.voice, c)
		}
	}
}

// others names the other sites that are sick now, sorted.
func (s *sickList) others(site string) []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var l []string
	for key := range s.sick {
		if key[0] != site {
			l = append(l, key[0])
		}
	}
	slices.Sort(l)
	return slices.Compact(l)
}

// speaks tells whether this route is the one to tell of a cause: one outage of nginx is one
// message, not one a site, and one of a unit behind two routes is one message too.
func (s *sickList) speaks(site, route string, c detect.Cause) bool {
	about := site + " " + string(c)
	if info, ok := detect.Info(c); ok && info.Shared {
		about = string(c)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	key := [2]string{site, route}
	s.sick[key] = c
	if v, taken := s.voice[about]; taken && s.sick[v] == c { // what it is down of by now, it tells of now
		return v == key
	}
	s.voice[about] = key
	return true
}

// name makes an incident's name: a person can read, sort and type it.
func (s *sickList) name(site string, at detect.Time) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	first := at.Time().Format("20060102-150405") + "-" + site
	id := first
	for n := 2; slices.Contains(s.names, id); n++ {
		id = fmt.Sprintf("%s-%d", first, n)
	}
	s.names = append(s.names, id)
	s.names = s.names[max(0, len(s.names)-mostNames):]
	return id
}

// mostNames are remembered: far more than a host has routes.
const mostNames = 256
