package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/gatemend/gatemend/agent"
	"github.com/gatemend/gatemend/agent/audit"
	"github.com/gatemend/gatemend/agent/config"
	"github.com/gatemend/gatemend/agent/plans"
	"github.com/gatemend/gatemend/detect"
	"github.com/gatemend/gatemend/detect/collect"
	"github.com/gatemend/gatemend/detect/fault"
	"github.com/gatemend/gatemend/detect/look"
	"github.com/gatemend/gatemend/policy"
	"github.com/gatemend/gatemend/remediate"
	"github.com/gatemend/gatemend/remediate/verify"
)

// The adapters of this file make the loop's ports out of the packages that do the work. They
// decide nothing: they translate.

// looks is the collector as the loop's Collector and Prober.
type looks struct{ *collect.Collector }

func (l looks) Collect(ctx context.Context, site detect.Site, route detect.Route, deep bool, since detect.Time) detect.Facts {
	return l.Collector.Collect(ctx, site, route, collect.Options{Deep: deep, Since: since})
}

// intents is the audit log as the executor's journal, for one case.
type intents struct {
	log *audit.Log
	c   policy.Case
}

// Intent errs when the intent is neither on the disk nor in journald: nothing is done then.
func (j intents) Intent(ctx context.Context, i remediate.Intent) (int64, error) {
	seq, err := j.append(ctx, audit.KindIntent, i)
	if !audit.Kept(err) {
		return seq, err
	}
	fault.Reach(fault.IntentDurable)
	return seq, nil
}

func (j intents) Result(ctx context.Context, seq int64, r remediate.Report) error {
	fault.Reach(fault.EffectDone)
	_, err := j.append(ctx, audit.KindResult, r)
	if !audit.Kept(err) {
		return err
	}
	fault.Reach(fault.ResultRecorded)
	return nil
}

func (j intents) append(ctx context.Context, kind audit.Kind, data any) (int64, error) {
	text, err := json.Marshal(data)
	if err != nil {
		return 0, fmt.Errorf("cannot record %s: %w", kind, err)
	}
	return j.log.Append(ctx, audit.Record{
		Kind: kind, Incident: j.c.Incident.ID, Site: j.c.Facts.Site, Route: j.c.Facts.Route.Path, Data: text,
	})
}

// shelf is the directory of plans as the loop's.
type shelf struct{ plans.Dir }

// Keep is agent.Plans.
func (s shelf) Keep(c policy.Case, d policy.Decision) error { return s.Dir.Keep(plans.Of(c, d, now())) }

// executor carries decisions out over effects that are made for each execution: a rehearsal's
// remember what they were asked, and must not grow.
type executor struct {
	log     *audit.Log
	recheck remediate.Rechecker
	effects func() remediate.Effects
}

// Deadline is agent.Executor.
func (executor) Deadline(c policy.Case, d policy.Decision) time.Duration {
	return remediate.Deadline(c, d)
}

// Execute is agent.Executor.
func (e executor) Execute(ctx context.Context, c policy.Case, d policy.Decision) (agent.Report, error) {
	x := remediate.Executor{Effects: e.effects(), Journal: intents{e.log, c}, Recheck: e.recheck}
	r, err := x.Execute(ctx, c, d)
	report := agent.Report{
		Seq: r.Seq, Started: r.Began, Ended: r.Ended, Why: r.Why,
		Would: r.Outcome == policy.Would, Failed: r.Outcome == policy.Failed,
	}
	if d.Action != nil {
		report.Verb, report.Unit = d.Action.Verb, d.Action.Unit
	}
	named := stepNames(c, d)
	for _, s := range r.Steps {
		report.Did = append(report.Did, told(named[s.Request], s))
	}
	if errors.Is(err, remediate.ErrChanged) {
		report.Refused, report.Why = true, err.Error()
		return report, nil
	}
	if r.Seq == 0 {
		return report, err // nothing was done
	}
	return report, nil // the report says what became of it; the verifier looks
}

// stepNames are the steps in the words of the plan, which name units and paths.
func stepNames(c policy.Case, d policy.Decision) map[remediate.Request]string {
	m := map[remediate.Request]string{}
	for _, l := range remediate.Plan(c, d) {
		m[l.Request] = l.Step
	}
	return m
}

func told(text string, s remediate.StepReport) string {
	if s.Result.Job != "" {
		text += ": " + s.Result.Job
	}
	if s.Result.Before != "" || s.Result.After != "" {
		text += fmt.Sprintf(" (%s → %s)", s.Result.Before, s.Result.After)
	}
	if s.Result.Took > 0 {
		text += " in " + s.Result.Took.Duration().Round(time.Millisecond).String()
	}
	if s.Error != "" {
		text += ": " + s.Error
	}
	return text
}

// verifier proves with what the collector knows of nginx's doors.
type verifier struct {
	verify.Verifier
	collector *collect.Collector
	units     collect.Units
	looker    look.Looker
	grace     detect.Span // as configured; 0 is auto
	asWorker  bool        // our own user may not connect everywhere
}

// Verify is agent.Verifier.
func (v verifier) Verify(ctx context.Context, site detect.Site, route detect.Route, b *detect.Baseline, started detect.Time) agent.Proof {
	if live := v.collector.Serving(ctx, site, route); live != route.Target {
		route.Target, route.Unit = live, "" // another unit's, of which nothing is known
	}
	doors, scheme := v.collector.Doors(ctx, site, route)
	if v.asWorker {
		v.Upstream.Dial = look.Dialer(v.looker, site.Name, route)
	}
	if site.Probe.Public == "off" {
		doors = nil
	}
	p := v.Verifier.Verify(ctx, verify.Subject{
		Site: site, Route: route, Scheme: scheme, Doors: doors, Baseline: b,
		StartedAt: started, Grace: policy.Grace(v.grace, b).Duration(),
		Decided:  func(ctx context.Context) (string, bool) { return v.failed(ctx, route, started) },
		Stranger: func(ctx context.Context) (string, bool) { return v.stranger(ctx, site, route) },
	})
	return agent.Proof{Verdict: p.Verdict, FirstOK: p.FirstOK, At: p.At, Why: p.Why, Upstream: last(p.Upstream), Public: last(p.Public)}
}

// failed tells of a unit that failed for good since the action: waiting for it buys nothing.
func (v verifier) failed(ctx context.Context, route detect.Route, started detect.Time) (string, bool) {
	if route.Unit == "" || route.Socket != "" { // a socket unit starts its service again
		return "", false
	}
	u, err := v.units.Unit(ctx, route.Unit)
	if err != nil || !u.Failed() || u.Job != nil || u.RestartsItself() || u.InactiveEnter <= started {
		return "", false
	}
	return u.Name + " failed again: " + u.Result, true
}

// stranger names who answers in place of the route's unit. A unit that is only observed may have
// its proxy in front on purpose.
func (v verifier) stranger(ctx context.Context, site detect.Site, route detect.Route) (string, bool) {
	if route.Unit == "" || route.Manage == detect.ManageObserve {
		return "", false
	}
	listeners, err := v.looker.Listeners(ctx, site.Name, route.Path)
	l, strange := detect.Stranger(listeners)
	if err != nil || !strange {
		return "", false
	}
	p := l.Owners[0]
	return fmt.Sprintf("PID %d (%s) of %s answers on %s, not %s", p.PID, p.Comm, p.Unit, l.Target, route.Unit), true
}

func last(l []detect.Answer) *detect.Answer {
	if len(l) == 0 {
		return nil
	}
	return &l[len(l)-1]
}

// verifierOf makes the verifier that the configuration asks for.
func verifierOf(cfg *config.Config, w *world) verifier {
	return verifier{
		Verifier: verify.Verifier{
			Upstream: w.prober, Public: w.prober, Passes: cfg.Verify.Passes, Over: cfg.Verify.Over.Duration(),
			Marker: func() string { return w.marker },
		},
		collector: w.collector, units: w.bus, looker: w.looker, grace: cfg.Policy.StartGrace, asWorker: !w.root,
	}
}
