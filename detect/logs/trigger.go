package logs

import (
	"sync"
	"time"

	"github.com/gatemend/gatemend/detect"
	"github.com/gatemend/gatemend/detect/probe"
)

const (
	sureGap   = 400 * time.Millisecond // between two triggers of a site: a flood says nothing more than its first line
	unsureGap = 30 * time.Second       // where the line may be about a server that is not ours
	staleAge  = 2 * time.Minute        // older lines are no reason to look: a log was edited and is read anew
)

// limiter spaces triggers. One is owed for all that are left out: the look that the last one began
// may be over before their lines were written, and a burst may be all that ever comes.
type limiter struct {
	mu   sync.Mutex
	last time.Time
	owed bool
}

// allow tells whether a trigger may be sent now. If not, owe is how long from now the one that is
// owed is due; 0 when it is on its way already.
func (l *limiter) allow(now time.Time, gap time.Duration) (yes bool, owe time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	d := now.Sub(l.last)
	if l.last.IsZero() || d < 0 || d >= gap {
		l.last = now
		return true, 0
	}
	if l.owed {
		return false, 0
	}
	l.owed = true
	return false, gap - d
}

// paid lets the next one be owed. The trigger that pays is spaced like any other.
func (l *limiter) paid(now time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.last, l.owed = now, false
}

// trigger has a site look, if it was not told to just now.
func (src *source) trigger(st *site, at detect.Time, sure bool, why string) {
	now := src.now()
	if at != 0 && now.Sub(at.Time()) > staleAge {
		return
	}
	limit, gap := &st.sure, src.gap
	if !sure {
		limit, gap = &st.unsure, unsureGap
	}
	send := func(now time.Time) {
		src.send(detect.Trigger{At: detect.At(now), Site: st.Name, Sensor: src.kind.sensor, Why: detect.Clean(why)})
	}
	switch yes, owe := limit.allow(now, gap); {
	case yes:
		send(now)
	case owe > 0:
		src.later(owe, func() {
			limit.paid(src.now())
			send(src.now())
		})
	}
}

// ours tells a line that a probe of ours caused.
func (src *source) ours(line []byte) bool {
	if src.cfg.Ours == nil {
		return false
	}
	m := probe.Marker(string(line))
	return m != "" && src.cfg.Ours(m)
}
