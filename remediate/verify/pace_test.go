package verify

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gatemend/gatemend/detect"
	"github.com/gatemend/gatemend/policy"
)

// A loop that stood still for half a minute proves nothing, however well it looks after.
func TestStallVoids(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		s := subject()
		stalled := false
		s.Decided = func(context.Context) (string, bool) { // any place of our own loop will do
			if !stalled {
				stalled = true
				time.Sleep(50 * time.Second)
			}
			return "", false
		}
		v := Verifier{Upstream: from(status(500), time.Second, status(200)).prober(began), Public: always(status(200)).prober(began)}
		if p := v.Verify(t.Context(), s); p.Verdict != policy.VerdictUnsure {
			t.Errorf("verdict %q (%s)", p.Verdict, p.Why)
		}
	})
}

func TestPace(t *testing.T) {
	start := moment{wall: time.Unix(1_800_000_000, 0)}
	for name, tt := range map[string]struct {
		wall, mono time.Duration // since start
		want       bool
	}{
		"in time":            {5 * time.Second, 5 * time.Second, true},
		"slow but allowed":   {39 * time.Second, 39 * time.Second, true},
		"did not run":        {41 * time.Second, 41 * time.Second, false},
		"was suspended":      {45 * time.Second, time.Second, false},
		"clock set forward":  {time.Hour, time.Second, false},
		"clock set back":     {-time.Hour, time.Second, false},
		"clock slewed a bit": {3 * time.Second, 2 * time.Second, true},
	} {
		now := moment{start.wall.Add(tt.wall), tt.mono}
		p := pace{read: func() moment { return now }, allowed: 10 * time.Second, last: start}
		if got := p.step(); got != tt.want {
			t.Errorf("%s: %v, want %v", name, got, tt.want)
		}
		if p.step() != tt.want {
			t.Errorf("%s: a void proof became valid again", name)
		}
	}
}

func TestTapeKeepsBothEnds(t *testing.T) {
	var tp tape
	if tp.last().Outcome != "" {
		t.Error("an empty tape has an answer")
	}
	for i := range 100 {
		tp.add(detect.Answer{Status: i})
	}
	if tp.answers[keepFirst-1].Status != keepFirst-1 || tp.answers[keepFirst].Status != 100-keepLast || tp.last().Status != 99 {
		t.Errorf("kept %v", tp.answers)
	}
}
