package agent

import (
	"context"
	"fmt"
	"slices"

	"github.com/gatemend/gatemend/detect"
	"github.com/gatemend/gatemend/policy"
)

// planRefused begins the answer to who asked for a plan that no longer fits.
const planRefused = "things changed since the plan was made, so nothing was done"

// HealPlan asks the running keeper of a plan's route to carry out that plan, and nothing else. Then
// is the case that the person was shown.
func (a *Agent) HealPlan(ctx context.Context, then policy.Case, by string) ([]Result, error) {
	k, err := a.keeping(then)
	if err != nil {
		return nil, err
	}
	return ask(ctx, []*keeper{k}, by, &then)
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
	for _, k := range a.keepers {
		if k.site.Name == site && k.route.Path == route {
			return k, nil
		}
	}
	return nil, fmt.Errorf("cannot find route %s of site %q in the configuration: gatemend check lists them", route, site)
}

// release is what the request binds an action to; nil where it is not about one plan.
func (q *request) release() *policy.Release {
	if q.then == nil {
		return nil
	}
	return &policy.Release{Plan: policy.Fingerprint(*q.then), By: q.by, At: detect.At(q.since)}
}

// ofPlan tells that a person asked for one plan and nothing else.
func (k *keeper) ofPlan() bool {
	return len(k.asked) > 0 && k.asked[0].then != nil && k.inc.Release != nil
}

// planMoved names what is no longer as in the plan that is asked for. What may pass any moment is
// waited for first: a unit that is still going down is not yet another plan.
func (k *keeper) planMoved(p plan) []string {
	if !k.ofPlan() || p.d.Do == policy.DoWait || policy.Fingerprint(p.c) == k.inc.Release.Plan {
		return nil
	}
	return policy.Moved(*k.asked[0].then, p.c)
}

// dismiss answers who asked for a plan that is not to be carried out, or was. The incident goes on
// as if nobody had asked.
func (k *keeper) dismiss(ctx context.Context, why string, moved []string) move {
	q := k.asked[0]
	k.asked = slices.Delete(k.asked, 0, 1)
	k.word(ctx, q, WordRefused, append([]string{why}, moved...)...)
	k.unask()
	q.reply <- Result{Site: k.site.Name, Route: k.route.Path, State: k.inc.State, Incident: k.inc, Refused: why, Moved: moved}
	k.forPersons()
	return move{to: Confirmed, wait: shortestWait}
}

// unask ends what was for the person who asked.
func (k *keeper) unask() {
	k.inc.Person, k.inc.By, k.inc.Release, k.spent = false, "", nil, false
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
	k.record(ctx, RecordPerson, k.inc.ID, k.site.Name, k.route.Path, Word{
		At: now(), By: q.by, What: what, Plan: policy.PlanID(policy.Fingerprint(*q.then)), Why: why,
	})
}
