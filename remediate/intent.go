package remediate

import (
	"context"
	"errors"
	"fmt"

	"github.com/gatemend/gatemend/detect"
	"github.com/gatemend/gatemend/policy"
)

// Intent is what is about to be done, complete enough to be judged later without us.
type Intent struct {
	At       detect.Time     `json:"at"`
	Dry      bool            `json:"dry,omitempty"` // over recording effects: nothing will be changed
	Action   policy.Action   `json:"action"`
	Steps    []Request       `json:"steps"`
	Case     policy.Case     `json:"case"`
	Decision policy.Decision `json:"decision"`
}

// Journal makes intents and results durable; agent/audit is one.
type Journal interface {
	// Intent returns only when the intent would survive a loss of power. Where it errs, nothing is done.
	Intent(ctx context.Context, i Intent) (seq int64, err error)
	// Result records what became of the intent with that sequence number.
	Result(ctx context.Context, seq int64, r Report) error
}

// ErrNotRecorded says that the intent could not be made durable: nothing was done.
var ErrNotRecorded = errors.New("the intent could not be recorded, so nothing was done")

// Recorded is a request whose intent is durable. Only [Record] makes one that asks for
// anything; the zero Recorded asks for no effect and is refused by every [Effects].
type Recorded struct {
	seq     int64
	request Request
}

// Seq is the number of the intent in the journal.
func (r Recorded) Seq() int64 { return r.seq }

// Request is what is asked.
func (r Recorded) Request() Request { return r.request }

// Record makes the intent durable and hands out its steps. It errs with [ErrNotRecorded]
// when the journal does, and before asking the journal when a step is no valid request.
func Record(ctx context.Context, j Journal, i Intent) ([]Recorded, error) {
	if len(i.Steps) == 0 {
		return nil, fmt.Errorf("cannot record an intent of %q: it has no steps", i.Action.Verb)
	}
	for _, s := range i.Steps {
		if err := s.Check(); err != nil {
			return nil, err
		}
	}
	seq, err := j.Intent(ctx, i)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrNotRecorded, err)
	}
	out := make([]Recorded, len(i.Steps))
	for n, s := range i.Steps {
		out[n] = Recorded{seq: seq, request: s}
	}
	return out, nil
}
