package agent

import (
	"context"
	"time"

	"github.com/gatemend/gatemend/detect"
	"github.com/gatemend/gatemend/policy"
)

// probes paces the slow active probe of one route: for what makes no event.
type probes struct {
	next    time.Time // the next upstream probe
	outside time.Time // the next probe of the external URL, where there is one
	real    time.Time // the last request of our own
	count   int
	hung    int       // timeouts in a row while an incident is open
	refresh time.Time // when the baseline is taken anew; zero: not
	recheck time.Time // when errors are looked at that came too soon after the last look; zero: not
}

func (p *probes) asked(upstream, public *detect.Answer) {
	p.real = time.Now()
	if upstream.Known() && upstream.Outcome == detect.TimedOut {
		p.hung++
	} else {
		p.hung = 0
	}
}

// openWait paces probes of an open incident. Each probe that hangs stays in gunicorn's
// queue until a worker takes it, so hanging ones are sent ever more rarely.
func (p *probes) openWait(age time.Duration) time.Duration {
	wait := openProbe << min(p.hung, 4)
	switch {
	case age > time.Hour: // each one leaves a line in nginx's error log
		wait = openCollect
	case age > 10*time.Minute:
		wait = max(wait, 3*openProbe)
	}
	return min(wait, openCollect)
}

// refreshSoon is for a baseline that there is. One that there never was is due when it is.
func (k *keeper) refreshSoon() {
	if k.baseline != nil || k.probes.refresh.IsZero() {
		k.probes.refresh = time.Now().Add(refreshAfter)
	}
}

// routine is what an idle keeper does by itself: probe, and renew the baseline. It gives a
// trigger when the probe was bad.
func (k *keeper) routine(ctx context.Context) *detect.Trigger {
	if k.baseline == nil && k.probes.refresh.IsZero() || !k.probes.refresh.IsZero() && !time.Now().Before(k.probes.refresh) {
		k.probes.refresh = time.Time{}
		k.rebase(ctx, k.inc.Noticed)
	}
	if !k.probes.recheck.IsZero() && !time.Now().Before(k.probes.recheck) {
		return &detect.Trigger{At: now(), Site: k.site.Name, Sensor: detect.SensorErrorLog, Why: "errors that came right after a look"}
	}
	if k.outsideDue() {
		return k.fromOutside(ctx)
	}
	if time.Now().Before(k.probes.next) {
		return nil
	}
	return k.probe(ctx)
}

// outsideDue tells that the external URL is to be asked: as often as the public endpoint.
func (k *keeper) outsideDue() bool {
	if k.site.Probe.Outside() == "" {
		k.probes.outside = time.Time{} // a reload may have taken the URL out
		return false
	}
	if k.probes.outside.IsZero() {
		k.probes.outside = time.Now().Add(publicEvery * k.site.Probe.Every.Duration())
	}
	return !time.Now().Before(k.probes.outside)
}

// fromOutside asks the external URL. What fails there is looked at once more beside everything here.
func (k *keeper) fromOutside(ctx context.Context) *detect.Trigger {
	k.probes.outside = time.Time{}
	defer k.pulse.Enter("probe", confirmBound)()
	ctx, cancel := context.WithTimeout(ctx, k.probeTimeout())
	defer cancel()
	if a := k.Prober.Outside(ctx, k.site, k.route); a.Known() && !a.Healthy() {
		return &detect.Trigger{At: now(), Site: k.site.Name, Sensor: detect.SensorOutside, Why: "from outside: " + symptom(a, nil)}
	}
	k.outsideDue() // the next one
	return nil
}

// probe asks the upstream, and every tenth time the public endpoint too.
func (k *keeper) probe(ctx context.Context) *detect.Trigger {
	every := k.site.Probe.Every.Duration()
	k.probes.next = time.Now().Add(every)
	if k.servedLately(every) {
		return nil
	}
	k.probes.count++
	if k.unrouted || k.probes.count%publicEvery == 0 {
		if up, pub := k.ask(ctx); !k.answers(up, pub) {
			return k.badProbe(symptom(up, pub))
		}
		return nil
	}
	defer k.pulse.Enter("probe", confirmBound)()
	ctx, cancel := context.WithTimeout(ctx, k.probeTimeout())
	defer cancel()
	a := k.Prober.Upstream(ctx, k.site, k.route)
	k.probes.asked(a, nil)
	if !a.Healthy() {
		return k.badProbe(symptom(a, nil))
	}
	k.lastOK = now()
	return nil
}

func (k *keeper) badProbe(what string) *detect.Trigger {
	return &detect.Trigger{At: now(), Site: k.site.Name, Sensor: detect.SensorProbe, Why: "probe: " + what}
}

func (k *keeper) probeTimeout() time.Duration {
	if t := k.site.Probe.Timeout.Duration(); t > 0 {
		return min(t, confirmBound)
	}
	return 10 * time.Second
}

// servedLately tells that a real client was answered within the interval, which replaces
// the probe; but not for longer than five minutes on end, since nginx may have served a file.
func (k *keeper) servedLately(every time.Duration) bool {
	at := detect.Time(k.served.Load())
	if at == 0 || at > now() || now().Sub(at).Duration() > every || sinceTime(k.probes.real) > servedFor {
		return false
	}
	k.lastOK = max(k.lastOK, at)
	return true
}

// rebase proves that the route is healthy and takes its baseline. Any event ends the proof.
func (k *keeper) rebase(ctx context.Context, started detect.Time) bool {
	if k.unrouted { // what answers the public is not this route's own
		k.probes.refresh = time.Now().Add(servedFor)
		return false
	}
	again := servedFor
	p, ok := k.prove(ctx, started, func(context.Context) string { again = logLookGap; return "interrupted by an event" })
	k.mail.forget(-1) // drops nothing, rings again for what the proof heard
	if !ok || !p.Recovered() {
		k.log.Warn("not proven healthy: no baseline is taken", "verdict", p.Verdict, "why", p.Why)
		if k.baseline == nil {
			k.probes.refresh = time.Now().Add(again)
		}
		return false
	}
	k.remember(ctx, p, 0)
	return true
}

// remember writes the baseline from a proof and a look taken right after it.
func (k *keeper) remember(ctx context.Context, p Proof, slowest detect.Span) {
	l, ok := k.look(ctx, false)
	if !ok {
		return
	}
	if k.unrouted {
		return
	}
	h, proven := p.of(k.site, k.route, l.facts, slowest)
	if !proven {
		return
	}
	if err := k.Baselines.Put(h); err != nil {
		k.log.Error("cannot write the baseline", "err", err)
		return
	}
	k.loadBaseline(ctx)
}

// loadBaseline reads the baseline; one that cannot be read counts as never seen healthy.
func (k *keeper) loadBaseline(ctx context.Context) {
	b, err := k.Baselines.Get(k.site, k.route)
	if err != nil {
		k.log.Error("cannot read the baseline: the site counts as never seen healthy", "err", err)
		k.record(ctx, RecordFault, "", k.site.Name, k.route.Path, err.Error())
	}
	k.baseline = b
}

// startToAnswer is how long the action's start took to the first answer.
func startToAnswer(acted detect.Time, p Proof) detect.Span {
	if acted == 0 || p.FirstOK <= acted || p.Verdict == policy.VerdictFailed {
		return 0
	}
	return p.FirstOK.Sub(acted)
}
