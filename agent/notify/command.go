package notify

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/gatemend/gatemend/detect"
)

// command is a channel: a program that gets the message as JSON on its standard input.
type command struct {
	argv []string // never through a shell; the first is an absolute path
}

func (c command) to() string { return c.argv[0] }

// carry runs the program once, and takes it as delivered when it ended with 0 in time. Then
// it and all its children are killed.
func (c command) carry(ctx context.Context, p parcel) (string, error) {
	in, err := p.json()
	if err != nil {
		return "", err
	}
	var out bounded
	cmd := exec.CommandContext(ctx, c.argv[0], c.argv[1:]...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = bytes.NewReader(in), &out, &out
	cmd.Env = slices.DeleteFunc(os.Environ(), ours)
	// Its own process group: curl started by a script must not outlive the script's time. And its own
	// session: it runs as the agent's user, who must not reach the terminal of a person who heals.
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
	cmd.WaitDelay = time.Second // a grandchild that left the group may hold our pipe open
	if err := cmd.Run(); err != nil {
		if ctx.Err() != nil {
			err = ctx.Err()
		}
		return "", &failure{why: detect.Clean("cannot notify by " + c.argv[0] + ": " + err.Error() + out.said())}
	}
	return "it ended with 0" + out.said(), nil
}

// ours are variables that systemd gave to the agent: a child that has NOTIFY_SOCKET could
// pat our watchdog.
func ours(v string) bool {
	for _, name := range []string{"NOTIFY_SOCKET=", "WATCHDOG_", "LISTEN_", "CREDENTIALS_DIRECTORY=", "JOURNAL_STREAM=", "INVOCATION_ID="} {
		if strings.HasPrefix(v, name) {
			return true
		}
	}
	return false
}

// bounded keeps the beginning of what a program prints.
type bounded struct{ buf []byte }

func (b *bounded) Write(p []byte) (int, error) {
	if room := detect.TextMax - len(b.buf); room > 0 {
		b.buf = append(b.buf, p[:min(room, len(p))]...)
	}
	return len(p), nil
}

func (b *bounded) said() string {
	if len(b.buf) == 0 {
		return ""
	}
	return ": it said " + detect.Clean(strings.TrimSpace(string(b.buf)))
}
