package e2e

import (
	"fmt"
	"testing"
	"time"

	"github.com/gatemend/gatemend/agent"
	"github.com/gatemend/gatemend/agent/e2e/machine"
	"github.com/gatemend/gatemend/detect"
	"github.com/gatemend/gatemend/policy"
)

// TestHalfMended: a person's first fix is none. It gets its one start, they hear that it was not
// enough, and the next start, for the next fix, is not before two minutes later.
func TestHalfMended(t *testing.T) {
	m := open(t, setup{})
	m.Sh(t, `cp -p /srv/shop/app.py /root/app.py; sed -i '1i import nosuchmodule' /srv/shop/app.py; systemctl restart shop || true`)
	i := m.escalated(40*time.Second, detect.AppImportError)
	m.tells(i, detect.AppImportError, "nosuchmodule")
	m.Sh(t, "sed -i s/nosuchmodule/othermodule/ /srv/shop/app.py")
	m.Eventually(t, "the first fix was given its start, in vain", 60*time.Second, func() error {
		last := m.in(agent.Escalated, 60*time.Second)
		if len(last.Actions) != 1 {
			return fmt.Errorf("%d actions", len(last.Actions))
		}
		return nil
	})
	m.toldAgain(i, detect.AppImportError, "othermodule", "start-unit")
	m.Sh(t, "cp /root/app.py /srv/shop/app.py")
	i = m.healed(180*time.Second, detect.AppImportError, policy.StartUnit, policy.StartUnit)
	if gap := i.Actions[1].Started.Sub(i.Actions[0].Started).Duration(); gap < 2*time.Minute {
		t.Errorf("two starts within %s", gap)
	}
	m.untouched("files of /srv/shop")
}

// TestFixBehindASocket: systemd starts the service for every connection, so the mended app may
// be up before the change has settled. At most one start is ours.
func TestFixBehindASocket(t *testing.T) {
	m := open(t, setup{kind: machine.Activated})
	m.Sh(t, `cp -p /srv/shop/app.py /root/app.py; sed -i '1i import nosuchmodule' /srv/shop/app.py; systemctl restart shop || true`)
	i := m.escalated(40*time.Second, detect.AppImportError)
	m.tells(i, detect.AppImportError, "nosuchmodule", "/srv/shop/app.py:1")
	m.Sh(t, "cp /root/app.py /srv/shop/app.py")
	i = m.in(agent.Recovered, 60*time.Second)
	if len(i.Actions) > 1 {
		t.Errorf("%d actions for one change", len(i.Actions))
	}
	m.answers()
	m.audited()
	m.untouched("files of /srv/shop")
}

// TestInstalledModuleIsTheFix: nothing of the app changes when a person installs what it lacks.
func TestInstalledModuleIsTheFix(t *testing.T) {
	m := open(t, setup{})
	m.Sh(t, `mv /usr/lib/python3/dist-packages/flask /root/flask; systemctl restart shop || true`)
	i := m.escalated(40*time.Second, detect.AppImportError)
	m.tells(i, detect.AppImportError, "flask", "apt install python3-flask")
	m.Sh(t, `mv /root/flask /usr/lib/python3/dist-packages/flask`)
	m.healed(90*time.Second, detect.AppImportError, policy.StartUnit)
	m.untouched("files of /srv/shop")
}
