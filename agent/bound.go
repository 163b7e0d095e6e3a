package agent

import (
	"context"
	"fmt"
	"slices"

	"github.com/gatemend/gatemend/detect"
	"github.com/gatemend/gatemend/policy"
)

// planRefused begins the answer to who released a plan that no longer fits.
const planRefused = "things changed since the plan was made, so nothing was done"

// HealPlan asks the running keeper of a plan's route to carry out that plan, and nothing else. Then
// is the case that the person was shown.
func (a *Agent) HealPlan(ctx context.Context, then policy.Case, by string) ([]Result, error) {
	k, err := a.keeping(then)
	if err != nil {
		return nil, err
	}
	return ask(ctx, []*keeper{k}, func() *request { return newRequest(by, &then) })
}

// OncePlan is HealPlan without a running agent. See Once.
func (a *Agent) OncePlan(ctx context.Context, then policy.Case, by string) ([]Result, error) {
	k, err := a.keeping(then)
	if err != nil {
		return nil, err
	}
	return walk(ctx, []*keeper{k}, by, &then)
}

// keeping is the keeper of a case's route.
func (a *Agent) keeping(c policy.Case) (*keeper, error) {
	site, route := c.Facts.Site, c.Facts.Route.Path
	for _, k := range a.keepersOf(site) {
		if k.place.route == route {
			return k, nil
		}
	}
	return nil, fmt.Errorf("cannot find route %s of site %q in the configuration: gatemend check lists them", route, site)
}

// release is what the request binds an action to; nil where it is not about one plan.
func (q *request) release() *policy.Release {
	if q.then == nil || q.word != nil {
		return q.word
	}
	return &policy.Release{Plan: policy.Fingerprint(*q.then), By: q.by, At: detect.At(q.since)}
}

// bound is the request that binds what is done to one plan; nil where nobody asked for one. Who asks
// for a heal comes before what was approved.
func (k *keeper) bound() *request {
	switch {
	case k.inc.Release == nil:
		return nil
	case len(k.asked) > 0:
		return k.asked[0]
	}
	return k.approval
}

// planMoved names what is no longer as in the plan that was released. What may pass any moment is
// waited for first: a unit that is still going down is not yet another plan.
func (k *keeper) planMoved(p plan) []string {
	q := k.bound()
	if q == nil || p.d.Do == policy.DoWait || policy.Fingerprint(p.c) == k.inc.Release.Plan {
		return nil
	}
	return policy.Moved(*q.then, p.c)
}

// dismiss answers who released a plan that is not to be carried out, or was. The incident goes on as
// if nobody had.
func (k *keeper) dismiss(ctx context.Context, why string, moved []string) move {
	q := k.bound()
	k.word(ctx, q, WordRefused, append([]string{why}, moved...)...)
	if q == k.approval {
		k.approval, k.inc.ToldAsk = nil, "" // whoever approved hears what waits now
		q.refused, q.moved = why, moved
	} else {
		k.asked = slices.Delete(k.asked, 0, 1)
		q.tell(Result{Site: k.site.Name, Route: k.route.Path, State: k.inc.State, Incident: k.inc, Refused: why, Moved: moved})
	}
	k.unask()
	k.forPersons()
	return move{to: Confirmed, wait: shortestWait}
}

// unask ends what was for the person who asked; what was approved stands.
func (k *keeper) unask() {
	k.inc.Person, k.inc.By, k.inc.Release, k.spent = false, "", nil, false
	if k.approval != nil {
		k.inc.Release = k.approval.word
	}
}

// carriedOut tells that the plan was done and the site is still sick.
func carriedOut(i Incident) string {
	why := "the plan was carried out, and the site is not healed; nothing else was done"
	if i.Proof != nil && i.Proof.Why != "" {
		why += ": " + i.Proof.Why
	}
	return why
}

// word records what a person said about a plan, or what became of it.
func (k *keeper) word(ctx context.Context, q *request, what string, why ...string) {
	w := Word{At: now(), By: q.by, What: what, Plan: policy.PlanID(policy.Fingerprint(*q.then)), Why: why}
	if q.word != nil {
		w.Until = q.word.Until
	}
	k.record(ctx, RecordPerson, k.inc.ID, k.site.Name, k.route.Path, w)
}
