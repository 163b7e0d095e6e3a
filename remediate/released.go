package remediate

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/gatemend/gatemend/policy"
)

// Released is the last check of what a person released by its plan: everything is looked at afresh
// and must have the plan's fingerprint, before Next looks at what may change at any moment. What
// nobody released goes to Next at once, which takes milliseconds.
type Released struct {
	// Again is the case with everything that can be seen as it is now.
	Again func(ctx context.Context, c policy.Case) (policy.Case, error)
	Next  Rechecker
}

// Recheck errs with what moved.
func (r Released) Recheck(ctx context.Context, c policy.Case, a policy.Action) error {
	if c.Incident.Release != nil {
		if err := r.unmoved(ctx, c); err != nil {
			return err
		}
	}
	return r.Next.Recheck(ctx, c, a)
}

func (r Released) unmoved(ctx context.Context, c policy.Case) error {
	now, err := r.Again(ctx, c)
	switch {
	case err != nil:
		return fmt.Errorf("cannot look again: %w", err)
	case ctx.Err() != nil:
		return errors.New("cannot look again: it took too long")
	case policy.Fingerprint(now) == c.Incident.Release.Plan:
		return nil
	}
	return fmt.Errorf("this is no longer the plan that %s released: %s", c.Incident.Release.By, strings.Join(policy.Moved(c, now), "; "))
}
