package audit

import "github.com/gatemend/gatemend/detect"

// latest is, by site and route, the last record of an incident that the log held when it was
// opened: what the writer before this one was at.
type latest map[[2]string]lately

// lately is a record with its boot: see [boots].
type lately struct {
	Record
	in int
}

// note takes a record over; an edited one says nothing.
func (l latest) note(r Record, in int, err error) {
	if err == nil && r.Kind == KindIncident {
		l[[2]string{r.Site, r.Route}] = lately{r, in}
	}
}

// Latest is the last [KindIncident] record of a route from before the log was opened, and by how much
// the clock was set since then: what the record says of times is to be moved by that.
func (l *Log) Latest(site, route string) (r Record, moved detect.Span, ok bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	last, ok := l.latest[[2]string{site, route}]
	if !ok {
		return Record{}, 0, false
	}
	return last.Record, l.past.moved(last.At, last.in, last.Uptime, l.opt), true
}

// Intent reads the data of the intent with that number; nil when there is none.
func Intent(dir string, seq int64) []byte {
	for r, err := range All(dir) {
		if err == nil && r.Seq == seq && r.Kind == KindIntent {
			return r.Data
		}
	}
	return nil
}
