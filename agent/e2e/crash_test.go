package e2e

import (
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"github.com/gatemend/gatemend/agent"
	"github.com/gatemend/gatemend/agent/audit"
	"github.com/gatemend/gatemend/detect"
	"github.com/gatemend/gatemend/policy"
)

// slowly makes a start take three seconds, so that something can happen while the agent acts.
const slowly = "[Service]\nExecStartPre=/bin/sleep 3\n"

// begun waits until systemd carries the restart out: an agent that dies before has done nothing yet, and the
// next one may (see TestKilledAt).
const begun = `timeout 20 sh -c 'until [ "$(systemctl show -P SubState shop.service)" = start-pre ]; do sleep 0.1; done'
`

// TestKilledWhileActing: the agent dies between an effect and its result. The next one finds an action
// whose outcome is unknown, looks, and does not do it again blindly (promise 2).
func TestKilledWhileActing(t *testing.T) {
	m := open(t, setup{unit: slowly, config: patient})
	m.Sh(t, `kill -9 `+mainPID+`
timeout 20 sh -c 'until grep -q "\"kind\":\"intent\"" /var/lib/gatemend/audit/*; do sleep 0.1; done'
`+begun+`systemctl kill -s KILL gatemend`)
	m.Eventually(t, "the next agent has resolved the open intent", 60*time.Second, func() error {
		s, err := m.status()
		if err != nil {
			return err
		}
		if l := m.judged(); len(l) != 1 || s.Routes[0].State != agent.Idle {
			return fmt.Errorf("%s, judgements %+v", s.Routes[0].State, l)
		}
		return nil
	})
	if l := m.judged(); l[0].Outcome != policy.Recovered && l[0].Outcome != policy.Inconclusive {
		t.Errorf("outcome %+v", l[0])
	}
	if n := len(m.intents()); n != 1 {
		t.Errorf("%d intents: it was done again", n)
	}
	m.answers()
	m.audited()
	m.untouched()
}

// judged are the outcomes that the record tells of intents.
func (m *shop) judged() (l []agent.Judgement) {
	m.tb.Helper()
	for _, r := range m.records() {
		if r.Kind != audit.KindOutcome {
			continue
		}
		var j agent.Judgement
		if err := json.Unmarshal(r.Data, &j); err != nil {
			m.tb.Fatal(err)
		}
		l = append(l, j)
	}
	return l
}

// state puts the agent's state on a file system of its own, which a test fills or makes read-only.
const state = `mkdir -p /var/lib/gatemend; chmod 700 /var/lib/gatemend; mount -t tmpfs -o size=12m,mode=700 state /var/lib/gatemend`

// disks are what the audit log's disk does to it. An outage is healed all the same: the intent is in the
// reserve, or in journald; and the record is whole again once the disk is back.
var disks = []struct{ name, breaks, then, mends string }{
	{"full", `dd if=/dev/zero of=/var/lib/gatemend/fill bs=64k 2>/dev/null || true; echo x >/var/lib/gatemend/x 2>/dev/null && exit 1 || true`, `:`, `rm -f /var/lib/gatemend/fill /var/lib/gatemend/x`},
	{"read-only", readOnly, `:`, readWrite},
	{"read-only, and the agent ends", readOnly, `systemctl restart gatemend`, readWrite},
}

// readOnly begins with the agent stopped: a file system with a file that is open for writing stays writable.
// The agent has a mount of it of its own, as read-only as the one that it was made from.
const (
	readOnly  = `systemctl stop gatemend; mount -o remount,ro /var/lib/gatemend; systemctl start gatemend`
	readWrite = `mount -o remount,rw /var/lib/gatemend; nsenter -t $(systemctl show -P MainPID gatemend) -m mount -o remount,rw /var/lib/gatemend`
)

func TestAuditDisk(t *testing.T) {
	for _, tt := range disks {
		t.Run(tt.name, func(t *testing.T) {
			m := open(t, setup{prepare: state})
			m.Sh(t, tt.breaks)
			m.verified()
			m.Sh(t, "kill -9 "+mainPID)
			m.answersAgain(healsWithin)
			m.looked()
			m.Sh(t, tt.then)
			m.verified()
			m.Sh(t, tt.mends)
			m.looked()
			m.healed(healsWithin, detect.GunicornCrashed, policy.RestartUnit)
			if n := len(m.intents()); n != 1 {
				t.Errorf("%d intents in the record, want the one that was acted on", n)
			}
			m.untouched()
		})
	}
}

// TestNoRecordNoAction: where neither the disk nor journald takes the intent, nothing is done.
func TestNoRecordNoAction(t *testing.T) {
	m := open(t, setup{prepare: state})
	m.Sh(t, readOnly)
	m.verified()
	m.Sh(t, `systemctl stop systemd-journald.socket systemd-journald-dev-log.socket systemd-journald-audit.socket systemd-journald.service 2>/dev/null || true
rm -f /run/systemd/journal/socket
kill -9 `+mainPID)
	m.Eventually(t, "the agent says why it does nothing", 30*time.Second, func() error {
		s, err := m.status()
		if err == nil && s.Routes[0].State != agent.Escalated {
			err = fmt.Errorf("%s: %+v", s.Routes[0].State, s.Routes[0].Incident)
		}
		return err
	})
	if active := m.Sh(t, "systemctl show -P ActiveState shop"); active != "failed\n" {
		t.Errorf("the unit is %q although no intent could be recorded", active)
	}
}
