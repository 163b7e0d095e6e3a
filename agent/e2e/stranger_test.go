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

// TestPathIsStolen: a second gunicorn takes the unit's path, and answers: nothing fails, and a
// person is told who it is. When it ends it takes the path with it: that is ours to mend. The directory
// is open to the agent's user: in a closed one no event tells of it (README, limits).
func TestPathIsStolen(t *testing.T) {
	m := open(t, setup{unit: "[Service]\nRuntimeDirectoryMode=0755\n"})
	m.Sh(t, thief(""))
	i := m.in(agent.Degraded, healsWithin)
	m.causeWas(i, detect.PortInUse)
	m.did(i)
	pid := strings.TrimSpace(m.Sh(t, "systemctl show -P MainPID thief"))
	m.tells(i, detect.PortInUse, "answered by another program", "PID "+pid, "thief.service", "/run/shop/shop.sock")
	m.untouched()
	m.Sh(t, "systemctl stop thief")
	m.healed(40*time.Second, detect.SocketMissing, policy.RestartUnit)
	m.untouched()
}

// TestDevelopmentServer: somebody stops the unit and runs Flask's own server in its place. The
// site answers, so nothing is done; it is named as what it is.
func TestDevelopmentServer(t *testing.T) {
	m := open(t, setup{kind: machine.TCP})
	m.Sh(t, `systemctl stop shop
systemd-run -q --unit=devserver -p WorkingDirectory=/srv/shop -E SHOP_GREETING=dev -E FLASK_APP=app python3 -m flask run --port 8000
timeout 20 sh -c 'until curl -sf -o /dev/null http://127.0.0.1:8000/; do sleep 0.1; done'`)
	i := m.in(agent.Degraded, 60*time.Second)
	m.causeWas(i, detect.PortInUse)
	m.did(i)
	pid := strings.TrimSpace(m.Sh(t, "systemctl show -P MainPID devserver"))
	m.tells(i, detect.PortInUse, "PID "+pid, "development server")
	m.untouched()
}

// TestDiagnoseNamesFlaskRun: a forgotten `flask run` on 5000 is not what nginx goes to, but it is
// what a person looking at "it runs here" sees.
func TestDiagnoseNamesFlaskRun(t *testing.T) {
	m := open(t, setup{idle: true})
	m.Sh(t, `systemd-run -q --unit=devserver -p WorkingDirectory=/srv/shop -E SHOP_GREETING=dev -E FLASK_APP=app python3 -m flask run
timeout 20 sh -c 'until curl -sf -o /dev/null http://127.0.0.1:5000/; do sleep 0.1; done'`)
	pid := strings.TrimSpace(m.Sh(t, "systemctl show -P MainPID devserver"))
	out, _ := m.Run(t.Context(), "gatemend", "diagnose", "shop")
	for _, want := range []string{pid, "flask run", "development server", "5000"} {
		if !strings.Contains(out, want) {
			t.Errorf("diagnose does not name %q: %s", want, out)
		}
	}
}

// TestDegraded: workers die in the middle of clients' requests, and nginx answers 502 for them;
// every probe is answered. A person is told, and nothing is done.
func TestDegraded(t *testing.T) {
	for _, kind := range []machine.Kind{machine.Unix, machine.TCP} {
		t.Run(string(kind), func(t *testing.T) {
			m := open(t, setup{kind: kind, config: graceOver})
			m.Sh(t, `for i in 1 2 3 4 5 6 7; do
	[ "$(curl -s -o /dev/null -w '%{http_code}' http://shop.example.com/exit)" = 502 ]
	timeout 20 sh -c 'until curl -sf -o /dev/null http://shop.example.com/healthz; do sleep 0.1; done'
done`)
			i := m.in(agent.Degraded, healsWithin)
			m.did(i)
			m.tells(i, i.Diagnosis.Primary.Cause, "5xx for some clients")
			m.untouched()
		})
	}
}
