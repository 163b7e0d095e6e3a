package agent

import (
	"context"
	"fmt"
	"time"

	"github.com/gatemend/gatemend/detect"
	"github.com/gatemend/gatemend/policy"
)

// Approve releases what waits for a person in an open incident, and waits for what becomes of it. Then
// is the case that the person was told of: when it moved, nothing is released. The word stands for
// that long, in this process only: it ends with the agent, who asks again.
func (a *Agent) Approve(ctx context.Context, then policy.Case, by string, length detect.Span) ([]Result, error) {
	k, err := a.keeping(then)
	if err != nil {
		return nil, err
	}
	return ask(ctx, []*keeper{k}, func() *request {
		q := newRequest(by, &then)
		q.word = &policy.Release{Plan: policy.Fingerprint(then), By: by, At: now(), Until: now().Add(length)}
		return q
	})
}

// approve takes a person's word, if anything waits for it.
func (k *keeper) approve(ctx context.Context, q *request) {
	if why := k.nothingToApprove(); why != "" {
		k.word(ctx, q, WordRefused, why)
		r := Result{Site: k.site.Name, Route: k.route.Path, State: k.inc.State, Incident: k.inc, Refused: why}
		if k.inc.State == Idle {
			r.Incident = k.last
		}
		q.tell(r)
		return
	}
	k.approval, k.approver, k.called, k.inc.Release = q, q, true, q.word
	k.word(ctx, q, WordApproved)
	k.recordState(ctx)
}

// nothingToApprove says why a person's word is not wanted now.
func (k *keeper) nothingToApprove() string {
	switch {
	case k.approval != nil:
		return fmt.Sprintf("it was approved by %s already, until %s", k.approval.by, hour(k.approval.word.Until))
	case k.inc.Asks() != "":
		return ""
	case k.inc.State == Idle && k.last.ID != "":
		return fmt.Sprintf("nothing waits for approval: incident %s recovered at %s", k.last.ID, hour(k.last.Recovered))
	case k.inc.State == Idle:
		return "nothing waits for approval: the site is healthy"
	case k.inc.Decision != nil && k.inc.Decision.Why != "":
		return fmt.Sprintf("nothing waits for approval: the site is %s: %s", k.inc.State, k.inc.Decision.Why)
	}
	return fmt.Sprintf("nothing waits for approval: the site is %s", k.inc.State)
}

func hour(t detect.Time) string { return t.Time().Local().Format("15:04:05") }

// decided is what stands now. What waits for a person is kept, at each look, as one that can be named for
// another day: so holds the command of a reminder.
func (k *keeper) decided(p plan) {
	k.inc.Decision, k.facts, k.inc.Plan = &p.d, p.c.Facts, ""
	if p.d.Do != policy.DoAsk {
		return
	}
	k.inc.Plan = policy.PlanID(policy.Fingerprint(p.c))
	if err := k.Plans.Keep(p.c, p.d); err != nil {
		k.log.Error("cannot keep a plan: it cannot be approved", "plan", k.inc.Plan, "err", err)
	}
}

// asksAnew tells that something waits for approval of which nobody was told.
func (k *keeper) asksAnew() bool {
	return k.inc.Asks() != "" && k.inc.ToldAsk != planned(*k.inc.Decision)
}

// used ends an approval: what it was for was done.
func (k *keeper) used() {
	if k.bound() == k.approval {
		k.approval, k.inc.Release = nil, nil
	}
}

// expire ends an approval that could not be used in its time, or by anybody any more.
func (k *keeper) expire(ctx context.Context) {
	if k.approval != nil && now() >= k.approval.word.Until {
		k.over(ctx, "its time has passed")
	}
}

// approvedUntil is when an approval ends; zero where none stands.
func (k *keeper) approvedUntil() time.Time {
	if k.approval == nil {
		return time.Time{}
	}
	return moment(k.approval.word.Until)
}

func (k *keeper) over(ctx context.Context, why string) {
	k.word(ctx, k.approval, WordOver, why)
	k.approval, k.inc.ToldAsk = nil, ""
	if len(k.asked) == 0 {
		k.inc.Release = nil
	}
}

// forgetWord ends what a person approved of an agent that is gone: nobody knows what it saw last. The
// next decision to ask is told again.
func (k *keeper) forgetWord(ctx context.Context, i *Incident) {
	if r := i.Release; r != nil && r.Until != 0 {
		i.ToldAsk = ""
		k.record(ctx, RecordPerson, i.ID, i.Site, i.Route, Word{
			At: now(), By: r.By, What: WordOver, Plan: policy.PlanID(r.Plan), Until: r.Until,
			Why: []string{"the agent ended before it was used: approve again"},
		})
	}
}

// ofApproval is the answer to who approved: what still holds it back, or what became of it.
func (k *keeper) ofApproval(r Result) Result {
	r.Refused, r.Moved = k.approver.refused, k.approver.moved
	if k.approval != nil && r.State == Escalated {
		r.Waits = fmt.Sprintf("approved until %s: %s", hour(k.approval.word.Until), waits(k.inc.Decision))
	}
	return r
}
