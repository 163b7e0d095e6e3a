package e2e

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gatemend/gatemend/agent"
	"github.com/gatemend/gatemend/agent/e2e/machine"
	"github.com/gatemend/gatemend/detect"
	"github.com/gatemend/gatemend/policy"
)

func refusedBy(i agent.Incident, code policy.Code) bool {
	return i.Decision != nil && slices.ContainsFunc(i.Decision.Refusals, func(r policy.Refusal) bool { return r.Code == code })
}

// worker is a queue worker that systemd restarts whenever the shop is restarted.
const worker = `cat >/etc/systemd/system/worker.service <<'EOT'
[Unit]
Requires=shop.service
After=shop.service
[Service]
ExecStart=/bin/sleep infinity
EOT
systemctl daemon-reload; systemctl start worker`

// TestTakesAlong: what a restart would take along must be allowed by name (promise 6).
func TestTakesAlong(t *testing.T) {
	m := open(t, setup{prepare: worker})
	was := m.Sh(t, "systemctl show -P InvocationID worker")
	m.Sh(t, "kill -9 "+mainPID)
	i := m.escalated(healsWithin, detect.GunicornCrashed)
	if !refusedBy(i, policy.TakesAlong) || !strings.Contains(why(i), "worker.service") {
		t.Errorf("refused for another reason: %s", why(i))
	}
	if now := m.Sh(t, "systemctl show -P InvocationID worker"); now != was {
		t.Error("the worker was restarted")
	}
	m.untouched()
}

// TestTakesAlongByName: allowed in `also:`, it is taken along.
func TestTakesAlongByName(t *testing.T) {
	m := open(t, setup{prepare: worker, sites: func(shop string) string {
		return strings.Replace(shop, "manage: act", "manage: act\n        also: [worker.service]", 1)
	}})
	m.Sh(t, "kill -9 "+mainPID)
	i := m.healed(healsWithin, detect.GunicornCrashed, policy.RestartUnit)
	if i.Decision == nil || i.Decision.Action == nil || !slices.Contains(i.Decision.Action.Takes, "worker.service") {
		t.Errorf("the plan does not say what it takes along: %s", why(i))
	}
	m.untouched()
}

// TestStartWouldStopAnother: a maintenance page took the shop's place, as systemd's Conflicts= has it. To start
// the shop would stop the page: neither the agent does that, nor the helper, whoever asks (promise 6).
func TestStartWouldStopAnother(t *testing.T) {
	m := open(t, setup{prepare: `cat >/etc/systemd/system/maintenance.service <<'EOT'
[Unit]
Conflicts=shop.service
[Service]
ExecStart=/bin/sleep infinity
EOT
systemctl daemon-reload`, config: soon})
	m.write("/usr/local/bin/asks", 0o755, asks)
	m.Sh(t, "systemctl start maintenance")
	was := m.Sh(t, "systemctl show -P InvocationID maintenance")
	i := m.escalated(40*time.Second, detect.GunicornStopped)
	if !refusedBy(i, policy.TakesAlong) || !strings.Contains(why(i), "maintenance.service") {
		t.Errorf("refused for another reason: %s", why(i))
	}
	c := captive{m}
	c.refused("act", "maintenance.service would be taken along", "start shop / unit", "restart shop / unit")
	if now := m.Sh(t, "systemctl show -P InvocationID maintenance"); now != was {
		t.Error("the maintenance page was stopped")
	}
	m.untouched()
}

// TestRebootAction: a unit whose failing starts reboot the machine is not started.
func TestRebootAction(t *testing.T) {
	m := open(t, setup{unit: "[Unit]\nStartLimitAction=reboot\n"})
	m.Sh(t, "kill -9 "+mainPID)
	i := m.escalated(healsWithin, detect.GunicornCrashed)
	if !refusedBy(i, policy.RebootAction) {
		t.Errorf("refused for another reason: %s", why(i))
	}
	m.untouched()
}

// TestBadConfigurationStartsNothing: names that are never touched, units that do not exist, and what
// is misspelt are all told at once, with exit code 2, and the agent does not start.
func TestBadConfigurationStartsNothing(t *testing.T) {
	m := open(t, setup{idle: true})
	for name, tt := range map[string]struct{ from, to, says string }{
		"ssh":               {"unit: shop.service", "unit: ssh.service", "never touched"},
		"a database":        {"unit: shop.service", "unit: postgresql@15-main.service", "never touched"},
		"systemd's own":     {"unit: shop.service", "unit: systemd-journald.service", "never touched"},
		"taken along":       {"manage: act", "manage: act\n        also: [docker.service]", "never touched"},
		"no such unit":      {"unit: shop.service", "unit: shpo.service", "shpo.service"},
		"a misspelt key":    {"manage: act", "mange: act", "manage"},
		"not a duration":    {"every: 5s", "every: soon", "soon"},
		"not even a socket": {"target: unix:/run/shop/shop.sock", "target: unix:/etc/passwd", "/etc/passwd"},
	} {
		config := strings.Replace(m.config(setup{}), tt.from, tt.to, 1)
		m.write("/etc/gatemend/gatemend.yaml", 0o600, config)
		for _, verb := range []string{"check", "run"} {
			out, err := m.Shell(t.Context(), "timeout 20 gatemend "+verb+" 2>&1")
			if code := machine.ExitCode(err); code != 2 || !strings.Contains(said(out, err), tt.says) {
				t.Errorf("%s: gatemend %s ended with %d: %s", name, verb, code, said(out, err))
			}
		}
	}
	m.untouched()
}

// said is what a command printed, whatever its exit code.
func said(out string, err error) string {
	if e, ok := err.(*machine.CommandError); ok {
		return e.Stdout
	}
	return out
}
