package remediate

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gatemend/gatemend/detect"
	"github.com/gatemend/gatemend/policy"
)

// ledger is journal, re-check and effects in one: it remembers the order of everything.
type ledger struct {
	events  []string
	intents []Intent
	results []Report
	refuse  map[string]error                // event → its error
	do      func(ctx context.Context) error // the effect itself, where a test needs one
}

func (l *ledger) note(event string) error {
	l.events = append(l.events, event)
	return l.refuse[event]
}

func (l *ledger) Recheck(context.Context, policy.Case, policy.Action) error { return l.note("recheck") }

func (l *ledger) Intent(_ context.Context, i Intent) (int64, error) {
	l.intents = append(l.intents, i)
	return 7, l.note("intent")
}

func (l *ledger) Result(ctx context.Context, seq int64, r Report) error {
	l.results = append(l.results, r)
	return errors.Join(ctx.Err(), l.note(fmt.Sprintf("result %d %s", seq, r.Outcome)))
}

func (l *ledger) Do(ctx context.Context, r Recorded) (Result, error) {
	if err := l.note(string(r.Request().Verb)); err != nil {
		return Result{}, err
	}
	if l.do != nil {
		return Result{}, l.do(ctx)
	}
	return Result{Job: "done"}, nil
}

func act(v policy.Verb) policy.Decision {
	return policy.Decision{Do: policy.DoAct, Action: &policy.Action{Verb: v, Site: "shop", Route: "/", Unit: "shop.service"}}
}

func TestOrder(t *testing.T) {
	boom := errors.New("boom")
	for name, tt := range map[string]struct {
		refuse map[string]error
		want   []string
		is     error
	}{
		"all is well":          {nil, []string{"recheck", "intent", "end-leftovers", "restart", "result 7 "}, nil},
		"things changed":       {map[string]error{"recheck": boom}, []string{"recheck"}, ErrChanged},
		"no intent, no effect": {map[string]error{"intent": boom}, []string{"recheck", "intent"}, ErrNotRecorded},
		"stops at the first failing step": {map[string]error{"end-leftovers": boom},
			[]string{"recheck", "intent", "end-leftovers", "result 7 failed"}, boom},
		"an unseen end is no failure": {map[string]error{"restart": fmt.Errorf("bus lost: %w", ErrUnseen)},
			[]string{"recheck", "intent", "end-leftovers", "restart", "result 7 unknown"}, ErrUnseen},
		"a lost result is told": {map[string]error{"result 7 ": boom},
			[]string{"recheck", "intent", "end-leftovers", "restart", "result 7 "}, boom},
	} {
		t.Run(name, func(t *testing.T) {
			l := &ledger{refuse: tt.refuse}
			_, err := Executor{Effects: l, Journal: l, Recheck: l}.Execute(t.Context(), policy.Case{}, act(policy.EndLeftoversRestart))
			if !errors.Is(err, tt.is) {
				t.Errorf("error %v, want %v", err, tt.is)
			}
			if !slices.Equal(l.events, tt.want) {
				t.Errorf("events %q, want %q", l.events, tt.want)
			}
		})
	}
}

func TestOnlyDecisionsToActAreCarriedOut(t *testing.T) {
	decisions := []policy.Decision{{}, {Do: policy.DoAct}, act(policy.Wait), act("rm -rf")}
	for _, do := range []policy.Do{policy.DoAsk, policy.DoWait, policy.DoEscalate, policy.DoNothing} {
		d := act(policy.RestartUnit)
		d.Do = do
		decisions = append(decisions, d)
	}
	for _, d := range decisions {
		l := &ledger{}
		if _, err := (Executor{Effects: l, Journal: l, Recheck: l}).Execute(t.Context(), policy.Case{}, d); err == nil {
			t.Errorf("a decision to %q was carried out", d.Do)
		}
		if slices.Contains(l.events, "intent") {
			t.Errorf("a decision to %q left an intent", d.Do)
		}
	}
}

func TestDryRunRecordsAndChangesNothing(t *testing.T) {
	l, rec := &ledger{}, &Recording{}
	d := act(policy.ResetFailedStart)
	rep, err := Executor{Effects: rec, Journal: l, Recheck: l}.Execute(t.Context(), policy.Case{}, d)
	if err != nil || rep.Outcome != policy.Would {
		t.Fatalf("outcome %q, error %v", rep.Outcome, err)
	}
	if !slices.Equal(rec.Asked(), Steps(*d.Action)) {
		t.Errorf("asked %v, want the steps of the act", rec.Asked())
	}
	if !l.intents[0].Dry || l.results[0].Outcome != policy.Would {
		t.Errorf("the record does not say that it was a dry run: %+v", l.results[0])
	}
}

func TestZeroRecordedAsksForNothing(t *testing.T) {
	rec := &Recording{}
	if _, err := rec.Do(t.Context(), Recorded{}); err == nil || len(rec.Asked()) != 0 {
		t.Errorf("a request without an intent was accepted: %v", rec.Asked())
	}
}

func TestRecordRefusesImpossibleSteps(t *testing.T) {
	l := &ledger{}
	bad := Intent{Steps: []Request{{Verb: Restart, Site: "shop", Route: "/", On: OnNginx}}}
	if _, err := Record(t.Context(), l, bad); err == nil || len(l.events) != 0 {
		t.Errorf("error %v, events %q: want an error and no intent", err, l.events)
	}
}

func TestJobDeadlineIsTheUnitsOwn(t *testing.T) {
	const s = detect.Span(1_000_000)
	for _, tt := range []struct {
		stop, start detect.Span
		want        time.Duration
	}{
		{30 * s, 60 * s, 100 * time.Second},
		{0, 0, 190 * time.Second},
		{detect.Forever, 5 * s, jobLongest},
	} {
		if got := JobDeadline(tt.stop, tt.start); got != tt.want {
			t.Errorf("JobDeadline(%v, %v) = %v, want %v", tt.stop, tt.start, got, tt.want)
		}
	}
}

func TestHangingEffectEndsAtItsDeadline(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := &ledger{do: func(ctx context.Context) error { <-ctx.Done(); return ctx.Err() }}
		var c policy.Case
		c.Facts.Unit = &detect.Unit{TimeoutStop: 5_000_000, TimeoutStart: 7_000_000}
		began := time.Now()
		rep, err := Executor{Effects: l, Journal: l, Recheck: l}.Execute(t.Context(), c, act(policy.RestartUnit))
		if !errors.Is(err, context.DeadlineExceeded) || rep.Outcome != policy.Failed {
			t.Errorf("outcome %q, error %v", rep.Outcome, err)
		}
		if took := time.Since(began); took != 22*time.Second+effectSlack {
			t.Errorf("took %v", took)
		}
	})
}

func TestResultIsRecordedWhileBeingStopped(t *testing.T) {
	ctx, stop := context.WithCancel(t.Context())
	l := &ledger{do: func(context.Context) error { stop(); return fmt.Errorf("stopped: %w", ErrUnseen) }}
	_, err := Executor{Effects: l, Journal: l, Recheck: l}.Execute(ctx, policy.Case{}, act(policy.RestartUnit))
	if !errors.Is(err, ErrUnseen) || errors.Is(err, context.Canceled) {
		t.Errorf("error %v: the result was written with an ended context", err)
	}
	if len(l.results) != 1 || l.results[0].Outcome != policy.OutcomeOpen {
		t.Errorf("results %+v", l.results)
	}
}
