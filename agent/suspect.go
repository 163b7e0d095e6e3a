package agent

import (
	"context"

	"github.com/gatemend/gatemend/detect"
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
		k.linger(ctx, settleTime)
		up, pub = k.ask(ctx)
		k.probes.refreshSoon() // a restart, probably a deploy: the baseline is taken anew
	}
	if k.well(up, pub) && !k.inc.Person && !k.worthALook() {
		return move{to: Idle}
	}
	l, ok := k.look(ctx, false)
	if ok && k.health(l) == detect.Healthy && !k.answers(up, pub) {
		k.linger(ctx, secondLook) // one bad answer and a healthy look: which of them was it?
		up, pub = k.ask(ctx)
		l, ok = k.look(ctx, true)
	}
	if !ok {
		return move{to: Suspected, wait: shortestWait}
	}
	k.inc.saw(l.diag, l.facts.At)
	return k.suspicion(l, up, pub)
}

// worthALook tells that logs spoke of failed requests, and that it is not too soon to look.
func (k *keeper) worthALook() bool {
	return k.news.from(logSensors...) && sinceTime(k.lookedAt) >= logLookGap
}

func (k *keeper) suspicion(l look, up, pub *detect.Answer) move {
	switch k.health(l) {
	case detect.Healthy:
		return move{to: Idle}
	case detect.Degraded:
		return move{to: Degraded}
	case detect.Uncertain:
		if k.answers(up, pub) {
			return move{to: Idle}
		}
	}
	k.inc.Symptom = symptom(up, pub)
	k.inc.FirstBad = firstBad(l.facts, k.inc.Noticed, k.lastOK)
	k.fresh = &l
	return move{to: Confirmed}
}
