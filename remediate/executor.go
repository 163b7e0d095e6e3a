package remediate

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/gatemend/gatemend/detect"
	"github.com/gatemend/gatemend/policy"
)

// Effects lets one recorded effect happen. Implementations check the request again, by
// [Request.Check]: a zero Recorded asks for nothing.
type Effects interface {
	Do(ctx context.Context, r Recorded) (Result, error)
}

// Rechecker looks, cheaply and afresh, whether what the decision rests on still holds.
// [Preconditions] is the one that is used.
type Rechecker interface {
	Recheck(ctx context.Context, c policy.Case, a policy.Action) error
}

// ErrChanged says that the world moved on between the facts and the act: nothing was done,
// and the site is to be looked at again.
var ErrChanged = errors.New("things changed since the diagnosis")

// Executor carries out decisions. It keeps no state; one at a time is the caller's business.
type Executor struct {
	Effects Effects
	Journal Journal
	Recheck Rechecker
}

// Dry tells whether the executor only records: a dry run is this same code over [Recording].
func (e Executor) Dry() bool {
	_, dry := e.Effects.(*Recording)
	return dry
}

// Execute carries out a decision to act. Everything that can refuse comes before the intent,
// the intent is durable before the first effect, and the first failing step ends it.
//
// It errs with [ErrChanged] or [ErrNotRecorded] when nothing was done. A step's failure is
// in the report and in the error.
func (e Executor) Execute(ctx context.Context, c policy.Case, d policy.Decision) (Report, error) {
	if d.Do != policy.DoAct || d.Action == nil {
		return Report{}, fmt.Errorf("cannot carry out a decision to %q: only a decision to act is", d.Do)
	}
	if err := e.recheck(ctx, c, *d.Action); err != nil {
		return Report{}, err
	}
	began := detect.At(time.Now())
	todo, err := Record(ctx, e.Journal, Intent{
		At: began, Dry: e.Dry(), Action: *d.Action, Steps: Steps(*d.Action), Case: c, Decision: d,
	})
	if err != nil {
		return Report{}, err
	}
	rep := Report{Seq: todo[0].Seq(), Began: began}
	err = e.act(ctx, StepDeadline(c, *d.Action), todo, &rep)
	rep.Ended = detect.At(time.Now())
	rep.Outcome = outcomeOf(e.Dry(), err)
	return rep, errors.Join(err, e.record(ctx, rep))
}

func (e Executor) recheck(ctx context.Context, c policy.Case, a policy.Action) error {
	ctx, cancel := context.WithTimeout(ctx, recheckLimit(c))
	defer cancel()
	if err := e.Recheck.Recheck(ctx, c, a); err != nil {
		return fmt.Errorf("cannot %s: %w: %w", a.Verb, ErrChanged, err)
	}
	return nil
}

func (e Executor) act(ctx context.Context, limit time.Duration, todo []Recorded, rep *Report) error {
	for _, r := range todo {
		res, err := e.step(ctx, limit, r)
		s := StepReport{Request: r.Request(), Result: res}
		if err != nil {
			s.Error, rep.Why = err.Error(), err.Error()
			rep.Steps = append(rep.Steps, s)
			return err
		}
		rep.Steps = append(rep.Steps, s)
	}
	return nil
}

func (e Executor) step(ctx context.Context, limit time.Duration, r Recorded) (Result, error) {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	return e.Effects.Do(ctx, r)
}

// record writes the result even while we are being stopped: an intent without one costs a look
// after the next start and spends budget.
func (e Executor) record(ctx context.Context, rep Report) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), recheckTime)
	defer cancel()
	if err := e.Journal.Result(ctx, rep.Seq, rep); err != nil {
		return fmt.Errorf("cannot record the result of intent %d: %w", rep.Seq, err)
	}
	return nil
}
