package agent

import (
	"testing"
	"time"
)

// Routes that began together are spread over the whole interval, and none is asked later than one.
func TestPhase(t *testing.T) {
	const every = 30 * time.Second
	early, late := 0, 0
	for range 1000 {
		switch p := phase(every); {
		case p < 0 || p >= every:
			t.Fatalf("first asked after %s of %s", p, every)
		case p < every/3:
			early++
		case p > 2*every/3:
			late++
		}
	}
	if early < 200 || late < 200 {
		t.Errorf("of 1000, %d in the first third and %d in the last", early, late)
	}
}

// A pause is never shortened: what may be done again after it may not be done sooner. It is a tenth
// longer at most, not always the same, and kept to the moment where a second look is waited for.
func TestJitter(t *testing.T) {
	for _, pause := range []time.Duration{0, shortestWait, secondLook, steady} {
		if got := jitter(pause); got != pause {
			t.Errorf("a pause of %s became %s", pause, got)
		}
	}
	seen := map[time.Duration]bool{}
	for range 1000 {
		got := jitter(longestWait)
		if got < longestWait || got >= longestWait+longestWait/10 {
			t.Fatalf("a pause of %s became %s", longestWait, got)
		}
		seen[got.Truncate(time.Second)] = true
	}
	if len(seen) < 3 {
		t.Errorf("all pauses are alike: %v", seen)
	}
}
