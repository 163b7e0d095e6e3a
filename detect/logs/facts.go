package logs

import (
	"time"

	"github.com/gatemend/gatemend/detect"
)

// Lines gives the lines of a site's logs since then that say something, oldest first: at most 64,
// and of the last 15 minutes.
func (s *Sensor) Lines(site string, since detect.Time) []detect.Line {
	if st := s.site(site); st != nil {
		return st.recent.from(since, s.now())
	}
	return nil
}

// Traffic counts a site's requests in the last minute, our own left out; nil for a site that is
// not ours.
func (s *Sensor) Traffic(site string) *detect.Traffic {
	st := s.site(site)
	if st == nil {
		return nil
	}
	t := st.window.traffic(s.now(), st.shared)
	return &t
}

func (s *Sensor) site(name string) *site {
	for _, st := range s.sites {
		if st.Name == name {
			return st
		}
	}
	return nil
}

// traffic is the window as a fact. Without an access log of the site's own there are only the
// error log's lines, one for each error that nginx made.
func (w *window) traffic(now time.Time, shared bool) detect.Traffic {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.setBack(now)
	all := w.sum(now)
	if shared || w.foreign || w.since.IsZero() {
		return detect.Traffic{Shared: shared, Nginx5xx: all.errors, LastError: w.lastLine, Window: detect.For(windowSeconds * time.Second)}
	}
	byNginx, byApp := all.split()
	return detect.Traffic{
		Known: true, Window: min(detect.For(windowSeconds*time.Second), detect.For(now.Sub(w.since))),
		Requests: all.requests, Answered: all.ok, Gone: all.gone, NotHTTP: all.notHTTP,
		Nginx5xx: byNginx, App5xx: byApp, LastAnswer: w.lastAnswer, LastError: w.lastError,
	}
}

// split tells who made the errors of which the line did not say. The combined format does not:
// nginx writes an error line for each of its own and the app's have none, so the error lines
// bound how many were nginx's. The 503 of limit_req and limit_conn are neither's failure.
func (b bucket) split() (byNginx, byApp int) {
	failed := min(b.unsaid+b.unsaid503, b.errors)
	rest := b.unsaid + b.unsaid503 - failed
	refused := min(b.limited, b.unsaid503, rest)
	return b.byNginx + failed, b.byApp + rest - refused
}
