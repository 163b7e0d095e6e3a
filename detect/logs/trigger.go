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

// limiter spaces triggers. Nothing is owed for those left out: the look that the last one began
// sees the same.
type limiter struct {
	mu   sync.Mutex
	last time.Time
}

func (l *limiter) allow(now time.Time, gap time.Duration) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if d := now.Sub(l.last); !l.last.IsZero() && d >= 0 && d < gap {
		return false
	}
	l.last = now
	return true
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
	if !limit.allow(now, gap) {
		return
	}
	src.send(detect.Trigger{At: detect.At(now), Site: st.Name, Sensor: src.kind.sensor, Why: detect.Clean(why)})
}

// ours tells a line that a probe of ours caused.
func (src *source) ours(line []byte) bool {
	if src.cfg.Ours == nil {
		return false
	}
	m := probe.Marker(string(line))
	return m != "" && src.cfg.Ours(m)
}
