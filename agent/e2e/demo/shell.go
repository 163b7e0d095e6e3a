package main

import (
	"context"
	"fmt"
	"os"

	"github.com/gatemend/gatemend/agent/e2e/machine"
)

// shell gives the machine to whoever wants to break it by hand. The machine is gone when it ends.
func shell(ctx context.Context, m *machine.Machine) error {
	say("the machine is yours: break it, and watch with journalctl -fu gatemend, gatemend status, gatemend incidents")
	cmd, err := m.Command(ctx, "bash", "-i")
	if err != nil {
		return err
	}
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
	// A terminal's shell must be in the terminal's own process group to read from it.
	cmd.SysProcAttr.Setpgid, cmd.SysProcAttr.Foreground = true, isTerminal()
	if err := cmd.Run(); err != nil {
		fmt.Fprintf(os.Stderr, "the shell ended: %v\n", err) // the exit code of its last command is nobody's failure
	}
	return nil
}

func isTerminal() bool {
	info, err := os.Stdin.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}
