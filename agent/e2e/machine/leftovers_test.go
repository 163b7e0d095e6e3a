package machine_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/gatemend/gatemend/agent/e2e/machine"
)

// abandonEnv makes this test binary boot a machine, say so, and wait to be killed.
const abandonEnv = "GATEMEND_E2E_ABANDON"

func TestMain(m *testing.M) {
	if os.Getenv(abandonEnv) != "" {
		abandon()
	}
	os.Exit(m.Run())
}

func abandon() {
	m, err := machine.Boot(context.Background(), machine.Options{Deploy: machine.Unix})
	if err != nil {
		fmt.Println("error:", err)
		os.Exit(1)
	}
	fmt.Println(m.Name(), m.PID())
	select {}
}

func TestStopLeavesNothing(t *testing.T) {
	t.Parallel()
	m := machine.Start(t, machine.Options{Deploy: machine.Unix})
	for range 2 { // twice, as a clean-up and a test may both call it
		if err := m.Stop(); err != nil {
			t.Fatal(err)
		}
	}
	if err := gone(m.Name(), m.PID()); err != nil {
		t.Error(err)
	}
	if left := traces(m.Name()); len(left) > 0 {
		t.Errorf("left behind: %q", left)
	}
}

// A test that is killed cannot clean up. The kernel ends its machine, and the next boot removes the rest.
func TestKilledTestLeavesNothing(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("boots a machine: not with -short")
	}
	name, pid := abandonedMachine(t)
	within(t, 10*time.Second, func() error { return gone(name, pid) })
	next := machine.Start(t, machine.Options{})
	if left := traces(name); len(left) > 0 {
		t.Errorf("left behind after the next boot (%s): %q", next.Name(), left)
	}
}

// abandonedMachine is a machine whose owner has been killed.
func abandonedMachine(t *testing.T) (name string, pid int) {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), abandonEnv+"=1")
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	line, _ := bufio.NewReader(out).ReadString('\n')
	if _, err := fmt.Sscan(line, &name, &pid); err != nil {
		t.Fatalf("the helper said %q: %v", line, err)
	}
	if err := syscall.Kill(pid, 0); err != nil {
		t.Fatalf("PID 1 of the machine (%d) does not run: %v", pid, err)
	}
	_ = cmd.Process.Kill()
	_ = cmd.Wait()
	return name, pid
}

// gone says whether processes or mounts of the machine are left.
func gone(name string, pid int) error {
	if err := syscall.Kill(pid, 0); !errors.Is(err, syscall.ESRCH) {
		return fmt.Errorf("PID 1 of the machine (%d) still runs", pid)
	}
	tables, _ := filepath.Glob("/proc/[0-9]*/mountinfo")
	for _, table := range tables {
		text, _ := os.ReadFile(table)
		if strings.Contains(string(text), name) {
			return fmt.Errorf("%s still has the machine's mounts", table)
		}
	}
	return nil
}

// traces are the files and control groups that carry the machine's name.
func traces(name string) []string {
	var found []string
	for _, pattern := range []string{"/run/gatemend-e2e/", "/sys/fs/cgroup/", "/sys/fs/cgroup/*/", "/run/systemd/nspawn/*/"} {
		paths, _ := filepath.Glob(pattern + name + "*")
		found = append(found, paths...)
	}
	return found
}

func within(t *testing.T, limit time.Duration, ask func() error) {
	t.Helper()
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	deadline := time.After(limit)
	for {
		err := ask()
		if err == nil {
			return
		}
		select {
		case <-deadline:
			t.Fatalf("after %s: %v", limit, err)
		case <-tick.C:
		}
	}
}

// What is kept of a failed test is there to be read.
func TestSaveLogs(t *testing.T) {
	t.Parallel()
	m := machine.Start(t, machine.Options{Deploy: machine.TCP})
	m.Sh(t, "mkdir -p /var/lib/gatemend; echo '{}' >/var/lib/gatemend/audit.jsonl; curl -s "+machine.URL+"boom -A "+strconv.Quote("me"))
	dir := t.TempDir()
	if err := m.SaveLogs(t.Context(), dir); err != nil {
		t.Fatal(err)
	}
	for file, want := range map[string]string{
		"journal.txt":      "RuntimeError: boom, as asked",
		"nginx-access.log": `"GET /boom HTTP/1.1" 500`,
		"nginx.conf":       "proxy_pass http://127.0.0.1:8000;",
		"processes.txt":    "gunicorn",
		"gatemend.tar":     "var/lib/gatemend/audit.jsonl",
	} {
		if text, err := os.ReadFile(filepath.Join(dir, m.Name(), file)); !strings.Contains(string(text), want) {
			t.Errorf("%s has no %q (%v)", file, want, err)
		}
	}
}
