package agent

import (
	"context"
	"fmt"
	"time"

	"github.com/gatemend/gatemend/detect"
	"github.com/gatemend/gatemend/policy"
)

// act carries the decision out. A rehearsal is the same path over recording effects.
func (k *keeper) act(ctx context.Context) move {
	if k.plan.under != k.Setup {
		return move{to: Confirmed} // decided under a configuration that is no longer
	}
	r, err := k.execute(ctx)
	if err != nil {
		return k.cannot(ctx, policy.NoRecord, fmt.Errorf("cannot act: %w", err))
	}
	k.inc.note(r)
	switch {
	case r.Refused && k.bound() != nil:
		return k.dismiss(ctx, planRefused, []string{r.Why})
	case r.Refused:
		return k.refused(ctx, r)
	case r.Would:
		k.used()
		k.would = planned(k.plan.d)
		return move{to: Escalated}
	}
	k.acted(r)
	if r.Failed {
		k.judge(ctx, policy.Failed, Proof{Verdict: policy.VerdictFailed, Why: r.Why, At: r.Ended})
		return move{to: Confirmed}
	}
	return move{to: Verifying}
}

func (k *keeper) execute(ctx context.Context) (Report, error) {
	x := k.Executor
	if k.rehearses() {
		x = k.Rehearsal
	}
	within := x.Deadline(k.plan.c, k.plan.d)
	defer k.pulse.Enter("act", within)()
	ctx, cancel := context.WithTimeout(ctx, within)
	defer cancel()
	return x.Execute(ctx, k.plan.c, k.plan.d)
}

// rehearses tells that effects are only recorded: in a dry run, unless a person asked.
func (k *keeper) rehearses() bool {
	return k.Settings.Mode != policy.ModeAct && !k.plan.c.Incident.Person
}

func (k *keeper) acted(r Report) {
	k.refusals, k.spent = 0, len(k.asked) > 0 && k.asked[0].then != nil
	k.used()
	if k.inc.Acted == 0 {
		k.inc.Acted = r.Started
	}
	if k.inc.Mended {
		k.fix.lastStart = time.Now()
		k.inc.ToldOf = "" // whoever mended it hears whether that was it
	}
	k.inc.Mended = false
	k.inc.Tried = append(k.inc.Tried, r.Verb)
	k.pending = append(k.pending, r.Seq)
	k.startedAt = r.Started
}

// refused: a precondition no longer held at the last moment. Usually something just moved,
// so we look again; a refusal that repeats is told.
func (k *keeper) refused(ctx context.Context, r Report) move {
	k.refusals++
	if k.refusals >= mostRefusals {
		return k.cannot(ctx, policy.Changed, fmt.Errorf("the last check before acting refused %d times: %s", k.refusals, r.Why))
	}
	return move{to: Confirmed, wait: secondLook}
}

// planned names what a decision would do, so that a rehearsal is shown once.
func planned(d policy.Decision) string {
	if d.Action == nil {
		return ""
	}
	a := d.Action
	return fmt.Sprintf("%s %s %s %s %o %s", a.Cause, a.Verb, a.Unit, a.Path, a.Mode, a.Group)
}

// verify asks for the proof and believes nothing else.
func (k *keeper) verify(ctx context.Context) move {
	started := k.startedAt
	if started == 0 {
		started = k.inc.Noticed
	}
	p, ok := k.prove(ctx, started, k.failedAgain)
	if !ok {
		return move{to: Verifying, wait: time.Second}
	}
	k.mail.forget(p.At)
	k.inc.Proof, k.startedAt = &p, 0
	nothingDone := len(k.pending) == 0
	k.judge(ctx, outcome(p.Verdict), p)
	if p.Recovered() {
		return move{to: Recovered}
	}
	if nothingDone {
		return move{to: Confirmed, wait: proofGap}
	}
	return move{to: Confirmed}
}

func outcome(v policy.Verdict) policy.Outcome {
	switch v {
	case policy.VerdictRecovered, policy.VerdictUpstream:
		return policy.Recovered
	case policy.VerdictUnsure:
		return policy.Inconclusive
	}
	return policy.Failed
}

// prove runs the verifier beside the mailbox: an event of the unit or the socket lets stop
// end it early. Triggers stay in the mailbox. False when the result is void.
func (k *keeper) prove(ctx context.Context, started detect.Time, stop func(context.Context) string) (Proof, bool) {
	defer k.pulse.Enter("verify", verifyBound)()
	ctx, cancel := context.WithTimeout(ctx, verifyBound)
	defer cancel()
	start, seen := readClocks(), 0
	done := make(chan Proof, 1)
	go func() { done <- k.Verifier.Verify(ctx, k.site, k.route, k.baseline, started) }()
	for {
		select {
		case p := <-done:
			return p, ctx.Err() == nil && !voided(start, readClocks(), verifyBound)
		case <-k.mail.bell:
			n := k.mail.count(eventSensors...)
			if n == seen { // clients' errors while it starts: they ring for as long as it takes
				continue
			}
			seen = n
			if why := stop(ctx); why != "" {
				cancel()
				<-done
				return Proof{Verdict: policy.VerdictFailed, At: now(), Why: why}, true
			}
		}
	}
}

// failedAgain ends a proof when the unit has failed for good meanwhile: waiting for an
// answer buys nothing (a Type=simple unit is "started" long before it fails).
func (k *keeper) failedAgain(ctx context.Context) string {
	f := k.Collector.Collect(ctx, k.site, k.route, false, k.since())
	u := f.Unit
	if u.Failed() && u.Job == nil && !u.RestartsItself() && u.InactiveEnter > k.startedAt {
		return "the unit failed again: " + u.Result
	}
	return ""
}
