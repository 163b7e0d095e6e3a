package agent

import (
	"flag"
	"os"
	"testing"
	"time"

	"github.com/gatemend/gatemend/detect"
	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write golden files")

// The picture in the documentation is what the table says.
func TestPicture(t *testing.T) {
	const file = "testdata/states.dot"
	got := Picture()
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(string(want), got); d != "" {
		t.Errorf("the picture differs; look at it and run with -update:\n%s", d)
	}
}

// What the machine promises can be read off its table.
func TestTransitions(t *testing.T) {
	into := map[State][]State{}
	states := map[State]bool{}
	for _, tr := range Transitions {
		into[tr.To] = append(into[tr.To], tr.From)
		states[tr.From], states[tr.To] = true, true
	}
	if !cmp.Equal(into[Recovered], []State{Verifying}) {
		t.Errorf("recovered is reached from %v: only the verifier can declare it", into[Recovered])
	}
	if !cmp.Equal(into[Acting], []State{Confirmed}) {
		t.Errorf("acting is reached from %v: every action needs a fresh look and a decision", into[Acting])
	}
	for s := range states {
		if s != Idle && s != Dropped && !reaches(s, Idle, map[State]bool{}) {
			t.Errorf("%s never ends", s)
		}
	}
}

func reaches(from, to State, seen map[State]bool) bool {
	if from == to {
		return true
	}
	seen[from] = true
	for _, tr := range Transitions {
		if tr.From == from && !seen[tr.To] && reaches(tr.To, to, seen) {
			return true
		}
	}
	return false
}

// A transition that the table does not have is not made.
func TestIllegalTransitionIsRefused(t *testing.T) {
	w := newWorld(t, "shop")
	a, err := New(w.options())
	if err != nil {
		t.Fatal(err)
	}
	k := a.keepers[0]
	k.enter(t.Context(), Recovered)
	if k.inc.State != Idle || len(w.records) != 1 || w.records[0].kind != RecordFault {
		t.Errorf("state %q, records %+v", k.inc.State, w.records)
	}
}

func TestVoided(t *testing.T) {
	at := time.Date(2026, 11, 22, 3, 0, 0, 0, time.UTC)
	for name, tt := range map[string]struct {
		wall, mono time.Duration
		want       bool
	}{
		"as expected":     {2 * time.Second, 2 * time.Second, false},
		"set forward":     {time.Hour, 2 * time.Second, true},
		"set back":        {-time.Hour, 2 * time.Second, true},
		"suspended":       {40 * time.Second, time.Second, true},
		"slewed":          {3 * time.Second, 2 * time.Second, false},
		"stalled":         {41 * time.Second, 41 * time.Second, true},
		"slow but in it":  {39 * time.Second, 39 * time.Second, false},
		"at the boundary": {40 * time.Second, 40 * time.Second, false},
	} {
		got := voided(reading{at, 0}, reading{at.Add(tt.wall), tt.mono}, 10*time.Second)
		if got != tt.want {
			t.Errorf("%s: voided %v, want %v", name, got, tt.want)
		}
	}
}

func TestMailboxCoalesces(t *testing.T) {
	m := newMailbox()
	for i := range 1000 {
		m.put(detect.Trigger{At: detect.Time(i + 1), Sensor: detect.SensorErrorLog, Why: "line"})
	}
	m.put(detect.Trigger{At: 5, Sensor: detect.SensorUnit})
	m.put(detect.Trigger{At: 7, Sensor: detect.SensorSocket, Lost: true})
	m.forget(6) // the unit's is older than the proof; the log's newest is not; a loss stays
	n := m.take()
	if len(n.triggers) != 2 || n.triggers[0].At != 1 || !n.triggers[1].Lost || !n.from(detect.SensorSocket) || n.from(detect.SensorUnit) {
		t.Errorf("triggers %+v", n.triggers)
	}
	if n = m.take(); !n.empty() {
		t.Errorf("taken twice: %+v", n)
	}
}

func TestFirstBad(t *testing.T) {
	noticed := detect.Time(1_000_000_000_000)
	ago := func(d time.Duration) detect.Time { return noticed - detect.Time(d.Microseconds()) }
	for name, tt := range map[string]struct {
		f      detect.Facts
		lastOK detect.Time
		want   detect.Time
	}{
		"nothing known":                     {detect.Facts{}, ago(time.Minute), noticed},
		"the process ended":                 {detect.Facts{Unit: &detect.Unit{Active: "failed", ExecExit: ago(time.Second)}}, ago(time.Minute), ago(time.Second)},
		"an older end":                      {detect.Facts{Unit: &detect.Unit{Active: "failed", ExecExit: ago(time.Hour)}}, ago(time.Minute), noticed},
		"a running unit":                    {detect.Facts{Unit: &detect.Unit{Active: "active", ExecExit: ago(time.Second)}}, ago(time.Minute), noticed},
		"the first error":                   {detect.Facts{Lines: []detect.Line{{At: ago(3 * time.Second), Source: detect.FromNginxError, Event: "x"}, {At: ago(time.Second), Source: detect.FromNginxError, Event: "x"}}}, ago(time.Minute), ago(3 * time.Second)},
		"an app may lie":                    {detect.Facts{Lines: []detect.Line{{At: ago(3 * time.Second), Source: detect.FromApp, Event: "x"}}}, ago(time.Minute), noticed},
		"an error of before its last start": {detect.Facts{Unit: &detect.Unit{Active: "inactive", ExecStart: ago(time.Minute), ExecExit: ago(time.Second)}, Lines: []detect.Line{{At: ago(4 * time.Minute), Source: detect.FromNginxError, Event: "x"}}}, 0, ago(time.Second)},
		"stopped before boot":               {detect.Facts{Stop: &detect.Stop{At: ago(48 * time.Hour)}}, 0, noticed},
	} {
		if got := firstBad(tt.f, noticed, tt.lastOK); got != tt.want {
			t.Errorf("%s: %s ago, want %s ago", name, noticed.Sub(got), noticed.Sub(tt.want))
		}
	}
}
