package audit

import (
	"encoding/json"
	"iter"

	"github.com/gatemend/gatemend/detect"
)

// Summary is one incident as the log tells it.
type Summary struct {
	ID      string          `json:"id"`
	Site    string          `json:"site"`
	Route   string          `json:"route,omitempty"`
	Began   detect.Time     `json:"began"` // of its first record
	Last    detect.Time     `json:"last"`
	Records int             `json:"records"`
	Actions int             `json:"actions"`         // intents, those of a dry run included
	State   json.RawMessage `json:"state,omitempty"` // data of its last [KindIncident] record
}

// Incidents lists the incidents of the log, oldest first. It returns what can be read,
// with the first error.
func Incidents(dir string) ([]Summary, error) {
	var out []Summary
	at := map[string]int{}
	var first error
	for r, err := range All(dir) {
		if err != nil && first == nil {
			first = err
		}
		if r.Incident == "" {
			continue
		}
		i, ok := at[r.Incident]
		if !ok {
			i = len(out)
			at[r.Incident] = i
			out = append(out, Summary{ID: r.Incident, Site: r.Site, Route: r.Route, Began: r.At})
		}
		out[i].note(r)
	}
	return out, first
}

func (s *Summary) note(r Record) {
	s.Records++
	s.Last = r.At
	switch r.Kind {
	case KindIntent:
		s.Actions++
	case KindIncident:
		s.State = r.Data
	}
}

// Timeline is the records of one incident, oldest first.
func Timeline(dir, incident string) iter.Seq2[Record, error] {
	return func(yield func(Record, error) bool) {
		for r, err := range All(dir) {
			if (err != nil || r.Incident == incident) && !yield(r, err) {
				return
			}
		}
	}
}
