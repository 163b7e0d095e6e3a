package e2e

import (
	"testing"
	"time"

	"github.com/gatemend/gatemend/agent"
	"github.com/gatemend/gatemend/detect"
	"github.com/gatemend/gatemend/policy"
)

// meanwhile is what becomes of the things that the agent stands on, in the middle of its own action.
var meanwhile = []struct{ name, script string }{
	{"D-Bus restarted", "systemctl restart dbus || true"},
	{"journald restarted", "systemctl restart systemd-journald"},
	{"systemd reexecuted", "systemctl daemon-reexec"},
	{"nginx restarted", "systemctl restart nginx"},
	{"gunicorn restarted by a person", "systemctl restart shop.service"},
}

// patient gives a start more time than it needs on a busy machine: else a first answer after 3 s is a failed restart,
// or a deploy an outage.
const patient = "start_grace: 30s\n"

// TestRestartedWhileActing: an answer that never comes, or another's job in place of ours, is no reason to
// do it again: the agent looks, and the verifier tells (promise 2).
func TestRestartedWhileActing(t *testing.T) {
	for _, tt := range meanwhile {
		t.Run(tt.name, func(t *testing.T) {
			m := open(t, setup{unit: slowly, config: patient})
			pid := m.agentPID()
			m.Sh(t, "kill -9 "+mainPID+"\n"+begun+tt.script)
			m.onceHealed(pid)
		})
	}
}

// onceHealed waits until the one outage is over, after exactly one action, by an agent that lives on.
func (m *shop) onceHealed(pid string) {
	m.tb.Helper()
	i := m.in(agent.Recovered, 90*time.Second)
	m.causeWas(i, detect.GunicornCrashed)
	m.looked()
	if l, _ := m.incidents(); len(l) != 1 {
		m.tb.Error("one outage and these incidents: ", errIncidents(l))
	}
	if l := m.judged(); len(m.intents()) != 1 || len(l) != 1 || l[0].Outcome != policy.Recovered {
		m.tb.Errorf("%d intents, want the one, and the verifier's word on it: %+v", len(m.intents()), l)
	}
	for _, r := range m.records() {
		if r.Kind == agent.RecordFault {
			m.tb.Errorf("recorded as a fault: %s", r.Data)
		}
	}
	if now := m.agentPID(); now != pid {
		m.tb.Errorf("the agent is process %s, was %s", now, pid)
	}
	m.answers()
	m.audited()
}

func (m *shop) agentPID() string {
	m.tb.Helper()
	return m.Sh(m.tb, "systemctl show -P MainPID gatemend")
}

// TestMachineStoodStill: a machine that is paused as a whole, in the middle of an action, goes on as if
// nothing had been: nothing is taken for frozen, nothing is done twice. It is longer than what a stage
// may be late by, and shorter than the watchdog's time.
func TestMachineStoodStill(t *testing.T) {
	m := open(t, setup{unit: slowly, config: patient})
	pid := m.agentPID()
	m.Sh(t, "kill -9 "+mainPID+"\n"+begun)
	if err := m.Freeze(t.Context(), 45*time.Second); err != nil {
		t.Fatal(err)
	}
	m.onceHealed(pid)
}
