package e2e

import (
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/gatemend/gatemend/agent"
	"github.com/gatemend/gatemend/agent/e2e/machine"
)

// shop is a machine with the demo deployment and a running agent that has seen it healthy.
type shop struct {
	*machine.Machine
	tb   testing.TB
	kind machine.Kind
	was  bystanders
}

// setup says what is different from the usual shop.
type setup struct {
	kind    machine.Kind
	suite   machine.Suite
	config  string                   // lines that replace the test's quick settings of the same key
	unit    string                   // a drop-in for shop.service
	prepare string                   // a script, run before the agent starts
	sites   func(shop string) string // edits the sites section
	dry     bool
	idle    bool // do not start the agent
	faults  bool // the agent with fault points: see arm
}

// targets are where nginx and gunicorn meet in each deployment.
var targets = map[machine.Kind]string{
	machine.Unix: "unix:/run/shop/shop.sock", machine.TCP: "127.0.0.1:8000", machine.Activated: "unix:/run/shop.sock",
}

// quick are settings that keep a test short: the defaults' shape with smaller numbers.
var quick = map[string]string{
	"limits":        "{restarts_per_site: 3/1h, restarts_per_site_day: 6, restarts_per_host: 5/1h, reloads_nginx: 2/10m, parallel: 1, gap: 1s}",
	"cooldown":      "{first: 2s, factor: 2, max: 30m}",
	"verify":        "{passes: 3, over: 1s}",
	"quiet":         "{after_change: 2s, nginx: 3s, package_lock_max: 15m}",
	"operator_stop": "{tell: 60s, start_after: 15m}",
	"start_grace":   "3s",
	"notify":        "[{command: [/usr/local/bin/page-me]}]",
}

// graceOver is for tests of clients' errors. Those right after a start are the start's, and a quick machine makes
// a test's errors within the 3 s above: when the shop was verified, over 1 s, its start was longer ago than this.
const graceOver = "start_grace: 1s\n"

// decoy is a second service that looks like ours and is none: nothing may touch it.
const decoy = `[Unit]
Description=Somebody else's gunicorn
[Service]
WorkingDirectory=/srv/shop
Environment=SHOP_GREETING=decoy
ExecStart=/usr/bin/gunicorn --bind 127.0.0.1:9999 app:app
`

// open boots a machine, deploys, and starts the agent; it returns when the shop was verified healthy.
func open(t *testing.T, s setup) *shop {
	t.Helper()
	t.Parallel()
	return boot(t, s)
}

// boot is open for a test that has the host to itself.
func boot(t *testing.T, s setup) *shop {
	t.Helper()
	if s.kind == "" {
		s.kind = machine.Unix
	}
	o := machine.Options{Suite: s.suite, Deploy: s.kind}
	if s.unit != "" {
		o.Files = append(o.Files, machine.File{Path: "/etc/systemd/system/shop.service.d/test.conf", Content: []byte(s.unit)})
	}
	m := &shop{Machine: machine.Start(t, o), tb: t, kind: s.kind}
	m.install(s)
	if s.prepare != "" {
		m.Sh(t, s.prepare)
	}
	m.was = m.bystanders()
	if !s.idle {
		m.Sh(t, "systemctl start gatemend")
		m.verified()
	}
	return m
}

func (m *shop) install(s setup) {
	m.tb.Helper()
	binary := os.Getenv("GATEMEND_BINARY")
	if binary == "" {
		m.tb.Fatal("GATEMEND_BINARY names no binary: run the end-to-end tests by `make e2e`")
	}
	if s.faults {
		binary += withFaults
	}
	m.write("/etc/systemd/system/decoy.service", 0o644, decoy)
	if err := m.InstallAgent(m.tb.Context(), binary, []byte(m.config(s))); err != nil {
		m.tb.Fatal(err)
	}
	// The agent's own user writes where it may: in its state directory.
	m.write("/usr/local/bin/page-me", 0o755, "#!/bin/sh\n(cat; echo) >>/var/lib/gatemend/told\n")
	m.Sh(m.tb, `systemctl start decoy`)
}

func (m *shop) write(path string, mode os.FileMode, content string) {
	m.tb.Helper()
	if err := m.Write(m.tb.Context(), path, mode, []byte(content)); err != nil {
		m.tb.Fatal(err)
	}
}

// config is the configuration of a test: mode act, quick settings, one site.
func (m *shop) config(s setup) string {
	var b strings.Builder
	mode := "act"
	if s.dry {
		mode = "dry-run"
	}
	fmt.Fprintf(&b, "mode: %s\n", mode)
	for key, value := range quick {
		if !strings.Contains("\n"+s.config, "\n"+key+":") {
			fmt.Fprintf(&b, "%s: %s\n", key, value)
		}
	}
	b.WriteString(s.config)
	if s.config != "" && !strings.HasSuffix(s.config, "\n") {
		b.WriteString("\n")
	}
	b.WriteString("sites:\n")
	site := m.site()
	if s.sites != nil {
		site = s.sites(site)
	}
	b.WriteString(site)
	return b.String()
}

func (m *shop) site() string {
	socket := ""
	if m.kind == machine.Activated {
		socket = "\n        socket: shop.socket"
	}
	return fmt.Sprintf(`  shop:
    server: shop.example.com
    routes:
      - path: /
        target: %s
        unit: shop.service%s
        manage: act
    probe: {path: /, every: 5s, timeout: 5s, public: auto}
`, targets[m.kind], socket)
}

// verified waits until the agent that runs now has found the shop well, and has proof of it: the proof may be one of
// an agent before.
func (m *shop) verified() {
	m.tb.Helper()
	m.Eventually(m.tb, "the agent has verified the shop healthy", 60*time.Second, func() error {
		var s agent.Snapshot
		if err := m.json(&s, "gatemend", "status", "--json"); err != nil {
			return err
		}
		for _, r := range s.Routes {
			if r.Baseline == 0 || r.LastOK == 0 || r.State != agent.Idle {
				return fmt.Errorf("route %s%s is %s, baseline %d, last ok %d", r.Site, r.Route, r.State, r.Baseline, r.LastOK)
			}
		}
		if len(s.Routes) == 0 {
			return fmt.Errorf("status shows no route")
		}
		return nil
	})
}

// json runs a verb that prints JSON. Exit codes 3 and 4 are reports, not failures.
func (m *shop) json(v any, argv ...string) error {
	out, err := m.Run(m.tb.Context(), argv...)
	if code := machine.ExitCode(err); err != nil && code != 3 && code != 4 {
		return err
	}
	if e, ok := err.(*machine.CommandError); ok {
		out = e.Stdout
	}
	if err := json.Unmarshal([]byte(out), v); err != nil {
		return fmt.Errorf("%v printed no JSON: %w: %.300s", argv, err, out)
	}
	return nil
}
