package examples_test

import (
	_ "embed"
	"io/fs"
	"strings"
	"testing"
	"time"

	"github.com/gatemend/gatemend/agent/e2e/machine"
	"github.com/gatemend/gatemend/examples"
)

//go:embed testdata/rights.py
var rights string

// The unit's confinement lets through what the agent has to do, and stops what it must not: a stand-in
// for the agent tries each, under the very unit that is shipped.
func TestAgentUnit(t *testing.T) {
	t.Parallel()
	unit, err := fs.ReadFile(examples.FS, "gatemend.service")
	if err != nil {
		t.Fatal(err)
	}
	m := machine.Start(t, machine.Options{Deploy: machine.Unix, Files: []machine.File{
		{Path: "/etc/systemd/system/gatemend.service", Content: unit},
		{Path: "/usr/bin/gatemend", Mode: 0o755, Content: []byte(rights)},
	}})
	m.Sh(t, "systemd-analyze verify gatemend.service")
	m.Sh(t, "systemctl daemon-reload; systemctl start gatemend.service") // Type=notify: returns once it said READY
	m.Eventually(t, "the stand-in has tried everything", 60*time.Second, func() error {
		_, err := m.Read(t.Context(), "/var/lib/gatemend/done")
		return err
	})
	out := m.Sh(t, "cat /var/lib/gatemend/done; stat -c '%a %n' /var/lib/gatemend /run/gatemend")
	for line := range strings.Lines(out) {
		if strings.HasPrefix(line, "FAIL") {
			t.Error(strings.TrimSpace(line))
		}
	}
	if !strings.Contains(out, "700 /var/lib/gatemend\n750 /run/gatemend\n") || !strings.Contains(out, "ok restart") {
		t.Errorf("got:\n%s", out)
	}
	if state := m.Sh(t, "systemctl is-active gatemend.service shop.service nginx.service"); state != "active\nactive\nactive\n" {
		t.Errorf("afterwards: %q", state)
	}
}
