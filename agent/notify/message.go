package notify

import (
	"slices"

	"github.com/gatemend/gatemend/detect"
)

// Message is what a person is told. Field for field it is the loop's own message, so a
// conversion is all the wiring there is, and the compiler checks it.
type Message struct {
	ID       string       `json:"id"` // the same however often it is sent: a reader knows a repetition by it
	At       detect.Time  `json:"at"`
	Host     string       `json:"host"`
	Mode     string       `json:"mode"` // dry-run or act
	Site     string       `json:"site"`
	Route    string       `json:"route"`
	Incident string       `json:"incident,omitempty"`
	State    string       `json:"state"`
	Symptom  string       `json:"symptom"`
	Outage   detect.Span  `json:"outage"`
	Cause    detect.Cause `json:"cause"`
	Title    string       `json:"title"`
	Changed  string       `json:"changed"`
	Proof    string       `json:"proof"`
	Did      string       `json:"did,omitempty"`
	Hold     string       `json:"hold,omitempty"`
	Advice   []string     `json:"advice,omitempty"`
	Command  string       `json:"command"`
	More     string       `json:"more"`
}

// States that a channel treats in a way of their own; the loop has the same words.
const (
	Healed   = "healed"           // never taken out by a later message
	Degraded = "degraded"         // nobody has to get up
	Still    = "STILL not healed" // a reminder
	DryRun   = "DRY RUN"
	Blind    = "partly blind"
	Refused  = "configuration refused"
	Testing  = "TEST" // ours: gatemend notify test
)

// calls tells whether somebody should get up for it.
func (m Message) calls() bool {
	return !slices.Contains([]string{Healed, Degraded, DryRun, Blind, Refused, Testing}, m.State)
}

// clean escapes and scrubs every text: much of it was written by apps and clients.
func (m Message) clean() Message {
	for _, s := range []*string{
		&m.ID, &m.Host, &m.Mode, &m.Site, &m.Route, &m.Incident, &m.State, &m.Symptom, &m.Title,
		&m.Changed, &m.Proof, &m.Did, &m.Hold, &m.Command, &m.More, (*string)(&m.Cause),
	} {
		*s = detect.Clean(*s)
	}
	advice := make([]string, 0, len(m.Advice))
	for _, a := range m.Advice {
		advice = append(advice, detect.Clean(a))
	}
	m.Advice = advice[:min(len(advice), mostAdvice)]
	return m
}

// mostAdvice lines are kept; the text shows fewer.
const mostAdvice = 6
