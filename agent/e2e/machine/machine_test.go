package machine_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/gatemend/gatemend/agent/e2e/machine"
)

// Each deployment answers at both depths: gunicorn itself, and a stranger's request through nginx.
func TestDeployments(t *testing.T) {
	upstream := map[machine.Kind][2]string{
		machine.Unix:      {"unix", "/run/shop/shop.sock"},
		machine.TCP:       {"tcp", "127.0.0.1:8000"},
		machine.Activated: {"unix", "/run/shop.sock"},
	}
	for _, kind := range machine.Kinds {
		t.Run(string(kind), func(t *testing.T) {
			t.Parallel()
			m := machine.Start(t, machine.Options{Deploy: kind})
			wantStatus(t, m.HTTPClient(), machine.URL, 200)
			wantStatus(t, m.HTTPClient(), machine.URL+"boom", 500)
			wantStatus(t, m.HTTPClient(), "http://unknown.example.com/status/418", 418) // the only site is the default
			direct := m.HTTPClient()
			direct.Transport = &http.Transport{DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
				return m.Dial(ctx, upstream[kind][0], upstream[kind][1])
			}}
			wantStatus(t, direct, machine.URL, 200)
			if out := m.Sh(t, "curl -fsS "+machine.URL); out != "Welcome to the shop\n" {
				t.Errorf("curl in the machine got %q", out)
			}
		})
	}
}

// The case that everything exists for: a killed master is an outage, and a watch measures it.
func TestKilledMasterIsAnOutage(t *testing.T) {
	t.Parallel()
	m := machine.Start(t, machine.Options{Deploy: machine.Unix})
	w := m.Watch(t.Context(), machine.URL, 5*time.Millisecond)
	defer w.Stop()
	before := strings.TrimSpace(m.Sh(t, "systemctl show -P MainPID shop.service"))
	m.Sh(t, "kill -9 "+before)
	m.Eventually(t, "the client is refused", 5*time.Second, func() error {
		if w.Seen().Bad["502"] == 0 {
			return fmt.Errorf("seen %v", w.Seen())
		}
		return nil
	})
	m.Sh(t, "systemctl restart shop.service")
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	o, err := w.Outage(ctx, 300*time.Millisecond)
	if err != nil {
		t.Fatal(err)
	}
	if o.Duration() <= 0 || o.Duration() > 20*time.Second {
		t.Errorf("the outage took %v", o)
	}
	t.Logf("outage: %v", o)
}

// Two machines at once: neither sees the other's processes, files or network.
func TestMachinesAreAlone(t *testing.T) {
	t.Parallel()
	a := machine.Start(t, machine.Options{Deploy: machine.TCP})
	b := machine.Start(t, machine.Options{})
	a.Sh(t, "touch /only-here; sleep 4242 >/dev/null 2>&1 &")
	if out := a.Sh(t, "ls /; ps -eo args"); !strings.Contains(out, "only-here") || !strings.Contains(out, "sleep 4242") {
		t.Fatalf("a machine does not see its own things:\n%s", out)
	}
	if out := b.Sh(t, "ls /; ps -eo args"); strings.Contains(out, "only-here") || strings.Contains(out, "sleep 4242") {
		t.Errorf("one machine sees the other's things:\n%s", out)
	}
	if c, err := b.Dial(t.Context(), "tcp", "127.0.0.1:8000"); err == nil {
		c.Close()
		t.Error("one machine reaches the other's port")
	}
	if _, err := os.Stat("/only-here"); err == nil {
		t.Error("the machine wrote to the host's root")
	}
}

// Commands run where a person's would, and end when their test does.
func TestCommands(t *testing.T) {
	t.Parallel()
	m := machine.Start(t, machine.Options{})
	out, err := m.Shell(t.Context(), "echo out; echo err >&2; exit 3")
	if out != "out\n" || machine.ExitCode(err) != 3 || !strings.Contains(err.Error(), "err") {
		t.Errorf("got %q, %v", out, err)
	}
	if out := m.Sh(t, "grep ^0:: /proc/self/cgroup"); out != "0::/user.slice/user-0.slice/session-e2e.scope\n" {
		t.Errorf("a command runs in control group %q", out)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	if _, err := m.Shell(ctx, "sleep 987; true"); !errors.Is(err, context.DeadlineExceeded) && machine.ExitCode(err) != -1 {
		t.Errorf("a cancelled command returned %v", err)
	}
	m.Eventually(t, "the cancelled command's children are gone", 3*time.Second, func() error {
		if out := m.Sh(t, "ps -eo args"); strings.Contains(out, "sleep 987") {
			return errors.New(out)
		}
		return nil
	})
}

func TestFiles(t *testing.T) {
	t.Parallel()
	m := machine.Start(t, machine.Options{Files: []machine.File{{Path: "/etc/a b/c", Content: []byte("early")}}})
	ctx := t.Context()
	if got, err := m.Read(ctx, "/etc/a b/c"); string(got) != "early" || err != nil {
		t.Errorf("read %q, %v", got, err)
	}
	host := filepath.Join(t.TempDir(), "bin")
	if err := os.WriteFile(host, []byte("#!/bin/sh\necho ran\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := m.CopyIn(ctx, host, "/usr/local/bin/tool", 0o755); err != nil {
		t.Fatal(err)
	}
	if out := m.Sh(t, "tool; stat -c %a:%u /usr/local/bin/tool"); out != "ran\n755:0\n" {
		t.Errorf("the copied program: %q", out)
	}
	if err := m.Write(ctx, "/empty", 0, nil); err != nil {
		t.Error(err)
	}
	if _, err := m.Read(ctx, "/none"); machine.ExitCode(err) != 1 {
		t.Errorf("reading what is not there: %v", err)
	}
}

// A reboot keeps the disk and starts what is enabled, as promise 15 (after boot) needs.
func TestReboot(t *testing.T) {
	t.Parallel()
	m := machine.Start(t, machine.Options{Deploy: machine.Unix})
	m.Sh(t, "touch /var/kept /run/lost")
	if err := m.Reboot(t.Context()); err != nil {
		t.Fatal(err)
	}
	m.Sh(t, "test -e /var/kept; test ! -e /run/lost")
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	if err := m.Serves(ctx, machine.URL); err != nil {
		t.Error(err)
	}
}

// A disk of the wanted size fills up, and the host's does not.
func TestDiskSize(t *testing.T) {
	t.Parallel()
	m := machine.Start(t, machine.Options{Disk: "32m"})
	_, err := m.Shell(t.Context(), "head -c 40M /dev/zero >/var/fill")
	if err == nil || !strings.Contains(err.Error(), "No space left") {
		t.Errorf("filling the disk: %v", err)
	}
}

// versions are what tests that run on each release may rely on: those of systemd, nginx, gunicorn and Python.
var versions = map[machine.Suite][]string{
	machine.Bookworm: {"252.", "1.22.", "20.1.", "3.11."},
	machine.Trixie:   {"257.", "1.26.", "23.0.", "3.13."},
}

// TestSuites: each release boots, serves the shop, and has the versions that its tests speak of.
func TestSuites(t *testing.T) {
	for _, suite := range machine.Suites {
		t.Run(string(suite), func(t *testing.T) {
			t.Parallel()
			m := machine.Start(t, machine.Options{Suite: suite, Deploy: machine.Unix})
			got := strings.Fields(m.Sh(t, "for p in systemd nginx-light gunicorn python3; do dpkg-query -W -f '${Version}\\n' $p; done"))
			for i, want := range versions[suite] {
				if len(got) <= i || !strings.HasPrefix(got[i], want) {
					t.Errorf("versions %q, want %q", got, versions[suite])
				}
			}
		})
	}
}

func wantStatus(t *testing.T, c *http.Client, url string, want int) {
	t.Helper()
	resp, err := c.Get(url)
	if err != nil {
		t.Error(err)
		return
	}
	resp.Body.Close()
	if resp.StatusCode != want {
		t.Errorf("%s answered %d, want %d", url, resp.StatusCode, want)
	}
}
