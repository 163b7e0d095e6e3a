package e2e

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gatemend/gatemend/agent"
	"github.com/gatemend/gatemend/agent/audit"
	"github.com/gatemend/gatemend/detect"
	"github.com/gatemend/gatemend/detect/fault"
	"github.com/gatemend/gatemend/policy"
)

// crashes are the points at which the agent is killed while it mends a killed gunicorn, with what
// becomes of each of its intents.
var crashes = []struct {
	point    string
	outcomes []policy.Outcome
	full     bool // the audit segment is nearly full, so that it is rotated in the incident
}{
	{point: fault.BundleWritten, outcomes: []policy.Outcome{policy.Recovered}},
	{point: fault.RecordWritten, outcomes: []policy.Outcome{policy.Recovered}},
	{point: fault.IntentDurable, outcomes: []policy.Outcome{policy.Inconclusive, policy.Recovered}},
	{point: fault.EffectDone, outcomes: []policy.Outcome{policy.Recovered}},
	{point: fault.ResultRecorded, outcomes: []policy.Outcome{policy.Recovered}},
	{point: fault.BaseWritten, outcomes: []policy.Outcome{policy.Recovered}},
	{point: fault.SegmentMade, full: true},
	{point: fault.RotateRecorded, full: true},
}

// TestKilledAt: wherever the agent is killed, the next one takes the incident up under its name, looks
// what became of what was begun, repeats nothing that took place, pays for what did not help, and the
// record is whole (promises 2 and 5).
func TestKilledAt(t *testing.T) {
	for _, tt := range crashes {
		t.Run(tt.point, func(t *testing.T) {
			s := setup{faults: true, idle: true, config: patient}
			m := open(t, s)
			if tt.full {
				m.nearlyFull()
			}
			m.Sh(t, "systemctl start gatemend")
			m.verified()
			m.arm("kill", tt.point)
			m.Sh(t, "kill -9 "+mainPID)
			m.restartedBySystemd()
			i := m.in(agent.Recovered, 60*time.Second)
			m.causeWas(i, detect.GunicornCrashed)
			if l, _ := m.incidents(); len(l) != 1 {
				t.Errorf("one outage and these incidents: %v", errIncidents(l))
			}
			m.answers()
			m.audited()
			m.settled(tt.outcomes)
			if tt.full {
				m.Sh(t, `test $(ls /var/lib/gatemend/audit/*.jsonl | wc -l) -ge 2`)
			}
			m.untouched()
		})
	}
}

// restartedBySystemd waits until the agent that was killed answers again.
func (m *shop) restartedBySystemd() {
	m.tb.Helper()
	m.Eventually(m.tb, "the agent was killed at the point, and restarted", 60*time.Second, func() error {
		out, err := m.Run(m.tb.Context(), "systemctl", "show", "-P", "NRestarts", "gatemend")
		if err == nil && out != "1\n" {
			err = fmt.Errorf("NRestarts=%s", out)
		}
		if err == nil { // it is counted before it is started
			_, err = m.status()
		}
		return err
	})
}

// settled checks that every intent has an outcome, those that are wanted where they can be known; and
// that what did not recover the site is paid for.
func (m *shop) settled(want []policy.Outcome) {
	m.tb.Helper()
	last := map[int64]policy.Outcome{}
	for _, j := range m.judged() {
		last[j.Seq] = j.Outcome
	}
	var got []policy.Outcome
	spent := 0
	for _, seq := range slices.Sorted(maps.Keys(m.intents())) {
		got = append(got, last[seq])
		if last[seq] != policy.Recovered {
			spent++
		}
	}
	if want == nil {
		want = []policy.Outcome{policy.Recovered}
	}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		m.tb.Errorf("outcomes of the intents %v, want %v: %+v", got, want, m.judged())
	}
	s, err := m.status()
	if err != nil {
		m.tb.Fatal(err)
	}
	for _, b := range s.Budget {
		if b.Site == "shop" && b.Per == detect.For(time.Hour) && b.Left != b.Of-spent {
			m.tb.Errorf("%d of %d restarts left, %d spent", b.Left, b.Of, spent)
		}
	}
}

// nearlyFull gives the agent a record whose segment the next incident fills: it is rotated then.
func (m *shop) nearlyFull() {
	m.tb.Helper()
	dir := m.tb.TempDir()
	l, err := audit.Open(dir, audit.Options{Journal: filepath.Join(dir, "none")})
	if err != nil {
		m.tb.Fatal(err)
	}
	filler, _ := json.Marshal(strings.Repeat("x", 1<<20-2000))
	for range 8 {
		_, err = l.Append(m.tb.Context(), audit.Record{Kind: "filler", Data: filler})
		if err != nil {
			m.tb.Fatal(err)
		}
	}
	if err := l.Close(); err != nil {
		m.tb.Fatal(err)
	}
	segments, err := filepath.Glob(filepath.Join(dir, "*.jsonl"))
	if err != nil || len(segments) != 1 {
		m.tb.Fatalf("segments %v, %v", segments, err)
	}
	raw, err := os.ReadFile(segments[0])
	if err != nil {
		m.tb.Fatal(err)
	}
	m.Sh(m.tb, "mkdir -p -m 700 /var/lib/gatemend/audit")
	m.write("/var/lib/gatemend/audit/"+filepath.Base(segments[0]), 0o600, string(raw))
}
