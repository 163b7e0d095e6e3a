package agent

import (
	"context"
	"slices"
	"time"

	"github.com/gatemend/gatemend/detect"
	"github.com/gatemend/gatemend/policy"
)

// Sensors whose event may come before its effect can be seen, and those that tell of
// requests that already failed.
var (
	eventSensors = []string{detect.SensorUnit, detect.SensorSocket}
	logSensors   = []string{detect.SensorErrorLog, detect.SensorAccessLog, detect.SensorAppLog}
)

// suspect turns what ended an idle park into a suspicion; false when there is none.
func (k *keeper) suspect(ctx context.Context) bool {
	switch {
	case len(k.asked) > 0:
		k.begun(ctx, detect.Trigger{At: now(), Site: k.site.Name, Sensor: detect.SensorPerson, Why: "a person asked"})
	case len(k.news.triggers) > 0:
		k.begun(ctx, k.news.triggers[0])
	default:
		bad := k.routine(ctx)
		if bad == nil {
			return false
		}
		k.news.triggers = append(k.news.triggers, *bad)
		k.begun(ctx, *bad)
	}
	return true
}

func (k *keeper) begun(ctx context.Context, t detect.Trigger) {
	k.reset()
	k.inc.Reason, k.inc.Noticed = t, now()
	k.forPersons()
	k.enter(ctx, Suspected)
}

// confirm asks the site itself. A healthy answer ends the suspicion at once, but for two
// cases: an event that may run ahead of its effect is asked again when that is over, and
// errors that clients already got need a look at the traffic.
func (k *keeper) confirm(ctx context.Context) move {
	up, pub := k.ask(ctx)
	if k.news.from(eventSensors...) && k.answers(up, pub) {
		up, pub = k.settled(ctx, up, pub)
		k.refreshSoon() // a restart, probably a deploy: the baseline is taken anew
	}
	if k.well(up, pub) && !k.inc.Person && !k.worthALook() {
		if k.news.from(logSensors...) {
			k.probes.recheck = k.lookedAt.Add(logLookGap)
		}
		return k.nothing()
	}
	k.probes.recheck = time.Time{}
	l, ok := k.look(ctx, k.inc.Release != nil) // a plan is compared as a whole
	if ok && k.atOdds(l, up, pub) {
		k.linger(ctx, secondLook) // which of them was it?
		up, pub = k.ask(ctx)
		l, ok = k.look(ctx, true)
	}
	if !ok {
		return move{to: Suspected, wait: shortestWait}
	}
	k.inc.saw(l)
	return k.suspicion(ctx, l, up, pub)
}

// atOdds tells that the answers and the look say otherwise, one of which may have caught a moment: an nginx that was
// restarted right after a reload answered, was looked at while no job ran, and refused the look's own request.
func (k *keeper) atOdds(l look, up, pub *detect.Answer) bool {
	switch k.health(l) {
	case detect.Healthy:
		return !k.answers(up, pub)
	case detect.Sick:
		return k.answers(up, pub) && !l.diag.Primary.Decisive
	}
	return false
}

// settled asks on until what the event told of can be seen, or should have been.
func (k *keeper) settled(ctx context.Context, up, pub *detect.Answer) (*detect.Answer, *detect.Answer) {
	for began := time.Now(); k.answers(up, pub) && time.Since(began) < settleTime && ctx.Err() == nil; {
		k.linger(ctx, settleStep)
		up, pub = k.ask(ctx)
	}
	return up, pub
}

// worthALook tells that logs spoke of failed requests, and that it is not too soon to look; or
// that the unit or the socket changed: who answers now may be another program; or that it fails from outside.
func (k *keeper) worthALook() bool {
	changed := k.news.from(eventSensors...) || slices.Contains(eventSensors, k.inc.Reason.Sensor)
	return changed || k.inc.Reason.Sensor == detect.SensorOutside || k.news.from(logSensors...) && sinceTime(k.lookedAt) >= logLookGap
}

func (k *keeper) suspicion(ctx context.Context, l look, up, pub *detect.Answer) move {
	switch k.health(l) {
	case detect.Healthy:
		return k.nothing()
	case detect.Degraded:
		k.unproven(ctx, l.facts)
		return k.partly(l)
	case detect.Uncertain:
		if k.answers(up, pub) {
			return k.nothing()
		}
	}
	if wait, yes := k.inHand(ctx, l); yes {
		return move{to: Suspected, wait: wait}
	}
	k.unproven(ctx, l.facts)
	k.inc.Symptom = symptom(up, pub)
	if k.inc.FirstBad == 0 {
		k.inc.FirstBad = firstBad(l.facts, k.inc.Noticed, k.lastOK)
	}
	k.fresh = &l
	return move{to: Confirmed}
}

// inHand tells that somebody else is at the unit: their job runs on it, they stopped it a
// moment ago, or the start that they asked for has yet to answer. A deploy is no incident, as long as policy waits and a
// person need not hear of it. What systemd restarts by itself fell before, and is one.
func (k *keeper) inHand(ctx context.Context, l look) (wait time.Duration, yes bool) {
	if u := l.facts.Unit; k.inc.Person || u == nil || u.Restarts > 0 {
		return 0, false
	}
	p, err := k.weigh(ctx, l)
	if err != nil || p.d.Do != policy.DoWait || !slices.ContainsFunc(p.d.Refusals, theirs) {
		return 0, false
	}
	waited := k.inc.Decision
	k.inc.Decision = &p.d
	k.recordReasons(ctx, waited)
	left := time.Until(k.untoldUntil())
	return min(waitFor(p.d), max(left, shortestWait)), left > 0
}

func theirs(r policy.Refusal) bool {
	return r.Code == policy.ForeignJob || r.Code == policy.StartGrace || r.Code == policy.PersonStopped
}
