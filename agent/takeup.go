package agent

import (
	"context"
	"slices"

	"github.com/gatemend/gatemend/detect"
	"github.com/gatemend/gatemend/policy"
)

// Past is what the agent before this one left behind when it ended.
type Past interface {
	// Latest is the route's latest incident in the record, open or closed, nil when there is none. At
	// is when it was last written.
	Latest(site, route string) (i *Incident, at detect.Time)
	// Happened tells from facts whether the action of an intent without a result took place. What
	// cannot be told counts as done: nothing is repeated blindly.
	Happened(ctx context.Context, seq int64, f detect.Facts) (done bool, why string)
}

// forgotten is how long ago an incident must have been written not to be taken up again.
const forgotten = detect.Span(7 * 24 * 3600 * 1_000_000)

// resume takes up the incident that was open when the last agent ended, under its name and with what
// was told of it, and gives back the intents that are not of any such incident. Of one that was healed
// it knows what the last agent knew.
func (k *keeper) resume(ctx context.Context, open []policy.Entry) (others []policy.Entry) {
	switch i := k.lately(k.route.Path); {
	case i == nil:
	case i.State == Recovered:
		k.last, k.recoveredAt = *i, i.Recovered
		k.flapped(i.Flaps)
	case i.State != Dropped:
		k.takeUp(ctx, *i)
	}
	taken := k.takenUp()
	for _, e := range open {
		switch {
		case e.Incident == k.inc.ID && k.inc.ID != "":
			k.takeOver(e)
		case !taken[e.Incident] && k.route.Path == k.site.Routes[0].Path: // history knows sites, not routes
			others = append(others, e)
		}
	}
	return others
}

func (k *keeper) takeUp(ctx context.Context, i Incident) {
	k.forgetWord(ctx, &i)
	i.State, i.Person, i.By, i.Release, i.Mended, i.Seen = Suspected, false, "", nil, false, 0
	k.inc = i
	k.flapped(i.Flaps)
	k.telling.spoke = i.Told != 0
	if i.Told != 0 {
		k.scheduleReminder()
	}
	k.log.Info("incident taken up again", "id", i.ID, "cause", i.Cause())
}

// takenUp are the incidents that this site's other routes take up.
func (k *keeper) takenUp() map[string]bool {
	ids := map[string]bool{}
	for _, r := range k.site.Routes {
		if i := k.lately(r.Path); i != nil && i.State != Recovered && i.State != Dropped {
			ids[i.ID] = true
		}
	}
	return ids
}

// lately is the latest incident of a route of this site, nil where it is too long ago.
func (k *keeper) lately(route string) *Incident {
	i, at := k.Past.Latest(k.site.Name, route)
	if i == nil || now().Sub(at) > forgotten {
		return nil
	}
	return i
}

// takeOver makes an action that nobody has judged one of the incident: what the site looks like tells
// what became of it.
func (k *keeper) takeOver(e policy.Entry) {
	k.pending = append(k.pending, e.Seq)
	k.startedAt = e.At
	k.inc.Acted = max(k.inc.Acted, e.At)
	k.crashed = append(k.crashed, e)
	if slices.ContainsFunc(k.inc.Actions, func(r Report) bool { return r.Seq == e.Seq }) {
		return // the result was recorded, the verifier's word was not
	}
	k.inc.Actions = append(k.inc.Actions, Report{
		Seq: e.Seq, Verb: e.Verb, Unit: e.Unit, Started: e.At, Why: "the agent ended before its result was recorded",
	})
}

// unproven judges what the last agent had begun, where the site is found sick: it spends budget, and
// is not tried again by this incident unless it is seen that it never took place.
func (k *keeper) unproven(ctx context.Context, f detect.Facts) {
	for _, e := range k.crashed {
		done, why := k.Past.Happened(ctx, e.Seq, f)
		if done && !slices.Contains(k.inc.Tried, e.Verb) {
			k.inc.Tried = append(k.inc.Tried, e.Verb)
		}
		k.record(ctx, RecordOutcome, e.Incident, k.site.Name, k.route.Path, Judgement{
			Seq: e.Seq, Outcome: policy.Inconclusive,
			Why: "outcome unknown: the agent ended between intent and result; the action " + why + ", and the site is not healthy",
		})
	}
	if len(k.crashed) > 0 {
		k.crashed, k.pending, k.startedAt = nil, nil, 0
	}
}

// nothing ends a suspicion of a site that answers; an incident that was taken up again needs the
// verifier's word.
func (k *keeper) nothing() move {
	if k.inc.ID != "" {
		return move{to: Verifying}
	}
	return move{to: Idle}
}
