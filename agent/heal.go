package agent

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/gatemend/gatemend/detect"
	"github.com/gatemend/gatemend/policy"
)

// request is a person's `gatemend heal`.
type request struct {
	by    string
	then  *policy.Case    // of the plan that is asked for; nil: whatever helps
	word  *policy.Release // an approval: what waits in an incident may be done
	since time.Time
	reply chan Result // one slot

	refused string // of an approval: why, and what moved; told with what waits now
	moved   []string
}

func newRequest(by string, then *policy.Case) *request {
	return &request{by: by, then: then, since: time.Now(), reply: make(chan Result, 1)}
}

// tell answers once.
func (q *request) tell(r Result) {
	select {
	case q.reply <- r:
	default:
	}
}

// Result is what became of a heal: the incident as it stands, or the last one.
type Result struct {
	Site     string   `json:"site"`
	Route    string   `json:"route"`
	State    State    `json:"state"` // idle: healthy, nothing to do, or healed (see Incident)
	Incident Incident `json:"incident,omitzero"`
	Waits    string   `json:"waits,omitempty"`   // what is waited for, where nothing is final yet
	Refused  string   `json:"refused,omitempty"` // why what was asked for is not done
	Moved    []string `json:"moved,omitempty"`   // what is no longer as in the plan, from what to what
}

// Exam is a look with its decision, for diagnose and plan.
type Exam struct {
	Site     string          `json:"site"`
	Route    string          `json:"route"`
	Case     policy.Case     `json:"case"`
	Decision policy.Decision `json:"decision"`
}

// Heal asks the running keepers of a site ("" means all) to act for a person, and waits for
// each to be done, or to say what it waits for.
func (a *Agent) Heal(ctx context.Context, site, by string) ([]Result, error) {
	keepers, err := a.of(site)
	if err != nil {
		return nil, err
	}
	return ask(ctx, keepers, func() *request { return newRequest(by, nil) })
}

// ask puts a person's request to each keeper and waits for all of them.
func ask(ctx context.Context, keepers []*keeper, make func() *request) ([]Result, error) {
	var asked []*request
	for _, k := range keepers {
		r := make()
		if asked = append(asked, r); !k.mail.ask(r) {
			r.reply <- k.left()
		}
	}
	var results []Result
	for _, r := range asked {
		select {
		case res := <-r.reply:
			results = append(results, res)
		case <-ctx.Done():
			return results, fmt.Errorf("cannot wait for the heal to end: %w", ctx.Err())
		}
	}
	return results, nil
}

// Once heals without a running agent: the same steps, walked by the caller, one route after
// the other. The caller holds the lock that keeps an agent away.
func (a *Agent) Once(ctx context.Context, site, by string) ([]Result, error) {
	keepers, err := a.of(site)
	if err != nil {
		return nil, err
	}
	return walk(ctx, keepers, by, nil)
}

func walk(ctx context.Context, keepers []*keeper, by string, then *policy.Case) ([]Result, error) {
	var results []Result
	for _, k := range keepers {
		k = k.another()
		r := newRequest(by, then)
		k.loadBaseline(ctx)
		k.mail.ask(r)
		for len(r.reply) == 0 && k.park(ctx) {
			k.attend(ctx)
		}
		k.fix.close()
		if ctx.Err() != nil {
			return results, fmt.Errorf("cannot finish the heal: %w", ctx.Err())
		}
		results = append(results, <-r.reply)
	}
	return results, nil
}

// Examine looks and decides, and does nothing: what is wrong, and what would be done.
// Person asks what `heal` would do.
func (a *Agent) Examine(ctx context.Context, site string, person bool) ([]Exam, error) {
	keepers, err := a.of(site)
	if err != nil {
		return nil, err
	}
	var exams []Exam
	for _, k := range keepers {
		e, err := k.another().examine(ctx, person)
		if err != nil {
			return exams, err
		}
		exams = append(exams, e)
	}
	return exams, nil
}

// another is a keeper of the same route that knows what this one tried in the open incident, and how
// far back logs speak of it: what heal would do now depends on both.
func (k *keeper) another() *keeper {
	k.mu.Lock()
	defer k.mu.Unlock()
	other := newKeeper(k.Agent, k.assignment())
	if open := k.view.Incident; open != nil {
		other.inc.Tried = slices.Clone(open.Tried)
	}
	if last := k.view.Last; last != nil {
		other.recoveredAt = last.Recovered
	}
	return other
}

func (k *keeper) examine(ctx context.Context, person bool) (Exam, error) {
	k.loadBaseline(ctx)
	k.inc.Person, k.inc.Noticed = person, now()
	l, ok := k.look(ctx, true)
	if ok {
		k.inc.saw(l)
	}
	if ok && l.diag.Health != detect.Healthy && !k.inc.settledView() { // ambiguous: seen twice, as the loop does
		k.linger(ctx, secondLook)
		l, ok = k.look(ctx, true)
		k.inc.saw(l)
	}
	if !ok {
		return Exam{}, fmt.Errorf("cannot examine site %q: the clock jumped or the look was ended; ask again", k.site.Name)
	}
	p, err := k.weigh(ctx, l)
	if err != nil {
		return Exam{}, fmt.Errorf("cannot decide about site %q: %w", k.site.Name, err)
	}
	return Exam{k.site.Name, k.route.Path, p.c, p.d}, nil
}

func (a *Agent) of(site string) ([]*keeper, error) {
	l := a.keepersOf(site)
	if site == "" {
		l = a.all()
	}
	if len(l) == 0 {
		return nil, fmt.Errorf("cannot find site %q in the configuration: gatemend check lists the sites", site)
	}
	return l, nil
}

// noteRequests takes over what persons asked for.
func (k *keeper) noteRequests(ctx context.Context) {
	k.expire(ctx)
	for _, q := range k.news.requests {
		if q.word != nil {
			k.approve(ctx, q)
			continue
		}
		k.asked = append(k.asked, q)
	}
	k.news.requests = nil
	k.forPersons()
}

// forPersons marks the incident as one that a person asks about.
func (k *keeper) forPersons() {
	if len(k.asked) > 0 {
		k.inc.Person, k.inc.By = true, k.asked[0].by
		k.inc.Release = k.asked[0].release()
	}
}

// answer replies when there is something final to say, or when the wait is long.
func (k *keeper) answer() {
	if len(k.asked) == 0 && k.approver == nil {
		return
	}
	r := Result{Site: k.site.Name, Route: k.route.Path, State: k.inc.State, Incident: k.inc}
	switch k.inc.State {
	case Idle:
		r.Incident = k.last
	case Escalated, Degraded:
	default:
		if time.Now().Before(k.answerBy()) {
			return
		}
		r.Waits = waits(k.inc.Decision)
	}
	if k.approver != nil {
		k.approver.tell(k.ofApproval(r))
		k.approver = nil
	}
	for _, q := range k.asked {
		q.tell(r)
	}
	if len(k.asked) > 0 {
		k.asked = nil
		k.unask()
	}
}

// answerBy is when a person is answered at the latest; zero when nobody asked.
func (k *keeper) answerBy() time.Time {
	switch {
	case len(k.asked) > 0:
		return k.asked[0].since.Add(patience)
	case k.approver != nil:
		return k.approver.since.Add(patience)
	}
	return time.Time{}
}

func waits(d *policy.Decision) string {
	if d == nil {
		return "the site's first look"
	}
	return d.Why
}
