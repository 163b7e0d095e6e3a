package command

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"time"
)

// ErrNoProgram tells that a program is not installed in any of the usual directories.
var ErrNoProgram = errors.New("program not found")

// Output is what a program that ran to its end wrote, and its exit status.
type Output struct {
	Stdout, Stderr []byte
	Code           int  // exit status; a status other than 0 is not an error of Run
	Truncated      bool // a stream was longer than is kept; its beginning is here
}

// Run runs p to its end or to the deadline, whichever comes first. An exit status other than 0 is not
// an error; a missing program ([ErrNoProgram]), an argument that p does not allow, a deadline and a
// death by signal are. Safe for concurrent use.
func Run(ctx context.Context, p Program, args ...string) (Output, error) {
	s, ok := programs[p]
	if !ok {
		return Output{}, fmt.Errorf("cannot run %v: it is not one of the programs that may be run", p)
	}
	if err := s.allows(args); err != nil {
		return Output{}, fmt.Errorf("cannot run %v: %w", p, err)
	}
	path, err := find(s.name, dirs)
	if err != nil {
		return Output{}, fmt.Errorf("cannot run %v: %w", p, err)
	}
	out, err := s.run(ctx, path, args)
	if err != nil {
		return out, fmt.Errorf("cannot run %v: %w", p, err)
	}
	return out, nil
}

// dirs are where programs are looked for, in this order. $PATH is not read: who starts the agent by
// hand must not choose what root runs.
var dirs = []string{"/usr/sbin", "/usr/bin", "/sbin", "/bin", "/usr/local/sbin", "/usr/local/bin", "/usr/local/nginx/sbin"}

func find(name string, dirs []string) (string, error) {
	for _, dir := range dirs {
		path := filepath.Join(dir, name)
		if fi, err := os.Stat(path); err == nil && fi.Mode().IsRegular() && fi.Mode()&0o111 != 0 {
			return path, nil
		}
	}
	return "", fmt.Errorf("%w: no %q in %s", ErrNoProgram, name, strings.Join(dirs, ", "))
}

func (s spec) run(ctx context.Context, path string, args []string) (Output, error) {
	ctx, cancel := context.WithTimeout(ctx, s.timeout)
	defer cancel()

	var stdout, stderr = bounded{limit: s.limit}, bounded{limit: s.limit}
	cmd := exec.CommandContext(ctx, path, append(append([]string(nil), s.fixed...), args...)...)
	cmd.Env = []string{"LC_ALL=C", "PATH=" + strings.Join(dirs, ":"), "HOME=/", "SYSTEMD_COLORS=0", "TZ=UTC"}
	cmd.Dir = "/"
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	// Its own session: `sudo gatemend heal` runs it as the agent's user, and who may trace it must not reach
	// root's terminal by it, into which TIOCSTI would type (until Linux 6.2).
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Pdeathsig: syscall.SIGKILL}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
	cmd.WaitDelay = time.Second // a child that left the group may hold the pipes

	err := runOnThread(cmd)
	out := Output{
		Stdout: stdout.kept, Stderr: stderr.kept,
		Code:      cmd.ProcessState.ExitCode(),
		Truncated: stdout.dropped || stderr.dropped,
	}
	if ctx.Err() != nil {
		return out, fmt.Errorf("not done in time: %w", ctx.Err())
	}
	var exit *exec.ExitError
	if errors.As(err, &exit) && exit.Exited() {
		return out, nil
	}
	return out, err
}

// runOnThread keeps the thread that forks until the child is gone: the kernel sends Pdeathsig when
// that thread ends, not when the process does (golang/go#27505).
func runOnThread(cmd *exec.Cmd) error {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	return cmd.Run()
}
