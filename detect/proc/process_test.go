package proc

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"syscall"
	"testing"
	"time"

	"github.com/gatemend/gatemend/detect"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// run starts a real process that sleeps under any command line.
func run(t *testing.T, attr *syscall.SysProcAttr, argv ...string) int {
	t.Helper()
	if len(argv) == 0 {
		argv = []string{"sleep"}
	}
	cmd := &exec.Cmd{Path: "/bin/sleep", Args: append(argv, "300"), SysProcAttr: attr}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Process.Kill(); _ = cmd.Wait() })
	// Start returns while the kernel still fills in the new program's command line.
	eventually(t, "a command line", func() bool { p, _ := Read(cmd.Process.Pid); return len(p.Args) > 0 })
	return cmd.Process.Pid
}

// eventually waits for a condition of the kernel's, never for a time.
func eventually(t *testing.T, what string, held func() bool) {
	t.Helper()
	for end := time.Now().Add(10 * time.Second); time.Now().Before(end); time.Sleep(time.Millisecond) {
		if held() {
			return
		}
	}
	t.Fatalf("never: %s", what)
}

func needRoot(t *testing.T) {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip("needs root")
	}
}

func TestReadOneProcess(t *testing.T) {
	before := time.Now()
	pid := run(t, nil)
	p, err := Read(pid)
	if err != nil {
		t.Fatal(err)
	}
	if p.PID != pid || p.PPID != os.Getpid() || p.Comm != "sleep" || !slices.Equal(p.Args, []string{"sleep", "300"}) || p.UID != os.Geteuid() {
		t.Errorf("got %+v", p)
	}
	if d := p.Start.Time().Sub(before); d < -100*time.Millisecond || d > 2*time.Second {
		t.Errorf("started %v after it was started", d)
	}
	again, _ := Read(pid)
	if again.Start != p.Start {
		t.Errorf("start moved from %d to %d", p.Start, again.Start)
	}
}

func TestRightsOfAnotherUser(t *testing.T) {
	needRoot(t)
	pid := run(t, &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: 65534, Gid: 65533, Groups: []uint32{4, 33}}})
	c, err := Rights(pid)
	if err != nil || c.UID != 65534 || c.GID != 65533 || !slices.Equal(c.Groups, []int{4, 33}) {
		t.Errorf("got %+v, %v", c, err)
	}
}

func TestGoneProcess(t *testing.T) {
	for _, read := range []func() error{
		func() error { _, err := Read(1 << 30); return err },
		func() error { _, err := Rights(1 << 30); return err },
	} {
		if err := read(); !errors.Is(err, ErrGone) {
			t.Errorf("got %v", err)
		}
	}
}

func TestHostileCommandLine(t *testing.T) {
	cmd := &exec.Cmd{Path: "/bin/sh", Args: []string{"a\x1b[2J\nnginx: master process", "-c", "read x; exit", "password=hunter2"}}
	stdin, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() { stdin.Close(); _ = cmd.Wait() }()
	var p detect.Process
	eventually(t, "a command line", func() bool { p, err = Read(cmd.Process.Pid); return err == nil && len(p.Args) == 4 })
	if p.Args[0] != `a\x1b[2J\x0anginx: master process` || p.Args[3] != "password=[hidden]" {
		t.Errorf("args %q", p.Args)
	}
}

func TestSecondLook(t *testing.T) {
	stopped, ended := run(t, nil), run(t, nil)
	if err := syscall.Kill(stopped, syscall.SIGSTOP); err != nil {
		t.Fatal(err)
	}
	eventually(t, "stopped", func() bool { p, _ := Read(stopped); return p.State == "T" })
	busy, err := Read(os.Getpid())
	if err != nil {
		t.Fatal(err)
	}
	procs := append(readMany([]int{stopped, ended}), busy)
	time.AfterFunc(20*time.Millisecond, func() { _ = syscall.Kill(ended, syscall.SIGKILL) })
	quit := make(chan struct{})
	go func() {
		for {
			select {
			case <-quit:
				return
			default:
			}
		}
	}()
	got := SecondLook(t.Context(), procs, time.Second) // long enough for 5 ticks on a busy machine
	close(quit)
	if p := got[0]; p.State != "T" || p.StateThen != "T" || p.Ticks != 0 || p.Looked < 1_000_000 {
		t.Errorf("stopped: %+v", p)
	}
	if p := got[1]; p.StateThen != "Z" && p.StateThen != Gone {
		t.Errorf("ended: %+v", p)
	}
	if p := got[2]; p.Ticks < 5 {
		t.Errorf("busy: %d ticks", p.Ticks)
	}
	if procs[0].Looked != 0 {
		t.Error("the first look was changed")
	}
}

func TestInGroupAndFrozen(t *testing.T) {
	needRoot(t)
	group, dir := newGroup(t)
	pid := run(t, nil)
	inner := filepath.Join(dir, "inner")
	if err := os.Mkdir(inner, 0o755); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.Remove(inner) })
	join(t, inner, pid)
	procs, err := InGroup(group)
	if err != nil || len(procs) != 1 || procs[0].PID != pid || procs[0].Unit != filepath.Base(group) || procs[0].Frozen {
		t.Fatalf("got %+v, %v, want process %d of %s", procs, err, pid, filepath.Base(group))
	}
	if err := os.WriteFile(filepath.Join(inner, "cgroup.freeze"), []byte("1"), 0o600); err != nil {
		t.Fatal(err)
	}
	eventually(t, "frozen", func() bool { p, _ := Read(pid); return p.Frozen })
	if err := os.WriteFile(filepath.Join(inner, "cgroup.freeze"), []byte("0"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, none := range []string{"", "/", group[:len(group)-1]} {
		if procs, _ := InGroup(none); len(procs) != 0 {
			t.Errorf("group %q has %d processes", none, len(procs))
		}
	}
	join(t, root(t), pid)
}

// root is where the unified hierarchy is mounted.
func root(t *testing.T) string {
	t.Helper()
	for _, dir := range unifiedRoots {
		if _, err := os.Stat(filepath.Join(dir, "cgroup.controllers")); err == nil {
			return dir
		}
	}
	t.Skip("no unified control groups here")
	return ""
}

func newGroup(t *testing.T) (group, dir string) {
	t.Helper()
	group = fmt.Sprintf("/gatemend-test-%d.service", os.Getpid())
	dir = filepath.Join(root(t), group)
	if err := os.Mkdir(dir, 0o755); err != nil {
		t.Skipf("control groups cannot be made here: %v", err)
	}
	t.Cleanup(func() {
		if err := os.Remove(dir); err != nil {
			t.Error(err)
		}
	})
	return group, dir
}

func join(t *testing.T, dir string, pid int) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(dir, "cgroup.procs"), []byte(fmt.Sprint(pid)), 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestBootAnchorMovesOnlyWhenTheClockIsStepped(t *testing.T) {
	var a anchor
	for _, c := range []struct{ now, want detect.Time }{{1_000_000, 1_000_000}, {1_000_400, 1_000_000}, {1_499_999, 1_000_000}, {3_000_000, 3_000_000}, {1_000_000, 1_000_000}} {
		if got := a.at(c.now); got != c.want {
			t.Errorf("at %d: %d, want %d", c.now, got, c.want)
		}
	}
	if id, up := Clock(); len(id) != 36 || up <= 0 {
		t.Errorf("boot id %q, up %v", id, up)
	}
	if Uptime() <= 0 || Booted() <= 0 || Booted().Time().After(time.Now()) {
		t.Errorf("up %v since %v", Uptime(), Booted().Time())
	}
}
