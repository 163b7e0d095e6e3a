package agent

import (
	"context"
	"time"

	"github.com/gatemend/gatemend/detect"
	"github.com/gatemend/gatemend/policy"
)

// escalated stays with an incident that a person must mend: asks every few seconds, watches
// what a fix would change, looks at everything every half minute, and finishes the job when
// the change has settled and policy agrees.
func (k *keeper) escalated(ctx context.Context) move {
	if k.inc.Person || k.called {
		k.called = false
		return move{to: Confirmed}
	}
	if up, pub := k.ask(ctx); k.well(up, pub) {
		return move{to: Verifying}
	}
	stay := move{to: Escalated, wait: k.nextLook()}
	mended := k.fix.ready(k.Settings.Quiet.AfterChange.Duration())
	if !mended && !k.lookDue() {
		return stay
	}
	l, ok := k.look(ctx, true)
	if !ok {
		return stay
	}
	gone := l.diag.Primary.Gone && !k.inc.Diagnosis.Primary.Gone
	k.inc.saw(l)
	k.inc.Mended = (mended || gone) && k.fix.mayStart()
	return k.reconsider(ctx, l, stay)
}

// nextLook is when the site is asked again: at the pace of an open incident, and when policy said
// to look again, so that what must be seen twice is.
func (k *keeper) nextLook() time.Duration {
	wait := k.probes.openWait(k.age())
	if d := k.inc.Decision; d != nil && k.lookedAt.Before(d.Until.Time()) {
		wait = min(wait, max(until(d.Until), shortestWait))
	}
	return wait
}

// lookDue tells that it is time to collect everything again.
func (k *keeper) lookDue() bool {
	since := sinceTime(k.lookedAt)
	if d := k.inc.Decision; d != nil && d.Until != 0 && d.Until <= now() && k.lookedAt.Before(d.Until.Time()) {
		return true // policy said: look again then
	}
	every := openCollect
	if k.age() > time.Hour {
		every = oldCollect
	}
	return since >= every || since >= openProbe && k.news.from(eventSensors...) || k.news.from(detect.SensorHold)
}

// age of the incident.
func (k *keeper) age() time.Duration { return now().Sub(k.inc.Noticed).Duration() }

// reconsider decides whether the new look changes anything.
func (k *keeper) reconsider(ctx context.Context, l look, stay move) move {
	switch h := k.health(l); {
	case h == detect.Healthy, h == detect.Uncertain && k.answers(l.facts.Upstream, l.facts.Public):
		return move{to: Verifying}
	case h == detect.Degraded:
		k.fresh = &l
		return move{to: Confirmed}
	}
	p, err := k.weigh(ctx, l)
	if err != nil {
		return stay
	}
	if moved := k.planMoved(p); len(moved) > 0 {
		return k.dismiss(ctx, planRefused, moved)
	}
	k.facts = l.facts
	if p.d.Do == policy.DoAct && planned(p.d) != k.would {
		k.fresh = &l
		return move{to: Confirmed}
	}
	if k.inc.Mended && p.d.Do == policy.DoWait {
		k.fix.again() // settled, but policy wants to wait: the change is not used up
	}
	k.inc.Mended = false
	waited := k.inc.Decision
	k.decided(p)
	k.recordReasons(ctx, waited)
	if k.inc.settledView() && (k.inc.ToldOf != l.diag.Primary.Cause || k.asksAnew()) {
		k.tell(ctx, ToldSick)
		k.watchFix(ctx)
	}
	stay.wait = k.nextLook()
	return stay
}

// partly leads to Degraded: what was decided of an outage does not concern a site that answers.
// The symptom is in words that a time follows.
func (k *keeper) partly(l look) move {
	k.inc.Symptom, k.inc.Decision = "5xx for some clients", nil
	if usurped(l) {
		k.inc.Symptom = "answered by another program"
	}
	if elsewhere(l) {
		k.inc.Symptom = "no good answer from outside"
	}
	return move{to: Degraded}
}

// degraded stays with a site that answers while real clients get errors made by nginx:
// told, never acted on.
func (k *keeper) degraded(ctx context.Context) move {
	gap := degradedCollect
	if !k.news.empty() {
		gap = logLookGap
	}
	if rest := gap - sinceTime(k.lookedAt); rest > 0 && !k.inc.Person && !k.news.from(eventSensors...) {
		return move{to: Degraded, wait: rest}
	}
	l, ok := k.look(ctx, true)
	if !ok {
		return move{to: Degraded, wait: openProbe}
	}
	switch k.health(l) {
	case detect.Healthy:
		return move{to: Verifying}
	case detect.Sick:
		k.inc.saw(l)
		k.inc.Symptom = symptom(l.facts.Upstream, l.facts.Public)
		k.fresh = &l
		return move{to: Confirmed}
	}
	k.inc.saw(l)
	return move{to: Degraded, wait: degradedCollect}
}

// sinceTime is long for a time that never was.
func sinceTime(t time.Time) time.Duration {
	if t.IsZero() {
		return 1<<63 - 1
	}
	return time.Since(t)
}
