package command

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// shell is a spec that no Program has: it lets the tests say what a child does.
func shell(script string, limit int) spec {
	return spec{name: "sh", fixed: []string{"-c", script, "sh"}, timeout: 20 * time.Second, limit: limit}
}

func TestRunGivesBothStreamsAndTheStatus(t *testing.T) {
	out, err := shell(`echo out "$1"; echo err >&2; exit 7`, 1024).run(t.Context(), "/bin/sh", []string{"arg"})
	if err != nil {
		t.Fatalf("an exit status is not an error: %v", err)
	}
	if string(out.Stdout) != "out arg\n" || string(out.Stderr) != "err\n" || out.Code != 7 || out.Truncated {
		t.Errorf("got %q %q code %d truncated %v", out.Stdout, out.Stderr, out.Code, out.Truncated)
	}
}

func TestRunInheritsNothing(t *testing.T) {
	t.Setenv("SECRET_KEY", "hunter2")
	out, err := shell(`env; readlink /proc/self/fd/0; pwd`, 4096).run(t.Context(), "/bin/sh", nil)
	if err != nil {
		t.Fatal(err)
	}
	got := string(out.Stdout)
	if strings.Contains(got, "SECRET_KEY") || !strings.Contains(got, "LC_ALL=C\n") || !strings.HasSuffix(got, "/dev/null\n/\n") {
		t.Errorf("environment, stdin and directory of the child:\n%s", got)
	}
}

func TestRunReachesNoTerminal(t *testing.T) {
	out, err := shell(`cut -d' ' -f6 /proc/$$/stat; echo $$`, 100).run(t.Context(), "/bin/sh", nil)
	if session, pid, _ := strings.Cut(strings.TrimSpace(string(out.Stdout)), "\n"); err != nil || session != pid {
		t.Errorf("process %s is in session %s, which may have a terminal (%v)", pid, session, err)
	}
}

func TestRunBoundsOutputWithoutBreakingTheChild(t *testing.T) {
	out, err := shell(`head -c 300000 /dev/zero || exit 9; echo end >&2`, 1000).run(t.Context(), "/bin/sh", nil)
	if err != nil {
		t.Fatal(err)
	}
	if len(out.Stdout) != 1000 || !out.Truncated || out.Code != 0 || string(out.Stderr) != "end\n" {
		t.Errorf("kept %d bytes, truncated %v, code %d, stderr %q", len(out.Stdout), out.Truncated, out.Code, out.Stderr)
	}
}

// A child of the child would survive a kill of the child alone, and hold the pipes open.
func TestRunEndsTheWholeGroupAtTheDeadline(t *testing.T) {
	pidFile := filepath.Join(t.TempDir(), "pid")
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		for readPID(pidFile) == "" && t.Context().Err() == nil {
			time.Sleep(time.Millisecond)
		}
		cancel()
	}()
	_, err := shell(`sleep 300 & echo $! >"$1"; wait`, 1000).run(ctx, "/bin/sh", []string{pidFile})
	if !errors.Is(err, context.Canceled) {
		t.Fatalf("error is %v, want context.Canceled", err)
	}
	waitFor(t, "the grandchild's death", func() bool { return !alive(readPID(pidFile)) })
}

func readPID(path string) string {
	b, _ := os.ReadFile(path)
	return strings.TrimSpace(string(b))
}

// alive tells whether a process runs; a zombie waiting for its parent does not.
func alive(pid string) bool {
	stat, err := os.ReadFile("/proc/" + pid + "/stat")
	return err == nil && !strings.Contains(string(stat), ") Z ")
}

func TestRunTimesOutByItself(t *testing.T) {
	s := shell(`sleep 300`, 1000)
	s.timeout = 20 * time.Millisecond
	if _, err := s.run(t.Context(), "/bin/sh", nil); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("error is %v, want context.DeadlineExceeded", err)
	}
}

func TestRunReportsDeathBySignal(t *testing.T) {
	out, err := shell(`kill -9 $$`, 1000).run(t.Context(), "/bin/sh", nil)
	if err == nil || out.Code != -1 {
		t.Errorf("a killed program gave error %v, code %d", err, out.Code)
	}
}

func TestFindLooksForARegularExecutable(t *testing.T) {
	empty, full := t.TempDir(), t.TempDir()
	if err := os.Mkdir(filepath.Join(empty, "nginx"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(full, "nginx"), nil, 0o755); err != nil {
		t.Fatal(err)
	}
	if got, err := find("nginx", []string{empty, full}); err != nil || got != filepath.Join(full, "nginx") {
		t.Errorf("find = %q, %v", got, err)
	}
	if _, err := find("nginx", []string{empty}); !errors.Is(err, ErrNoProgram) {
		t.Errorf("error is %v, want ErrNoProgram", err)
	}
}

func TestArgumentsThatWouldChangeSomethingAreRefused(t *testing.T) {
	for _, tc := range []struct {
		program Program
		args    []string
	}{
		{0, nil},
		{99, nil},
		{Journal, []string{"--vacuum-size=1"}},
		{Journal, []string{"--rotate"}},
		{Journal, []string{"--follow"}},
		{Journal, []string{"-f"}},
		{Journal, []string{"--root=/x"}},
		{NginxTest, []string{"-s", "reload"}},
		{NginxTest, []string{"-g", "load_module /tmp/x.so;"}},
		{NginxTest, []string{"-c", "relative.conf"}},
		{NginxDump, []string{"-c"}},
		{VerifyUnit, []string{"--recursive-errors=no"}},
		{VerifyUnit, []string{""}},
	} {
		if _, err := Run(t.Context(), tc.program, tc.args...); err == nil || errors.Is(err, ErrNoProgram) {
			t.Errorf("%v %q: error is %v, want a refusal", tc.program, tc.args, err)
		}
	}
}

func TestArgumentsThatReadPass(t *testing.T) {
	for _, tc := range []struct {
		program Program
		args    []string
	}{
		{Journal, []string{"--since=@12.5", "--lines=10", "_SYSTEMD_UNIT=a.service", "+", "UNIT=--rotate", "--boot"}},
		{NginxTest, []string{"-c", "/etc/nginx/other.conf", "-p", "/srv/"}},
		{VerifyUnit, []string{"gunicorn.service", "/etc/systemd/system/x.service"}},
	} {
		if err := programs[tc.program].allows(tc.args); err != nil {
			t.Errorf("%v %q: %v", tc.program, tc.args, err)
		}
	}
}

// Nothing may outlive the agent, also when it is killed: the test binary starts itself as a parent
// that runs a child, kills that parent, and looks for the child.
func TestChildDiesWithItsParent(t *testing.T) {
	if pidFile := os.Getenv("TEST_CHILD_PID_FILE"); pidFile != "" {
		_, err := shell(`echo $$ >"$1"; exec sleep 300`, 100).run(t.Context(), "/bin/sh", []string{pidFile})
		t.Fatalf("the child ended by itself: %v", err)
	}
	pidFile := filepath.Join(t.TempDir(), "pid")
	parent := exec.Command(os.Args[0], "-test.run=^TestChildDiesWithItsParent$")
	parent.Env = append(os.Environ(), "TEST_CHILD_PID_FILE="+pidFile)
	if err := parent.Start(); err != nil {
		t.Fatal(err)
	}
	waitFor(t, "the child's pid", func() bool { return readPID(pidFile) != "" })
	if err := parent.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = parent.Wait()
	waitFor(t, "the child's death", func() bool { return !alive(readPID(pidFile)) })
}

func waitFor(t *testing.T, what string, done func() bool) {
	t.Helper()
	for deadline := time.Now().Add(10 * time.Second); !done(); time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("waited 10 s for %s", what)
		}
	}
}
