package machine

import (
	"testing"
	"time"
)

// The outage reaches from the first bad request to the first good answer after the last bad one.
func TestOutageFromAnswers(t *testing.T) {
	start := time.Unix(1000, 0)
	at := func(ms int) time.Time { return start.Add(time.Duration(ms) * time.Millisecond) }
	w := &Watch{answers: []*answer{
		{asked: at(0), got: at(3)},
		{asked: at(5), got: at(2005), bad: "timeout"}, // hung, and known only later
		{asked: at(10), got: at(14)},                  // a worker that was still alive
		{asked: at(15), got: at(16), bad: "502"},
		{asked: at(20), got: at(29)},
		{asked: at(25), got: at(28)},
		{asked: at(30)},                          // still open
		{asked: at(35), got: at(36), bad: "502"}, // not judged before the one above
	}}
	o, last := w.latest()
	if !o.From.Equal(at(5)) || !o.To.Equal(at(29)) || !last.Equal(at(25)) {
		t.Errorf("from %v to %v, last %v", o.From.Sub(start), o.To.Sub(start), last.Sub(start))
	}
	if o.Bad["502"] != 1 || o.Bad["timeout"] != 1 || o.Duration() != 24*time.Millisecond {
		t.Errorf("got %v", o)
	}
}

func TestNoOutage(t *testing.T) {
	w := &Watch{answers: []*answer{{asked: time.Unix(1, 0), got: time.Unix(2, 0)}}}
	if o := w.Seen(); !o.From.IsZero() || o.Duration() != 0 {
		t.Errorf("got %v", o)
	}
}
