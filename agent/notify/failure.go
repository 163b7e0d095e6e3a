package notify

import (
	"errors"
	"time"
)

// failure is why the other end did not take a message. It holds no secret.
type failure struct {
	why     string
	forGood bool          // refused: asking again without a change is of no use
	after   time.Duration // the other end asked for so much patience
}

func (f *failure) Error() string { return f.why }

// refusal tells whether the other end refused for good.
func refusal(err error) bool {
	f, ok := errors.AsType[*failure](err)
	return ok && f.forGood
}

// patience is what the other end asked for, 0 for nothing.
func patience(err error) time.Duration {
	if f, ok := errors.AsType[*failure](err); ok {
		return f.after
	}
	return 0
}
