package e2e

import (
	"fmt"
	"testing"
	"time"

	"github.com/gatemend/gatemend/agent"
	"github.com/gatemend/gatemend/detect"
	"github.com/gatemend/gatemend/policy"
)

// killed kills the master and waits until the nth incident is in a state.
func (m *shop) killed(n int, state agent.State) agent.Incident {
	m.tb.Helper()
	m.Sh(m.tb, "kill -9 "+mainPID)
	var last agent.Incident
	m.Eventually(m.tb, fmt.Sprintf("incident %d is %s", n, state), healsWithin, func() error {
		l, err := m.incidents()
		if err == nil && (len(l) != n || l[n-1].State != state) {
			err = errIncidents(l)
		}
		if err == nil {
			last = l[n-1]
		}
		return err
	})
	return last
}

// TestBudget: a recovery that does not last failed after all and is paid for; the fourth kill within
// the window is a person's, also after the agent's own restart. What is written outlives it (promise 5).
func TestBudget(t *testing.T) {
	m := open(t, setup{unit: "[Unit]\nStartLimitIntervalSec=0\n"})
	for n := 1; n <= 3; n++ {
		m.did(m.killed(n, agent.Recovered), policy.RestartUnit)
	}
	m.killed(4, agent.Escalated)
	i := m.refusedFor(policy.BudgetSite, 5*time.Second)
	m.tells(i, "gunicorn-crashed")
	m.Sh(t, "systemctl restart gatemend")
	m.Eventually(t, "the restarted agent refuses for the same reason", 30*time.Second, func() error {
		s, err := m.status()
		if err != nil {
			return err
		}
		if r := s.Routes[0]; r.State != agent.Escalated || r.Incident == nil || !refusedBy(*r.Incident, policy.BudgetSite) {
			return fmt.Errorf("%s: %+v", r.State, r.Incident)
		}
		return nil
	})
	if active := m.Sh(t, "systemctl show -P ActiveState shop"); active != "failed\n" {
		t.Errorf("the unit is %q: somebody started it", active)
	}
	m.audited()
	m.untouched()
}

// TestStartLimitIsLeftAlone: a start that systemd would refuse is not asked for. Beyond the limit it
// refuses a person's starts too.
func TestStartLimitIsLeftAlone(t *testing.T) {
	m := open(t, setup{unit: "[Unit]\nStartLimitIntervalSec=600\nStartLimitBurst=3\n"})
	m.did(m.killed(1, agent.Recovered), policy.RestartUnit)
	m.did(m.killed(2, agent.Recovered), policy.RestartUnit)
	i := m.killed(3, agent.Escalated)
	m.did(i)
	if !refusedBy(i, policy.SystemdStartLimit) {
		t.Errorf("refused for another reason: %s", why(i))
	}
	m.causeWas(i, detect.GunicornCrashed)
	if out := m.Sh(t, `journalctl -u shop --no-pager | grep -c "repeated too quickly" || true`); out != "0\n" {
		t.Errorf("systemd refused %s starts", out)
	}
	m.untouched()
}
