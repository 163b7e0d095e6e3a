package agent

import (
	"context"
	"time"

	"github.com/gatemend/gatemend/detect"
	"github.com/gatemend/gatemend/policy"
)

// A hold that lasts is told when it is this old, and then each time the last one passes again:
// nobody forgets it for longer than a day.
var holdTold = []detect.Span{detect.For(time.Hour), detect.For(4 * time.Hour), detect.For(24 * time.Hour)}

// schedule sets the next reminder. What has no end, and what cannot be read, is told at once.
func (b *holdBook) schedule(h policy.Hold) {
	if h.Until == 0 {
		b.due[keyOf(h)] = time.Now()
		return
	}
	b.due[keyOf(h)] = time.Now().Add(nextWord(now().Sub(h.Since)).Duration())
}

// nextWord is how long it takes until a hold of that age is told again.
func nextWord(age detect.Span) detect.Span {
	for _, at := range holdTold {
		if age < at {
			return at - max(age, 0)
		}
	}
	last := holdTold[len(holdTold)-1]
	return last - age%last
}

// remindHolds tells of the holds that last.
func (a *Agent) remindHolds(ctx context.Context) {
	for _, h := range a.book.known {
		due, ok := a.book.due[keyOf(h)]
		if !ok || time.Now().Before(due) {
			continue
		}
		a.book.due[keyOf(h)] = time.Now().Add(nextWord(now().Sub(max(h.Since, 1))).Duration())
		if err := a.post(ctx, a.holdMessage(h)); err != nil {
			a.Log.Error("cannot send a message", "state", ToldHeld, "err", err)
			a.book.due[keyOf(h)] = time.Now().Add(sendAgain)
		}
	}
}

func (a *Agent) holdMessage(h policy.Hold) Message {
	m := Message{
		At: now(), Host: a.Host, Mode: a.mode(), Site: h.Site, State: ToldHeld,
		Did: "nothing is done, alerts go on: " + h.String(), Command: "sudo gatemend resume", More: "gatemend status",
	}
	if h.Site != "" {
		m.Command += " --site " + h.Site
	}
	if h.Since != 0 {
		m.Did += ", since " + h.Since.Time().Local().Format("Jan 2 15:04")
	}
	if h.Until != 0 {
		m.Did += ", until " + h.Until.Time().Local().Format("Jan 2 15:04")
	} else {
		m.Did += ", until it is resumed"
	}
	return m
}

// heldNow says whose hold is on, for a message about a site.
func (a *Agent) heldNow(ctx context.Context, site string) string {
	if h, held := policy.Holding(a.Holds(ctx), site, "", now()); held {
		return h.String()
	}
	return ""
}
