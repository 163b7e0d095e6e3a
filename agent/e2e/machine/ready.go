package machine

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"
)

// ready waits until the machine's systemd says that it has booted. old is the PID 1 of the boot before,
// which must be gone first; 0 for the first boot.
func (m *Machine) ready(ctx context.Context, old int) error {
	return poll(ctx, 5*time.Millisecond, func() error {
		pid, err := m.findInit()
		if err != nil {
			return err
		}
		if pid == old {
			return fmt.Errorf("PID 1 of the machine (%d here) has not gone down yet", old)
		}
		// The socket that systemctl asks. It appears once systemd listens, in the machine's own root.
		if _, err := os.Stat(fmt.Sprintf("/proc/%d/root/run/systemd/private", pid)); err != nil {
			return fmt.Errorf("cannot find systemd's socket: %w", err)
		}
		m.init.Store(int64(pid))
		return m.booted(ctx)
	})
}

// booted accepts "degraded": a unit that fails for want of hardware says nothing about the stack.
func (m *Machine) booted(ctx context.Context) error {
	state, err := m.Run(ctx, "systemctl", "is-system-running", "--wait")
	switch strings.TrimSpace(state) {
	case "running", "degraded":
		return nil
	}
	return fmt.Errorf("systemd is %q: %w", strings.TrimSpace(state), err)
}

// errPoweredOff is a machine that ended as if it had been asked to.
var errPoweredOff = errors.New("the machine has powered off")

// findInit looks for the process that is number 1 two PID namespaces down: the launcher's namespace,
// where nspawn is, and the machine's.
func (m *Machine) findInit() (int, error) {
	select {
	case <-m.launch.gone:
		return 0, fmt.Errorf("cannot go on without the launcher: %w", cmp.Or(m.launch.err, errPoweredOff))
	default:
	}
	for _, pid := range members(m.groups[0]) {
		status, _ := os.ReadFile("/proc/" + pid + "/status")
		if ns := nsPIDs(string(status)); len(ns) >= 3 && ns[len(ns)-1] == "1" {
			return strconv.Atoi(pid)
		}
	}
	return 0, errors.New("PID 1 of the machine does not run yet")
}

// nsPIDs are a process's numbers in each PID namespace, the reader's own first.
func nsPIDs(status string) []string {
	for line := range strings.Lines(status) {
		if rest, ok := strings.CutPrefix(line, "NSpid:"); ok {
			return strings.Fields(rest)
		}
	}
	return nil
}

// Reboot restarts the machine as "systemctl reboot" does: its disk is kept, its processes and /run are
// not. It returns when systemd has booted again.
func (m *Machine) Reboot(ctx context.Context) error {
	old := m.PID()
	_, _ = m.Run(ctx, "systemctl", "reboot") // the command may well be killed by what it asked for
	ctx, cancel := context.WithTimeout(ctx, bootTimeout)
	defer cancel()
	if err := m.ready(ctx, old); err != nil {
		return fmt.Errorf("cannot reboot machine %s: %w; console: %s", m.name, err, m.console)
	}
	return nil
}
