package agent

import (
	"context"
	"slices"
	"time"

	"github.com/gatemend/gatemend/detect"
	"github.com/gatemend/gatemend/policy"
)

// decide looks, unless the look that confirmed the incident is still in hand, and asks policy.
func (k *keeper) decide(ctx context.Context) move {
	l, ok := k.handLook(ctx)
	if !ok {
		return move{to: Confirmed, wait: time.Second}
	}
	switch h := k.health(l); {
	case h == detect.Healthy, h == detect.Uncertain && k.answers(l.facts.Upstream, l.facts.Public):
		return move{to: Verifying}
	case h == detect.Degraded:
		return k.partly(l)
	}
	if k.spent {
		return k.dismiss(ctx, carriedOut(k.inc), nil)
	}
	p, err := k.weigh(ctx, l)
	if err != nil {
		return k.cannot(ctx, policy.NoRecord, err)
	}
	if moved := k.planMoved(p); len(moved) > 0 {
		return k.dismiss(ctx, planRefused, moved)
	}
	if p.d.Do != policy.DoWait && k.cameBack(ctx, p.c.History) {
		if p, err = k.weigh(ctx, l); err != nil { // with the outcome that just changed
			return k.cannot(ctx, policy.NoRecord, err)
		}
	}
	waited := k.inc.Decision
	k.decided(p)
	switch p.d.Do {
	case policy.DoAct:
		return k.awaitTurn(ctx, p)
	case policy.DoWait:
		k.recordReasons(ctx, waited)
		return move{to: Confirmed, wait: waitFor(p.d)}
	}
	return move{to: Escalated}
}

// handLook gives the look that led here, once; then a new one, deep from the second on.
func (k *keeper) handLook(ctx context.Context) (look, bool) {
	if l := k.fresh; l != nil {
		k.fresh = nil
		return *l, true
	}
	l, ok := k.look(ctx, true)
	if ok {
		k.inc.saw(l)
	}
	return l, ok
}

// waitFor is how long to wait before deciding again.
func waitFor(d policy.Decision) time.Duration {
	if slices.ContainsFunc(d.Refusals, func(r policy.Refusal) bool { return r.Code == policy.SeenOnce }) {
		return secondLook
	}
	if d.Until == 0 {
		return longestWait
	}
	return jitter(min(max(until(d.Until), shortestWait), longestWait))
}

// awaitTurn waits until no other route acts. Whoever acted since we looked may have healed
// us too: then we look again, keeping the turn.
func (k *keeper) awaitTurn(ctx context.Context, p plan) move {
	if !k.turn && !k.takesTurn(ctx, p.c.Incident.Person) {
		return move{to: Confirmed}
	}
	if !k.turns.fresh(p.seen) {
		return move{to: Confirmed}
	}
	k.plan = p
	return move{to: Acting}
}

// takesTurn waits for a turn. It may take as long as another site's start: who is to be told is told
// meanwhile, and who asks is answered. False when it is to be decided anew first.
func (k *keeper) takesTurn(ctx context.Context, person bool) bool {
	defer k.mail.forget(-1) // drops nothing, rings again for what came meanwhile
	decided := k.inc.Decision
	for {
		select {
		case k.turns.slots <- struct{}{}:
			k.turn, k.inc.Decision = true, decided
			return true
		case answered := <-k.pulse.Ping():
			close(answered)
		case <-k.mail.bell:
			if k.mail.asked() {
				k.news.add(k.mail.take())
				k.noteRequests(ctx)
				return false
			}
		case <-time.After(max(time.Until(k.overdue()), shortestWait)):
			waits := *decided // the one before is with whoever was answered
			waits.Why = "waits for its turn: another site is being healed"
			k.inc.Decision = &waits
			k.remind(ctx)
			if k.answer(); k.inc.Person != person {
				return false
			}
		case <-ctx.Done():
			return false
		}
	}
}

// overdue is when somebody is to hear of an incident that waits.
func (k *keeper) overdue() time.Time {
	first := time.Now().Add(longestWait)
	for _, t := range []time.Time{k.tellDue(), k.answerBy()} {
		if !t.IsZero() && t.Before(first) {
			first = t
		}
	}
	return first
}

func (k *keeper) giveTurnBack() {
	if k.turn {
		k.turn = false
		k.turns.giveBack()
	}
}

// cannot escalates with a reason of our own: without our past actions nothing may be done.
func (k *keeper) cannot(ctx context.Context, code policy.Code, err error) move {
	if ctx.Err() != nil { // the agent ends: that says nothing of the site
		return move{to: k.inc.State, wait: longestWait}
	}
	k.log.Error("cannot decide", "err", err)
	why := "nothing is done: " + err.Error()
	k.inc.Decision = &policy.Decision{Do: policy.DoEscalate, Rung: -1, Why: why, Refusals: []policy.Refusal{{Code: code, Why: why}}}
	return move{to: Escalated}
}

// recordReasons puts on record why nothing is done, where the reasons are no longer what they were.
func (k *keeper) recordReasons(ctx context.Context, waited *policy.Decision) {
	if !sameReasons(waited, k.inc.Decision) {
		k.recordState(ctx)
	}
}

// sameReasons keeps the record of a wait short: each reason for it once, not each look.
func sameReasons(a, b *policy.Decision) bool {
	return a != nil && slices.EqualFunc(a.Refusals, b.Refusals, func(x, y policy.Refusal) bool { return x.Code == y.Code })
}
