package verify

import (
	"context"
	"fmt"
	"time"

	"github.com/gatemend/gatemend/detect"
)

// await asks d until it is healthy or the time is over. One question is always asked to its
// end: the time bounds the waiting, not the answer.
func (r *run) await(ctx context.Context, d *depth, within time.Duration) detect.Answer {
	if within <= 0 {
		return d.once(ctx)
	}
	limited, cancel := context.WithTimeout(ctx, within)
	defer cancel()
	a := d.await(limited)
	if ctx.Err() == nil && !a.Known() {
		return d.once(ctx)
	}
	return a
}

func (r *run) graceLeft() time.Duration { return time.Until(r.graceEnd) }

// isDecided asks the subject's source, not more often than its cost allows.
func (r *run) isDecided(ctx context.Context) bool {
	if r.subject.Decided == nil || time.Since(r.decidedAsked) < decidedEvery {
		return r.decided != ""
	}
	r.decidedAsked = time.Now()
	ctx, cancel := context.WithTimeout(ctx, decidedTime)
	defer cancel()
	if why, decided := r.subject.Decided(ctx); decided {
		r.decided = why
	}
	return r.decided != ""
}

// note keeps the time of the first healthy answer.
func (r *run) note(a detect.Answer) {
	if r.firstOK == 0 {
		r.firstOK = a.At
	}
}

// sleep waits between two passes; false when there is no use in going on.
func (r *run) sleep(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-t.C:
		return r.pace.step()
	}
}

// said is an answer in a few words.
func said(a detect.Answer) string {
	switch {
	case a.Outcome == detect.Answered && a.ByNginx:
		return fmt.Sprintf("nginx itself answers %d", a.Status)
	case a.Outcome == detect.Answered:
		return fmt.Sprintf("answers %d", a.Status)
	case a.Detail != "":
		return fmt.Sprintf("%s (%s)", a.Outcome, a.Detail)
	case a.Outcome == "":
		return "no answer"
	}
	return string(a.Outcome)
}
