package e2e

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/gatemend/gatemend/agent"
)

// impatient makes systemd wait no longer than twelve seconds for a sign of progress: a stage has three to answer, which
// is enough on a busy machine.
const impatient = `mkdir -p /etc/systemd/system/gatemend.service.d
printf '[Service]\nWatchdogSec=12\n' >/etc/systemd/system/gatemend.service.d/watchdog.conf
systemctl daemon-reload`

// stages are what must move, each by the name that the record tells it by.
var stages = []string{
	"the sensor of units",
	"the sensor of /run/shop/shop.sock",
	"the follower of /var/log/nginx/error.log",
	"the watcher of files",
	"the router of triggers",
	"the loop of shop/",
	"the keeper of holds",
	"the control socket",
	"the channel page-me",
}

// TestFrozenIsNamedAndRestarted: a stage that does not move is named in the record and in the journal,
// systemd restarts the agent, and the site that broke meanwhile is healed (promise 14).
func TestFrozenIsNamedAndRestarted(t *testing.T) {
	for _, stage := range stages {
		t.Run(stage, func(t *testing.T) {
			m := open(t, setup{faults: true, prepare: impatient})
			m.arm("freeze", stage)
			m.frozen(stage)
			m.Sh(t, "kill -9 "+mainPID)
			m.Eventually(t, "systemd has restarted the agent for its watchdog", healsWithin, func() error {
				out, err := m.Run(t.Context(), "systemctl", "show", "-P", "NRestarts", "gatemend")
				if err == nil && out != "1\n" {
					err = fmt.Errorf("NRestarts=%s", out)
				}
				return err
			})
			m.restarted(60 * time.Second)
			if out := m.Sh(t, `journalctl -u gatemend -o cat --no-pager`); !strings.Contains(out, `"stage":"`+stage+`"`) || !strings.Contains(out, "watchdog") {
				t.Errorf("the journal does not name %q", stage)
			}
			m.untouched()
		})
	}
}

// frozen waits until the record names the stage that is frozen, and no other.
func (m *shop) frozen(stage string) {
	m.tb.Helper()
	var texts []string
	m.Eventually(m.tb, "the record names "+stage, healsWithin, func() error {
		texts = nil
		for _, r := range m.records() {
			if r.Kind == agent.RecordFault {
				texts = append(texts, string(r.Data))
			}
		}
		if !strings.Contains(strings.Join(texts, "\n"), `"frozen: `+stage+`: `) {
			return fmt.Errorf("faults recorded: %q", texts)
		}
		return nil
	})
	if len(texts) != 1 {
		m.tb.Errorf("named as frozen, besides %s: %q", stage, texts)
	}
}
