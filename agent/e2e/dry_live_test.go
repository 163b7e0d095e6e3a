package e2e

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gatemend/gatemend/agent"
	"github.com/gatemend/gatemend/agent/e2e/machine"
	"github.com/gatemend/gatemend/policy"
)

// TestDryRunCannotLie: each fault of TestHeals and TestEscalates is seen by an agent that only watches, and
// then, as it lies, by one that acts. The first leaves no trace on the machine; both decide the same from
// the same case, byte for byte; and what `plan` shows in between is what is done (promise 3).
func TestDryRunCannotLie(t *testing.T) {
	for _, kind := range machine.Kinds {
		for list := range slices.Chunk(rehearsed(kind), 11) { // machines are done at about the same time
			t.Run(string(kind), func(t *testing.T) {
				m := open(t, setup{kind: kind, dry: true, prepare: asDeployed})
				for _, tt := range list {
					t.Run(tt.name, func(t *testing.T) { m.twice(t, tt) })
				}
			})
		}
	}
}

// rehearsed are the faults of one deployment, but for a deadlock: it takes two minutes to be one, twice.
func rehearsed(kind machine.Kind) (list []trouble) {
	for _, tt := range slices.Concat(again(), elsewhere) {
		if cmp.Or(tt.on, machine.Unix) == kind && tt.within < 2*time.Minute {
			list = append(list, tt)
		}
	}
	return list
}

// twice breaks the shop while no agent runs, shows it to a dry one and then to one that acts.
func (m *shop) twice(t *testing.T, tt trouble) {
	one := *m
	one.tb = t
	defer func() {
		one.Sh(t, "systemctl stop gatemend\n"+tt.mend+anew+modeIs(policy.ModeDryRun)+"systemctl start gatemend")
		one.verified()
	}()
	if tt.prepare != "" {
		one.Sh(t, "systemctl stop gatemend\n"+tt.prepare+serves+"systemctl start gatemend")
		one.verified()
	}
	one.Sh(t, "systemctl stop gatemend\n"+tt.fault)
	was := one.settledTraces()
	one.Sh(t, "systemctl start gatemend")
	dry := one.decidedOn(tt, policy.ModeDryRun)
	previewed := one.asked()
	one.leftNoTrace(was)
	one.Sh(t, modeIs(policy.ModeAct)+"systemctl restart gatemend")
	live := one.decidedOn(tt, policy.ModeAct)
	one.sameJudged(dry, live)
	if live.Decision.Do == policy.DoAct {
		one.sameBytes("what plan shows and what was done", live.Decision.Action, previewed.Decision.Action)
	}
	one.audited()
}

// modeIs sets the mode of the configuration.
func modeIs(mode policy.Mode) string {
	return fmt.Sprintf("sed -i 's/^mode: .*/mode: %s/' /etc/gatemend/gatemend.yaml\n", mode)
}

// decidedOn is what the agent of that mode decided on the cause: of an action the intent as the audit log
// holds it, else what is kept with the incident.
func (m *shop) decidedOn(tt trouble, mode policy.Mode) (got judged) {
	m.tb.Helper()
	want := policy.DoEscalate
	if tt.state == agent.Recovered {
		want = policy.DoAct
	}
	m.Eventually(m.tb, fmt.Sprintf("mode %s decides to %s", mode, want), 2*time.Minute, func() error {
		all, err := m.decisions(mode)
		i := slices.IndexFunc(all, func(j judged) bool { return j.Decision.Do == want && j.Case.Diagnosis.Primary.Cause == tt.cause })
		if err != nil || i < 0 {
			return fmt.Errorf("%d other decisions: %v", len(all), err)
		}
		got = all[i]
		return nil
	})
	if want == policy.DoAct {
		return m.intended(mode)
	}
	return got
}

// intended is what the audit log holds of the one intent of that mode.
func (m *shop) intended(mode policy.Mode) (got judged) {
	m.tb.Helper()
	ends := map[policy.Mode]agent.State{policy.ModeDryRun: agent.Escalated, policy.ModeAct: agent.Recovered}[mode]
	m.Eventually(m.tb, "the intent is recorded, and what came of it", time.Minute, func() error {
		n := 0
		for _, in := range m.intents() {
			if in.Dry == (mode == policy.ModeDryRun) {
				n++
				got = judged{in.Case, in.Decision, in.Steps}
			}
		}
		if n != 1 {
			return fmt.Errorf("%d intents", n)
		}
		l, err := m.incidents()
		if err != nil || len(l) == 0 || l[len(l)-1].State != ends {
			return fmt.Errorf("%d incidents, not %s: %v", len(l), ends, err)
		}
		return nil
	})
	return got
}

// decisions are those kept with the incidents, oldest first, of the agent of that mode.
func (m *shop) decisions(mode policy.Mode) (all []judged, err error) {
	out, err := m.Shell(m.tb.Context(), `for f in $(ls /var/lib/gatemend/audit/bundles/*/*.json 2>/dev/null); do cat $f; echo; done`)
	if err != nil {
		return nil, err
	}
	for line := range strings.Lines(out) {
		var j judged
		if err := json.Unmarshal([]byte(line), &j); err != nil {
			return nil, err
		}
		if j.Case.Settings.Mode == mode {
			all = append(all, j)
		}
	}
	slices.SortStableFunc(all, func(a, b judged) int { return cmp.Compare(a.Case.Now, b.Case.Now) })
	return all, nil
}

// asked asks all that only looks, at once, and gives what `plan` shows of the one route.
func (m *shop) asked() judged {
	m.tb.Helper()
	m.Sh(m.tb, `for v in diagnose check status incidents; do gatemend $v >/dev/null 2>&1 & done; wait`)
	var plans []judged
	if err := m.json(&plans, "gatemend", "plan", "--json"); err != nil || len(plans) != 1 {
		m.tb.Fatalf("%d plans: %v", len(plans), err)
	}
	return plans[0]
}

// settledTraces are those of a machine on which nothing moved for 6 s: a gunicorn whose app cannot start is
// up and still for as long as it takes to import what can be.
func (m *shop) settledTraces() traces {
	m.tb.Helper()
	was, since := m.traces(), time.Now()
	for end := since.Add(2 * time.Minute); ; {
		is := m.traces()
		moves := is.changedSince(was)
		if len(moves) > 0 {
			was, since = is, time.Now()
		}
		if time.Since(since) >= 6*time.Second {
			return was
		}
		if time.Now().After(end) {
			m.tb.Fatalf("the fault does not come to rest: %.2000q", moves)
		}
	}
}

// leftNoTrace compares with what is now.
func (m *shop) leftNoTrace(was traces) {
	m.tb.Helper()
	for _, c := range m.traces().changedSince(was) {
		m.tb.Errorf("the dry run changed %s", c)
	}
}
