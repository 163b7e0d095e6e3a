package main

import (
	"context"
	"fmt"
	"os"

	"github.com/gatemend/gatemend/agent/e2e/machine"
)

// running is the agent in the machine's foreground, its log on our terminal.
type running struct {
	cmd    *machine.Cmd
	cancel context.CancelFunc
}

func start(ctx context.Context, m *machine.Machine) (*running, error) {
	ctx, cancel := context.WithCancel(ctx)
	cmd, err := m.Command(ctx, "sh", "-c", "mkdir -p -m 0700 /var/lib/gatemend /run/gatemend; exec gatemend run --log pretty")
	if err != nil {
		cancel()
		return nil, err
	}
	cmd.Stdout, cmd.Stderr = os.Stdout, os.Stdout
	if err := cmd.Start(); err != nil {
		cancel()
		return nil, fmt.Errorf("cannot start the agent: %w", err)
	}
	return &running{cmd, cancel}, nil
}

func (r *running) end() error {
	r.cancel()
	_ = r.cmd.Wait() // it was told to end
	return nil
}
