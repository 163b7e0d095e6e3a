package e2e

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gatemend/gatemend/agent"
	"github.com/gatemend/gatemend/agent/e2e/machine"
	"github.com/gatemend/gatemend/detect"
	"github.com/gatemend/gatemend/policy"
)

// aside are targets where nobody listens, in place of each deployment's own.
var aside = map[machine.Kind]string{machine.Unix: "unix:/run/shop/gone.sock", machine.TCP: "127.0.0.1:8009"}

// proxyTo changes where nginx goes, on disk only.
func proxyTo(from, to string) string {
	return "sed -i 's|proxy_pass http://" + from + "|proxy_pass http://" + to + "|' /etc/nginx/sites-available/shop\n"
}

// reloaded has nginx load its configuration, and waits until no worker of before takes requests: `systemctl reload`
// returns before there are new ones, and the old ones take requests for 100 ms beside them.
const reloaded = `old=$(pgrep -f 'nginx: worker process$' | paste -sd '|')
systemctl reload nginx
timeout 20 sh -c "while pgrep -f 'nginx: worker process\$' | grep -qxE '$old'; do sleep 0.05; done"
`

// asked is a request, as a real client's after a change: nothing else tells that a reload went wrong before the
// next public probe.
const asked = "curl -s -m 2 -o /dev/null http://shop.example.com/ || true\n"

// reloadAndAsk comes a moment after the edit: within 50 ms nobody could tell whether the new workers have it.
const reloadAndAsk = "nginx -t -q; sleep 0.3\n" + reloaded + asked

// TestReloadIsForgotten: a person moves nginx to a target where nobody is, and reloads: that is
// theirs to mend. They change it back and forget the reload: that is ours.
func TestReloadIsForgotten(t *testing.T) {
	for _, kind := range []machine.Kind{machine.Unix, machine.TCP} {
		t.Run(string(kind), func(t *testing.T) {
			m := open(t, setup{kind: kind})
			m.Sh(t, proxyTo(targets[kind], aside[kind])+reloadAndAsk)
			i := m.escalated(40*time.Second, detect.UpstreamMismatch)
			m.tells(i, detect.UpstreamMismatch, targets[kind], aside[kind], "/etc/nginx/sites-enabled/shop:8", "changed: nginx-conf /etc/nginx/sites-enabled/shop")
			m.Sh(t, proxyTo(aside[kind], targets[kind]))
			m.healed(60*time.Second, detect.NginxConfigStale, policy.ReloadNginx)
			m.untouched("files of /etc")
		})
	}
}

// TestReloadWouldShipMore: beside what mends the site there is somebody's other edit on disk,
// which a reload would ship too.
func TestReloadWouldShipMore(t *testing.T) {
	m := open(t, setup{})
	m.Sh(t, proxyTo(targets[machine.Unix], aside[machine.Unix])+reloadAndAsk)
	m.escalated(40*time.Second, detect.UpstreamMismatch)
	m.Sh(t, `echo 'server { listen 8080; server_name half.example.com; return 410; }' >/etc/nginx/conf.d/half.conf
`+proxyTo(aside[machine.Unix], targets[machine.Unix]))
	i := m.refused(60*time.Second, detect.NginxConfigStale, policy.StaleUnproven)
	m.did(i)
	m.untouched("files of /etc")
	m.toldAgain(i, detect.NginxConfigStale, "systemctl reload nginx")
	m.Sh(t, "systemctl reload nginx")
	m.did(m.in(agent.Recovered, 40*time.Second))
}

// TestUnitIsStale: the unit was edited and systemd not told; then it falls. A start by the old
// unit would run what nobody wants any more.
func TestUnitIsStale(t *testing.T) {
	for _, kind := range []machine.Kind{machine.Unix, machine.TCP} {
		t.Run(string(kind), func(t *testing.T) {
			m := open(t, setup{kind: kind})
			m.Sh(t, "sed -i 's/--workers 2/--workers 1/' /etc/systemd/system/shop.service; kill -9 "+mainPID)
			m.healed(40*time.Second, detect.UnitStale, policy.DaemonReloadRestart)
			if argv := m.Sh(t, "systemctl show -P ExecStart shop"); !strings.Contains(argv, "--workers 1") {
				t.Errorf("systemd still goes by the old unit: %s", argv)
			}
			m.untouched("files of /etc")
		})
	}
}

// refused waits until the open incident is about that cause and its remedy is refused for good.
func (m *shop) refused(within time.Duration, cause detect.Cause, code policy.Code) agent.Incident {
	m.tb.Helper()
	var last agent.Incident
	m.Eventually(m.tb, fmt.Sprintf("what would mend %s is refused: %s", cause, code), within, func() error {
		var s agent.Snapshot
		if err := m.json(&s, "gatemend", "status", "--json"); err != nil {
			return err
		}
		if s.Routes[0].Incident == nil {
			return fmt.Errorf("there is no open incident")
		}
		last = *s.Routes[0].Incident
		d := last.Decision
		if last.Diagnosis.Primary.Cause != cause || d == nil || d.Do != policy.DoEscalate ||
			!slices.ContainsFunc(d.Refusals, func(r policy.Refusal) bool { return r.Code == code }) {
			return fmt.Errorf("incident %s is %s: %s", last.ID, last.Diagnosis.Primary.Cause, why(last))
		}
		return nil
	})
	return last
}
