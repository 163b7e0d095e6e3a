package audit

// latest is, by site and route, the last record of an incident that the log held when it was
// opened: what the writer before this one was at.
type latest map[[2]string]Record

// note takes a record over; an edited one says nothing.
func (l latest) note(r Record, err error) {
	if err == nil && r.Kind == KindIncident {
		l[[2]string{r.Site, r.Route}] = r
	}
}

// Latest is the last [KindIncident] record of a route from before the log was opened.
func (l *Log) Latest(site, route string) (Record, bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	r, ok := l.latest[[2]string{site, route}]
	return r, ok
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
