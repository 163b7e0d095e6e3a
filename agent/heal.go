package agent

import (
	"context"
	"fmt"
	"time"

	"github.com/gatemend/gatemend/detect"
	"github.com/gatemend/gatemend/policy"
)

// request is a person's `gatemend heal`.
type request struct {
	by    string
	since time.Time
	reply chan Result // one slot
}

// Result is what became of a heal: the incident as it stands, or the last one.
type Result struct {
	Site     string   `json:"site"`
	Route    string   `json:"route"`
	State    State    `json:"state"` // idle: healthy, nothing to do, or healed (see Incident)
	Incident Incident `json:"incident"`
	Waits    string   `json:"waits,omitempty"` // what is waited for, where nothing is final yet
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
	var asked []*request
	for _, k := range keepers {
		r := &request{by: by, since: time.Now(), reply: make(chan Result, 1)}
		asked = append(asked, r)
		k.mail.ask(r)
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
	var results []Result
	for _, k := range keepers {
		k = newKeeper(a, k.site, k.route)
		r := &request{by: by, since: time.Now(), reply: make(chan Result, 1)}
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
		e, err := newKeeper(a, k.site, k.route).examine(ctx, person)
		if err != nil {
			return exams, err
		}
		exams = append(exams, e)
	}
	return exams, nil
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
	var l []*keeper
	for _, k := range a.keepers {
		if site == "" || k.site.Name == site {
			l = append(l, k)
		}
	}
	if len(l) == 0 {
		return nil, fmt.Errorf("cannot find site %q in the configuration: gatemend check lists the sites", site)
	}
	return l, nil
}

// noteRequests takes over what persons asked for.
func (k *keeper) noteRequests() {
	k.asked = append(k.asked, k.news.requests...)
	k.news.requests = nil
	k.forPersons()
}

// forPersons marks the incident as one that a person asks about.
func (k *keeper) forPersons() {
	if len(k.asked) > 0 {
		k.inc.Person, k.inc.By = true, k.asked[0].by
	}
}

// answer replies when there is something final to say, or when the wait is long.
func (k *keeper) answer() {
	if len(k.asked) == 0 {
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
	for _, q := range k.asked {
		q.reply <- r
	}
	k.asked, k.inc.Person, k.inc.By = nil, false, ""
}

// answerBy is when a person is answered at the latest; zero when nobody asked.
func (k *keeper) answerBy() time.Time {
	if len(k.asked) == 0 {
		return time.Time{}
	}
	return k.asked[0].since.Add(patience)
}

func waits(d *policy.Decision) string {
	if d == nil {
		return "the site's first look"
	}
	return d.Why
}
