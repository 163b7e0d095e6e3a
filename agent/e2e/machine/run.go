package machine

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// CommandError is a command that ran in the machine and did not exit with 0. Tests of exit codes look
// at Code; everybody else prints it.
type CommandError struct {
	Argv   []string
	Code   int // exit code, or -1 if a signal or the context ended it
	Stdout string
	Stderr string
	Err    error
}

// Error shows the command and what it said, as that is what one looks for first.
func (e *CommandError) Error() string {
	return fmt.Sprintf("cannot run %q in the machine: %v: %s", strings.Join(e.Argv, " "), e.Err, strings.TrimSpace(e.Stderr))
}

// Unwrap gives the cause, such as the context's.
func (e *CommandError) Unwrap() error { return e.Err }

// ExitCode is the exit code of a command that Run, Shell or Sh ran: 0 for no error, -1 where there is
// none because it did not run to its end.
func ExitCode(err error) int {
	if err == nil {
		return 0
	}
	if e, ok := errors.AsType[*CommandError](err); ok {
		return e.Code
	}
	return -1
}

// Run runs a program in the machine as root and returns its standard output. The error is a
// [*CommandError] with the rest.
func (m *Machine) Run(ctx context.Context, argv ...string) (string, error) {
	return m.feed(ctx, nil, argv...)
}

// Shell runs a script with sh, which stops at the first command that fails.
func (m *Machine) Shell(ctx context.Context, script string) (string, error) {
	return m.Run(ctx, "sh", "-euc", script)
}

func (m *Machine) feed(ctx context.Context, stdin []byte, argv ...string) (string, error) {
	cmd, err := m.Command(ctx, argv...)
	if err != nil {
		return "", err
	}
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	if stdin != nil {
		cmd.Stdin = bytes.NewReader(stdin)
	}
	if err := cmd.Run(); err != nil {
		return stdout.String(), &CommandError{Argv: argv, Code: cmd.ProcessState.ExitCode(), Stdout: stdout.String(), Stderr: stderr.String(), Err: err}
	}
	return stdout.String(), nil
}

// Command is a program to be run in the machine as root, with its input and output still to be
// connected: for one that talks for long, such as the agent in the demo.
//
// It runs as if from a login shell: in the machine's name spaces and in a session's control group, so
// that it shows up where a person's commands do. When ctx ends, it and its children get SIGTERM,
// and SIGKILL two seconds later.
func (m *Machine) Command(ctx context.Context, argv ...string) (*Cmd, error) {
	group, err := m.session()
	if err != nil {
		return nil, err
	}
	enter := []string{"--target", strconv.Itoa(m.PID()), "--mount", "--uts", "--ipc", "--net", "--pid", "--cgroup", "--"}
	cmd := exec.CommandContext(ctx, "nsenter", append(enter, argv...)...)
	cmd.Env = []string{"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "HOME=/root", "USER=root", "LANG=C.UTF-8", "TERM=" + os.Getenv("TERM")}
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, UseCgroupFD: true, CgroupFD: int(group.Fd())}
	c := &Cmd{Cmd: cmd, group: group}
	cmd.Cancel = c.terminate
	cmd.WaitDelay = 2 * time.Second
	return c, nil
}

// session is the control group that commands run in. It looks to the machine like that of a login.
func (m *Machine) session() (*os.File, error) {
	dir := filepath.Join(m.groups[0], "payload/user.slice/user-0.slice/session-e2e.scope")
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, fmt.Errorf("cannot create a session in the machine: %w", err)
	}
	return os.Open(dir)
}
