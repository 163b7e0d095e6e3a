package remediate

import (
	"errors"

	"github.com/gatemend/gatemend/detect"
	"github.com/gatemend/gatemend/policy"
)

// Result is what one effect did.
type Result struct {
	Job    string      `json:"job,omitempty"`    // systemd's result of the job: done, failed, timeout, canceled … ; "" where there was none
	Before string      `json:"before,omitempty"` // state or mode before
	After  string      `json:"after,omitempty"`  // and after
	Took   detect.Span `json:"took"`
}

// StepReport is one step of a report.
type StepReport struct {
	Request Request `json:"request"`
	Result  Result  `json:"result"`
	Error   string  `json:"error,omitempty"`
}

// Report is what became of an intent.
type Report struct {
	Seq   int64        `json:"seq"`
	Began detect.Time  `json:"began"`
	Ended detect.Time  `json:"ended"`
	Steps []StepReport `json:"steps"` // those that were begun
	// Outcome is would (dry run), failed (a step failed, later ones were not begun), unknown
	// (nobody saw how a step ended), inconclusive (resolved after a crash), or "": every step
	// was done and the verifier decides. Never recovered.
	Outcome policy.Outcome `json:"outcome,omitempty"`
	Why     string         `json:"why,omitempty"`
}

// ErrUnseen is wrapped by an effect's error when the effect was asked for and nobody saw its
// end: the bus was lost, or we were told to stop. It may have happened.
var ErrUnseen = errors.New("nobody saw how it ended")

// outcomeOf classifies the first error of the steps.
func outcomeOf(dry bool, err error) policy.Outcome {
	switch {
	case errors.Is(err, ErrUnseen):
		return policy.OutcomeOpen
	case err != nil:
		return policy.Failed
	case dry:
		return policy.Would
	}
	return ""
}
