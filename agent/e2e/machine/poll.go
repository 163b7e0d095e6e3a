package machine

import (
	"context"
	"fmt"
	"time"
)

// rest is how much longer than an answer took a poll rests at the least: several machines share
// two cores, and must not spend them on being asked.
const rest = 4

// poll asks until the answer is nil or ctx ends, and then tells what the last answer was: "timed out"
// alone explains nothing.
func poll(ctx context.Context, every time.Duration, ask func() error) error {
	for {
		began := time.Now()
		err := ask()
		if err == nil {
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("%w (%w)", err, context.Cause(ctx))
		case <-time.After(max(every, rest*time.Since(began))):
		}
	}
}
