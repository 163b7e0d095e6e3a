package agent

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/gatemend/gatemend/detect"
	"github.com/gatemend/gatemend/detect/pulse"
	"github.com/gatemend/gatemend/policy"
)

const (
	// Holds are read this often even when nothing tells of a change: one may have run out.
	holdEvery = time.Minute
	// Who says that he lifts a hold has done it by then.
	holdLifted = 10 * time.Second
	// To read the holds, to record what changed and to tell of it takes no longer.
	holdNoted = time.Minute
)

// holdBook is what is known of the holds, for the record and for reminders. Decisions do not
// read it: they read the holds themselves.
type holdBook struct {
	news  chan struct{}         // a slot: the holds changed
	known []policy.Hold         // owned by keepHolds
	due   map[holdKey]time.Time // the next reminder of each

	mu sync.Mutex
	by string    // who said that he lifts holds
	at time.Time // when
}

type holdKey struct{ site, owner, reason, via string }

func keyOf(h policy.Hold) holdKey { return holdKey{h.Site, h.Owner, h.Reason, h.Via} }

func newHoldBook() *holdBook {
	return &holdBook{news: make(chan struct{}, 1), due: map[holdKey]time.Time{}}
}

func (b *holdBook) ring() {
	select {
	case b.news <- struct{}{}:
	default:
	}
}

// Lifting tells, before it happens, who lifts holds now: a file that is gone does not say.
func (a *Agent) Lifting(by string) {
	a.book.mu.Lock()
	defer a.book.mu.Unlock()
	a.book.by, a.book.at = by, time.Now()
}

func (b *holdBook) lifter() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.by == "" || time.Since(b.at) > holdLifted {
		return ""
	}
	return b.by
}

// keepHolds notes what persons pause and resume: in the record, and in messages while it lasts.
func (a *Agent) keepHolds(ctx context.Context) {
	beat := pulse.Begin(ctx, "the keeper of holds")
	defer beat.End()
	for a.awaitHolds(ctx, beat) {
		done := beat.Enter("note holds", holdNoted)
		a.noteHolds(ctx)
		a.remindHolds(ctx)
		done()
	}
}

// awaitHolds waits until the holds are to be read; false at the end.
func (a *Agent) awaitHolds(ctx context.Context, beat *pulse.Pulse) bool {
	timer := time.NewTimer(a.holdWait())
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return false
		case answered := <-beat.Ping():
			close(answered)
		case <-a.book.news:
			return true
		case <-timer.C:
			return true
		}
	}
}

// holdWait is until the first hold ends, or the first reminder is due.
func (a *Agent) holdWait() time.Duration {
	wait := holdEvery
	for _, h := range a.book.known {
		if h.Until != 0 {
			wait = min(wait, h.Until.Sub(now()).Duration()+time.Millisecond)
		}
	}
	for _, at := range a.book.due {
		wait = min(wait, time.Until(at))
	}
	return max(wait, shortestWait)
}

// standing takes over the holds that stand at the start, which the record of the start names.
func (a *Agent) standing(ctx context.Context) []policy.Hold {
	a.book.known = a.Holds(ctx)
	var own []policy.Hold
	for _, h := range a.book.known {
		if h.Via == "" {
			a.Log.Warn("held: nothing is done", "site", h.Site, "owner", h.Owner, "reason", h.Reason, "until", h.Until.Time())
			a.book.schedule(h)
			own = append(own, h)
		}
	}
	return own
}

// noteHolds compares the holds with those of the last time.
func (a *Agent) noteHolds(ctx context.Context) {
	held, known := a.Holds(ctx), a.book.known
	a.book.known = held
	for _, h := range held {
		was := slices.IndexFunc(known, func(k policy.Hold) bool { return keyOf(k) == keyOf(h) })
		switch {
		case h.Via != "" || was >= 0 && known[was].Since == h.Since:
		case was >= 0:
			a.noteHold(ctx, HoldRenewed, h, h.Owner)
		default:
			a.noteHold(ctx, HoldPaused, h, h.Owner)
		}
	}
	for _, k := range known {
		if slices.ContainsFunc(held, func(h policy.Hold) bool { return keyOf(k) == keyOf(h) }) {
			continue
		}
		delete(a.book.due, keyOf(k))
		if k.Via == "" && k.Until != 0 && k.Until <= now().Add(detect.For(shortestWait)) {
			a.noteHold(ctx, HoldExpired, k, "")
		} else if k.Via == "" {
			a.noteHold(ctx, HoldResumed, k, a.book.lifter())
		}
		a.wake(k)
	}
}

func (a *Agent) noteHold(ctx context.Context, what string, h policy.Hold, by string) {
	if what == HoldPaused || what == HoldRenewed {
		a.book.schedule(h)
	}
	a.Log.Warn("hold "+what, "site", h.Site, "owner", h.Owner, "reason", h.Reason, "until", h.Until.Time(), "by", by)
	a.record(ctx, RecordHold, "", h.Site, "", HoldChange{At: now(), What: what, By: by, Hold: h})
}

// wake lets the sites that are free again look at once.
func (a *Agent) wake(h policy.Hold) {
	for _, k := range a.all() {
		if h.Site == "" || h.Site == k.place.site {
			k.mail.put(detect.Trigger{At: now(), Site: k.place.site, Sensor: detect.SensorHold, Why: "no longer " + h.String()})
		}
	}
}
