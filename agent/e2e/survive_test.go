package e2e

import (
	"strings"
	"testing"
	"time"

	"github.com/gatemend/gatemend/agent"
	"github.com/gatemend/gatemend/agent/e2e/machine"
	"github.com/gatemend/gatemend/detect"
	"github.com/gatemend/gatemend/policy"
)

// losses are what the agent's senses stand on, taken away.
var losses = []struct {
	name    string
	prepare string
	script  string
}{
	{name: "D-Bus restarted", script: `systemctl restart dbus || true; timeout 20 sh -c 'until busctl --system list >/dev/null 2>&1; do sleep 0.1; done'`},
	{name: "journald restarted", script: `systemctl restart systemd-journald; timeout 20 sh -c 'until systemctl is-active -q systemd-journald; do sleep 0.1; done'`},
	{name: "no inotify watch left", prepare: refusedCalls("inotify_add_watch:ENOSPC")},
	{name: "no inotify instance left", prepare: refusedCalls("inotify_init1:EMFILE")},
	{name: "systemd reexecuted", script: `systemctl daemon-reexec`},
}

// refusedCalls has the kernel refuse a system call to the agent, as it does at a limit of the machine's.
func refusedCalls(call string) string {
	return `mkdir -p /etc/systemd/system/gatemend.service.d
printf '[Service]\nSystemCallFilter=\nSystemCallFilter=~` + call + `\n' >/etc/systemd/system/gatemend.service.d/limit.conf
systemctl daemon-reload`
}

// TestSensorsLost: a lost source is survived, makes no incident of a healthy site, and the next
// outage is healed all the same.
func TestSensorsLost(t *testing.T) {
	for _, tt := range losses {
		t.Run(tt.name, func(t *testing.T) {
			m := open(t, setup{kind: machine.Unix, prepare: tt.prepare})
			m.Sh(t, tt.script+"\n:")
			m.looked()
			if l, _ := m.incidents(); len(l) > 0 {
				t.Errorf("an incident of a healthy site: %+v", l[0])
			}
			m.Sh(t, "kill -TERM "+mainPID)
			m.healed(healsWithin, detect.GunicornStopped, policy.StartUnit)
			if tt.prepare != "" {
				m.saysItIsBlind()
			}
		})
	}
}

// saysItIsBlind: what does not work is shown by status, not only logged.
func (m *shop) saysItIsBlind() {
	m.tb.Helper()
	s, err := m.status()
	if err != nil {
		m.tb.Fatal(err)
	}
	for _, v := range s.Sensors {
		if v.Losses > 0 && strings.Contains(v.Why, "inotify") {
			return
		}
	}
	m.tb.Errorf("status does not say that inotify cannot be used: %+v", s.Sensors)
}

// TestAgentRestarted: the agent's own restarts, and what it does itself, are no reason for an
// incident; one outage is one incident (promise 12).
func TestAgentRestarted(t *testing.T) {
	m := open(t, setup{})
	for range 3 {
		m.Sh(t, "systemctl restart gatemend")
		m.verified()
	}
	m.quiet()
	m.Sh(t, "kill -9 "+mainPID)
	m.healed(healsWithin, detect.GunicornCrashed, policy.RestartUnit)
	m.looked()
	m.Sh(t, "chmod 0600 /run/shop/shop.sock")
	m.Eventually(t, "the second outage is healed", 30*time.Second, func() error {
		l, err := m.incidents()
		if err == nil && (len(l) != 2 || l[1].State != agent.Recovered) {
			err = errIncidents(l)
		}
		return err
	})
	m.looked()
	if l, _ := m.incidents(); len(l) != 2 {
		t.Error("two outages and these incidents: ", errIncidents(l))
	}
	m.untouched()
}
