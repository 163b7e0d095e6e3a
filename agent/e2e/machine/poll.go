package machine

import (
	"context"
	"fmt"
	"time"
)

// poll asks until the answer is nil or ctx ends, and then tells what the last answer was: "timed out"
// alone explains nothing.
func poll(ctx context.Context, every time.Duration, ask func() error) error {
	tick := time.NewTicker(every)
	defer tick.Stop()
	for {
		err := ask()
		if err == nil {
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("%w (%w)", err, context.Cause(ctx))
		case <-tick.C:
		}
	}
}
