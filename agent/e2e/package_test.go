package e2e

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/gatemend/gatemend/agent"
	"github.com/gatemend/gatemend/agent/e2e/machine"
	"github.com/gatemend/gatemend/detect"
)

const packageVersions = "1.0.0 1.1.0"

// debs builds the package twice, as `make deb` does, for an install and an upgrade.
func debs(t *testing.T) []string {
	t.Helper()
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, v := range strings.Fields(packageVersions) {
		build := exec.CommandContext(t.Context(), filepath.Join(root, ".ci/deb/build"), v)
		build.Env = append(os.Environ(), "ARCHS=amd64")
		if text, err := build.CombinedOutput(); err != nil {
			t.Fatalf("cannot build the package: %v\n%s", err, text)
		}
		out = append(out, filepath.Join(root, "dist", "gatemend_"+v+"_amd64.deb"))
	}
	return out
}

// The agent of an older version ran as root, and did everything itself.
const (
	asRoot   = "/etc/systemd/system/gatemend.service.d/root.conf"
	rootUnit = "[Service]\nUser=root\nGroup=root\nSupplementaryGroups=\nCapabilityBoundingSet=~\nSystemCallFilter=\nReadWritePaths=/run -/var/log/nginx -/var/lib/nginx\n"
)

// everything lists all files of the machine that are neither the kernel's nor of a moment.
const everything = `find / -xdev \( -path /proc -o -path /sys -o -path /dev -o -path /tmp -o -path /var/tmp -o -path /var/log -o -path /var/lib/dpkg -o -path /var/cache \
	-o -path /root -o -path /run -o -name __pycache__ -o -path /etc/.pwd.lock -o -path /var/lib/systemd \) -prune -o -printf '%p %m %u %g\n' | sort; ls /run`

// TestPackage: install, an upgrade in the middle of an outage and of a person's hold, remove, purge.
func TestPackage(t *testing.T) {
	t.Parallel()
	packages := debs(t)
	for _, suite := range []machine.Suite{machine.Bookworm, machine.Trixie} {
		t.Run(string(suite), func(t *testing.T) { testPackage(t, suite, packages) })
	}
}

func testPackage(t *testing.T, suite machine.Suite, packages []string) {
	t.Parallel()
	m := &shop{Machine: machine.Start(t, machine.Options{Suite: suite, Deploy: machine.Unix}), tb: t, kind: machine.Unix}
	before := m.Sh(t, everything)
	m.dpkg(packages[0])
	m.write(asRoot, 0o644, rootUnit)
	m.Sh(t, `systemctl daemon-reload; gatemend init --act && chmod 600 /etc/gatemend/gatemend.yaml && systemctl enable --now gatemend`)
	m.Sh(t, `printf '# what a person wrote\n' >>/etc/gatemend/gatemend.yaml; systemctl restart gatemend`)
	m.verified()
	m.Sh(t, `cp -p /srv/shop/app.py /root/app.py; sed -i '1i import nosuchmodule' /srv/shop/app.py; systemctl restart shop || true`)
	i := m.in(agent.Escalated, 60*time.Second)
	m.causeWas(i, detect.AppImportError)
	m.Sh(t, `gatemend pause --site shop --for 1h --reason upgrade`)
	config := m.Sh(t, `sha256sum /etc/gatemend/gatemend.yaml`)

	if user := m.Sh(t, `ps -o user= -C gatemend; stat -c %U /var/lib/gatemend`); user != "root\nroot\n" {
		t.Errorf("before the upgrade it runs, and keeps its state, as %q", user)
	}
	m.Sh(t, `! command -v chattr >/dev/null || chattr +a /var/lib/gatemend/audit/*.jsonl; rm -r `+filepath.Dir(asRoot))
	m.dpkg(packages[1])
	if user := m.Sh(t, `ps -o user= -p $(systemctl show -P MainPID gatemend); stat -c %U /var/lib/gatemend/audit/*.jsonl | sort -u`); user != "gatemend\ngatemend\n" {
		t.Errorf("after the upgrade it runs, and keeps its state, as %q", user)
	}
	if v := m.Sh(t, `gatemend version`); !strings.Contains(v, "1.1.0") {
		t.Errorf("version %q after the upgrade", v)
	}
	m.still(i.ID)
	if now := m.Sh(t, `sha256sum /etc/gatemend/gatemend.yaml`); now != config {
		t.Errorf("the upgrade changed the configuration: %s before, %s after", config, now)
	}
	m.Sh(t, `cp /root/app.py /srv/shop/app.py; gatemend resume --site shop`)
	healed := m.in(agent.Recovered, 90*time.Second)
	if healed.ID != i.ID {
		t.Errorf("incident %s was healed, want %s", healed.ID, i.ID)
	}
	m.answers()
	m.audited()

	m.Sh(t, `dpkg -r gatemend; test -e /etc/gatemend/gatemend.yaml; test -d /var/lib/gatemend/audit; ! pgrep -x gatemend`)
	m.answers()
	m.Sh(t, `dpkg -P gatemend`)
	if after := m.Sh(t, everything); after != before {
		t.Errorf("a purge leaves something, or takes too much:\n%s", differ(before, after))
	}
	if out := m.Sh(t, `systemctl list-units --all --no-legend 'gatemend*'`); strings.TrimSpace(out) != "" {
		t.Errorf("a purge leaves %s", out)
	}
	m.Sh(t, `! getent passwd gatemend; ! getent group gatemend`)
}

func (m *shop) dpkg(deb string) {
	m.tb.Helper()
	if err := m.CopyIn(m.tb.Context(), deb, "/root/gatemend.deb", 0o644); err != nil {
		m.tb.Fatal(err)
	}
	m.Sh(m.tb, `dpkg -i /root/gatemend.deb`)
}

// still waits until the agent knows the incident again, and checks that the hold is on.
func (m *shop) still(id string) {
	m.tb.Helper()
	m.Eventually(m.tb, "the incident and the hold outlive the upgrade", 60*time.Second, func() error {
		var s agent.Snapshot
		if err := m.json(&s, "gatemend", "status", "--json"); err != nil {
			return err
		}
		for _, r := range s.Routes {
			if r.Incident == nil || r.Incident.ID != id || r.State != agent.Escalated {
				return fmt.Errorf("route %s is %s: %+v", r.Route, r.State, r.Incident)
			}
		}
		if len(s.Holds) != 1 {
			return fmt.Errorf("holds %v", s.Holds)
		}
		return nil
	})
}

// differ shows the lines that only one of two listings has.
func differ(a, b string) string {
	in := map[string]int{}
	for l := range strings.Lines(a) {
		in[l]--
	}
	for l := range strings.Lines(b) {
		in[l]++
	}
	var out strings.Builder
	for l, n := range in {
		if n != 0 {
			fmt.Fprintf(&out, "%+d %s", n, l)
		}
	}
	return out.String()
}
