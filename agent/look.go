package agent

import (
	"context"
	"time"

	"github.com/gatemend/gatemend/detect"
	"github.com/gatemend/gatemend/policy"
)

// look is one snapshot with its diagnosis.
type look struct {
	facts detect.Facts
	diag  detect.Diagnosis
	gen   uint64 // of the turns, from before the look
}

// quickConfirm: longer than this is no quick answer; the collector asks with the full timeout.
// After an event that tells where to look it is shorter still.
const (
	quickConfirm = 3 * time.Second
	eventConfirm = 300 * time.Millisecond
)

// ask confirms at both depths.
func (k *keeper) ask(ctx context.Context) (upstream, public *detect.Answer) {
	defer k.pulse.Enter("confirm", confirmBound)()
	within := quickConfirm
	if k.news.from(eventSensors...) {
		within = eventConfirm
	}
	ctx, cancel := context.WithTimeout(ctx, within)
	defer cancel()
	upstream, public = k.Collector.Confirm(ctx, k.site, k.route)
	k.probes.asked(upstream, public)
	if k.well(upstream, public) {
		k.lastOK = now()
	}
	return upstream, public
}

// well is healthy at both depths, with proof. What nginx sends nothing to need not answer.
func (k *keeper) well(upstream, public *detect.Answer) bool {
	if k.unrouted {
		return public.HealthyPublic()
	}
	return upstream.Healthy() && (public.HealthyPublic() || k.site.Probe.Public == "off")
}

// answers is well but for the proof: some fronts can never give one.
func (k *keeper) answers(upstream, public *detect.Answer) bool {
	if k.unrouted {
		return public.Healthy()
	}
	return upstream.Healthy() && (public.Healthy() || k.site.Probe.Public == "off")
}

// look collects and diagnoses. It gives false when the result is void: the clock jumped,
// our own loop stalled, or we are ending.
func (k *keeper) look(ctx context.Context, deep bool) (look, bool) {
	defer k.pulse.Enter("collect", collectBound)()
	ctx, cancel := context.WithTimeout(ctx, collectBound)
	defer cancel()
	gen, start := k.turns.now(), readClocks()
	f := k.Collector.Collect(ctx, k.site, k.route, deep, k.since())
	if ctx.Err() == context.Canceled {
		return look{}, false
	}
	if voided(start, readClocks(), collectBound) {
		k.log.Warn("clock jumped or the loop stalled: what was just collected is void")
		return look{}, false
	}
	if f.Baseline == nil {
		f.Baseline = k.baseline
	}
	k.lookedAt, k.unrouted = time.Now(), f.Unrouted()
	return look{f, k.Diagnose(f), gen}, true
}

// since is how far back logs speak of the present incident: never of one that was healed.
func (k *keeper) since() detect.Time { return k.recoveredAt }

// weigh makes the case and decides.
func (k *keeper) weigh(ctx context.Context, l look) (plan, error) {
	history, err := k.history(ctx)
	if err != nil {
		return plan{}, err
	}
	c := policy.Case{
		Schema: policy.Schema, Now: now(), Config: k.Fingerprint(k.site), Facts: l.facts, Diagnosis: l.diag,
		Incident: k.inc.forPolicy(k.sick.others(k.site.Name)),
		History:  history, Holds: k.Holds(ctx), Settings: k.Settings,
	}
	c.Boot, c.Uptime = k.Boot()
	return plan{c, k.Decide(c), l.gen, k.Setup}, nil
}

// onlyOldErrors tells that the errors which make a site look degraded are those of an outage
// that was just healed, or of a restart that somebody made.
func (k *keeper) onlyOldErrors(f detect.Facts) bool {
	if f.Traffic == nil || f.Traffic.LastError == 0 {
		return false
	}
	return f.Traffic.LastError <= max(k.recoveredAt, k.startedUntil(f.Unit))
}

// startedUntil is until when clients' errors belong to the start of a unit that runs now. A
// start that systemd made by itself is no excuse: a master that crashes all day is degraded.
func (k *keeper) startedUntil(u *detect.Unit) detect.Time {
	if !u.Running() || u.Restarts > 0 || u.InactiveExit == 0 {
		return 0
	}
	return u.InactiveExit.Add(policy.Grace(k.Settings.StartGrace, k.baseline))
}

// health is the diagnosis' health, without what belongs to the past.
func (k *keeper) health(l look) detect.Health {
	if l.diag.Health == detect.Degraded && !usurped(l) && !elsewhere(l) && k.onlyOldErrors(l.facts) {
		return detect.Healthy
	}
	return l.diag.Health
}

// elsewhere tells a site that answers here and fails in front of this machine.
func elsewhere(l look) bool { return l.diag.Primary.Cause == detect.NotLocal }

// usurped tells a site that answers, but by another program than its unit.
func usurped(l look) bool { return l.diag.Primary.Cause == detect.PortInUse }
