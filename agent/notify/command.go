package notify

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/gatemend/gatemend/detect"
)

// A program that pages has this long; then it and all its children are killed.
const commandTime = 30 * time.Second

// Command is a channel: a program that gets the message as JSON on its standard input.
type Command struct {
	Argv []string // never through a shell; the first is an absolute path
}

// payload is what the program reads.
type payload struct {
	Schema int    `json:"schema"`
	Text   string `json:"text"` // ready to be sent, at most eight lines
	Message
}

// deliver runs the program once. It errs unless the program ended with 0 in time.
func (c Command) deliver(ctx context.Context, m Message) error {
	in, err := json.Marshal(payload{1, m.Text(), m})
	if err != nil {
		return fmt.Errorf("cannot write the message: %w", err)
	}
	ctx, cancel := context.WithTimeout(ctx, commandTime)
	defer cancel()
	var out bounded
	cmd := exec.CommandContext(ctx, c.Argv[0], c.Argv[1:]...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = bytes.NewReader(in), &out, &out
	cmd.Env = slices.DeleteFunc(os.Environ(), ours)
	// Its own process group: curl started by a script must not outlive the script's time.
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
	cmd.WaitDelay = time.Second // a grandchild that left the group may hold our pipe open
	if err := cmd.Run(); err != nil {
		if ctx.Err() != nil {
			err = ctx.Err()
		}
		return fmt.Errorf("cannot notify by %q: %w%s", c.Argv[0], err, out.said())
	}
	return nil
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
