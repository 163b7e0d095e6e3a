package machine

import (
	"os"
	"os/exec"
	"strconv"
	"syscall"
)

// Cmd is an [exec.Cmd] that starts inside a machine.
type Cmd struct {
	*exec.Cmd
	group *os.File // the control group it is born in; open until it has started
}

// Start starts the program and does not wait.
func (c *Cmd) Start() error {
	defer c.group.Close()
	return c.Cmd.Start()
}

// Run starts the program and waits for its end.
func (c *Cmd) Run() error {
	if err := c.Start(); err != nil {
		return err
	}
	return c.Wait()
}

// Wait waits for the program's end. Of one that a signal ended, nothing is left: no child of a
// cancelled script goes on breaking the machine.
func (c *Cmd) Wait() error {
	err := c.Cmd.Wait()
	if err != nil && !c.ProcessState.Exited() {
		_ = syscall.Kill(-c.Process.Pid, syscall.SIGKILL) // fails when the process group is empty, as it should be
	}
	return err
}

// terminate asks the program and its children to end. nsenter, their parent outside of the machine, is
// spared: it ends when they have, with their status.
func (c *Cmd) terminate() error {
	for _, text := range members(c.group.Name()) {
		pid, _ := strconv.Atoi(text)
		if leader, err := syscall.Getpgid(pid); err == nil && leader == c.Process.Pid && pid != leader {
			_ = syscall.Kill(pid, syscall.SIGTERM)
		}
	}
	return nil
}
