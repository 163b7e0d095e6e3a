package agent

import (
	"context"
	"time"

	"github.com/gatemend/gatemend/detect"
	"github.com/gatemend/gatemend/policy"
)

// sensorStart is the reason of the first look.
const sensorStart = "start"

// begin looks once at the start: a route that was broken while nobody watched is an
// incident like any other (a unit that is still starting is left its grace by policy), a
// healthy one is proven and gets its baseline, and an intent without a result is resolved
// by looking.
func (k *keeper) begin(ctx context.Context) {
	k.loadBaseline(ctx)
	k.publish()
	var others []policy.Entry
	why := "the route is new in the configuration"
	if !k.late { // what this agent itself left is closed
		others = k.resume(ctx, k.unresolved(ctx))
		why = "the agent started"
	}
	k.news.triggers = []detect.Trigger{{At: now(), Site: k.site.Name, Sensor: sensorStart, Why: why}}
	before := k.last.ID
	k.attend(ctx)
	acted := k.inc.State != Idle || k.last.ID != before && len(k.last.Actions) > 0
	healthy := k.inc.State == Idle && k.rebase(ctx, now())
	k.resolve(ctx, others, healthy && !acted)
	k.probes.next = time.Now().Add(phase(k.site.Probe.Every.Duration()))
	k.publish()
}

// unresolved lists intents of this site that have no result: we were killed in between.
func (k *keeper) unresolved(ctx context.Context) []policy.Entry {
	history, err := k.history(ctx)
	if err != nil {
		k.log.Error("cannot read past actions: nothing will be done", "err", err)
		return nil
	}
	var open []policy.Entry
	for _, e := range history {
		if e.Site == k.site.Name && e.Outcome == policy.OutcomeOpen {
			open = append(open, e)
		}
	}
	return open
}

// resolve judges the actions of incidents that are over: proven healthy before we did anything, or not.
func (k *keeper) resolve(ctx context.Context, open []policy.Entry, healthy bool) {
	o, why := policy.Inconclusive, "the agent ended between intent and result; the site was not proven healthy at the next start"
	if healthy {
		o, why = policy.Recovered, "the agent ended between intent and result; the site was proven healthy at the next start"
	}
	for _, e := range open {
		k.record(ctx, RecordOutcome, e.Incident, k.site.Name, k.route.Path, Judgement{Seq: e.Seq, Outcome: o, Why: why})
	}
}

// due is when the park ends by itself.
func (k *keeper) due() time.Time {
	var times []time.Time
	if k.inc.State == Idle {
		times = []time.Time{k.probes.next, k.probes.outside, k.probes.refresh, k.probes.recheck, k.tellDue()}
	} else {
		times = []time.Time{k.wake, k.tellDue(), k.fix.due(k.Settings.Quiet.AfterChange.Duration()), k.answerBy(), k.approvedUntil()}
	}
	first := time.Now().Add(time.Hour)
	for _, t := range times {
		if !t.IsZero() && t.Before(first) {
			first = t
		}
	}
	return first
}
