package e2e

import (
	"bufio"
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/gatemend/gatemend/agent"
	"github.com/gatemend/gatemend/agent/audit"
	"github.com/gatemend/gatemend/detect"
	"github.com/gatemend/gatemend/policy"
	"github.com/gatemend/gatemend/remediate"
)

// TestDryRun: mode dry-run, and `run --dry-run` over a configuration that acts, record what would be
// done, by the same case and decision as `plan`, tell a person once, and change nothing (promise 3).
func TestDryRun(t *testing.T) {
	for name, s := range map[string]setup{
		"by the configuration": {dry: true},
		"by the command line": {prepare: `mkdir -p /etc/systemd/system/gatemend.service.d
printf '[Service]\nExecStart=\nExecStart=/usr/bin/gatemend run --dry-run\n' >/etc/systemd/system/gatemend.service.d/dry.conf
systemctl daemon-reload`},
	} {
		t.Run(name, func(t *testing.T) {
			m := open(t, s)
			m.Sh(t, "kill -9 "+mainPID)
			i := m.in(agent.Escalated, healsWithin)
			m.causeWas(i, detect.GunicornCrashed)
			if len(i.Actions) != 1 || !i.Actions[0].Would || i.Actions[0].Verb != policy.RestartUnit {
				t.Fatalf("actions %+v, want one that would be done", i.Actions)
			}
			m.tells(i, detect.GunicornCrashed, "DRY RUN", "restart-unit")
			m.recordedAsPlanned(i)
			m.nothingMoves(15 * time.Second)
			m.untouched()
			m.audited()
		})
	}
}

// recordedAsPlanned compares the record with what `plan` says of the same outage: each decision is
// the one that its own case gives, byte for byte, and both want the same done for the same reasons.
func (m *shop) recordedAsPlanned(i agent.Incident) {
	m.tb.Helper()
	in, ok := m.intents()[i.Actions[0].Seq]
	if !ok || !in.Dry {
		m.tb.Fatalf("no dry intent %d in the record", i.Actions[0].Seq)
	}
	var plans []struct {
		Fingerprint string          `json:"fingerprint"`
		Case        policy.Case     `json:"case"`
		Decision    policy.Decision `json:"decision"`
	}
	if err := m.json(&plans, "gatemend", "plan", "--json"); err != nil || len(plans) != 1 {
		m.tb.Fatalf("plan: %v: %d plans", err, len(plans))
	}
	m.sameBytes("the record's decision", in.Decision, policy.Decide(in.Case))
	m.sameBytes("the plan's decision", plans[0].Decision, policy.Decide(plans[0].Case))
	m.sameBytes("what would be done", plans[0].Decision.Action, in.Decision.Action)
	if f := policy.Fingerprint(in.Case); f != plans[0].Fingerprint {
		m.tb.Errorf("fingerprint of the record %s, of the plan %s", f, plans[0].Fingerprint)
	}
}

func (m *shop) sameBytes(what string, got, want any) {
	m.tb.Helper()
	g, err := policy.Canonical(got)
	if err != nil {
		m.tb.Fatal(err)
	}
	w, err := policy.Canonical(want)
	if err != nil {
		m.tb.Fatal(err)
	}
	if !bytes.Equal(g, w) {
		m.tb.Errorf("%s differs:\n%s\n%s", what, g, w)
	}
}

// intents reads the audit log's own lines, by their number.
func (m *shop) intents() map[int64]remediate.Intent {
	m.tb.Helper()
	out := map[int64]remediate.Intent{}
	for _, r := range m.records() {
		if r.Kind != audit.KindIntent {
			continue
		}
		var in remediate.Intent
		if err := json.Unmarshal(r.Data, &in); err != nil {
			m.tb.Fatal(err)
		}
		out[r.Seq] = in
	}
	return out
}

// records are all lines of the audit log.
func (m *shop) records() (l []audit.Record) {
	m.tb.Helper()
	text := m.Sh(m.tb, "cat $(ls /var/lib/gatemend/audit/*.jsonl | sort)")
	lines := bufio.NewScanner(strings.NewReader(text))
	lines.Buffer(nil, 4<<20)
	for lines.Scan() {
		var r audit.Record
		if err := json.Unmarshal(lines.Bytes(), &r); err != nil {
			m.tb.Fatalf("%v: %.200s", err, lines.Text())
		}
		l = append(l, r)
	}
	return l
}

// nothingMoves watches that systemd runs no job but for the helper, which is started for each look, and that the unit
// stays as it is.
func (m *shop) nothingMoves(during time.Duration) {
	m.tb.Helper()
	look := func() string {
		return m.Sh(m.tb, `systemctl show -P ActiveState -P InvocationID -P ExecMainStartTimestamp -P NRestarts shop
systemctl list-jobs --no-legend | grep -v ' gatemend-helper' || true; ls -la /run/shop 2>&1 || true`)
	}
	was := look()
	for end := time.Now().Add(during); time.Now().Before(end); time.Sleep(250 * time.Millisecond) {
		if now := look(); now != was {
			m.tb.Fatalf("something was done:\n%s\n%s", was, now)
		}
	}
}
