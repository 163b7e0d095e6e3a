package logs

import (
	"slices"
	"sync"
	"time"

	"github.com/gatemend/gatemend/detect"
)

const (
	recentMost = 64               // lines kept for one site
	recentFor  = 15 * time.Minute // and for so long
)

// recent keeps the last lines of a site that said something. Repeats of a message within a second
// are counted, and a message that comes again and again makes room first, so that a flood does
// not push out what came before it.
type recent struct {
	mu    sync.Mutex
	lines []detect.Line
}

func (r *recent) add(l detect.Line, now time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.setBack(now)
	l.At = min(l.At, detect.At(now))
	for i := len(r.lines) - 1; i >= 0 && l.At.Sub(r.lines[i].At) < detect.For(time.Second); i-- {
		if old := &r.lines[i]; old.PID == l.PID && of(*old) == of(l) {
			old.Count = max(old.Count, 1) + max(l.Count, 1)
			return
		}
	}
	if len(r.lines) == recentMost {
		r.makeRoom()
	}
	r.lines = append(r.lines, l)
}

// setBack lets go what was read before the clock was set back: it would be the latest for as long.
func (r *recent) setBack(now time.Time) {
	r.lines = slices.DeleteFunc(r.lines, func(l detect.Line) bool { return ahead(l.At, now) })
}

// message is what repeats of one have in common.
type message struct {
	source           detect.Source
	event            detect.Event
	errno            int
	ours             bool
	upstream, target string
	text             string
}

func of(l detect.Line) message {
	m := message{source: l.Source, event: l.Event, errno: l.Errno, ours: l.Ours, upstream: l.Attr["upstream"], target: l.Attr["target"]}
	if l.Source != detect.FromNginxError {
		m.text = l.Text // nginx's lines differ by client and connection number
	}
	return m
}

// makeRoom drops the second of the message that has most lines: its first tells when it began.
// Where all differ, the oldest goes.
func (r *recent) makeRoom() {
	seen := map[message][]int{}
	drop, most := 0, 1
	for i, l := range r.lines {
		m := of(l)
		seen[m] = append(seen[m], i)
		if n := len(seen[m]); n > most {
			drop, most = seen[m][1], n
		}
	}
	r.lines = append(r.lines[:drop], r.lines[drop+1:]...)
}

// from returns the lines since then, oldest first.
func (r *recent) from(since detect.Time, now time.Time) []detect.Line {
	since = max(since, detect.At(now.Add(-recentFor)))
	r.mu.Lock()
	defer r.mu.Unlock()
	r.setBack(now)
	var out []detect.Line
	for _, l := range r.lines {
		if l.At >= since {
			out = append(out, l)
		}
	}
	return out
}
