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

// asUser is what the unit does, but for the confinement: the agent as its own user.
const asUser = `install -d -m 0700 -o gatemend -g gatemend /var/lib/gatemend /run/gatemend
exec setpriv --reuid gatemend --regid gatemend --groups adm,systemd-journal gatemend run --log pretty`

func start(ctx context.Context, m *machine.Machine) (*running, error) {
	ctx, cancel := context.WithCancel(ctx)
	cmd, err := m.Command(ctx, "sh", "-c", asUser)
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
