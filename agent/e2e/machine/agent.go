package machine

import (
	"context"
	"fmt"

	"github.com/gatemend/gatemend/examples"
)

// InstallAgent installs a built binary and the shipped units as the README says, with a configuration.
// Nothing is started but the sockets of the root helper.
func (m *Machine) InstallAgent(ctx context.Context, binary string, config []byte) error {
	files, err := examples.Installation()
	if err != nil {
		return err
	}
	for _, f := range files {
		if err := m.Write(ctx, f.Path, f.Mode, f.Content); err != nil {
			return err
		}
	}
	if err := m.CopyIn(ctx, binary, "/usr/bin/gatemend", 0o755); err != nil {
		return err
	}
	if err := m.Write(ctx, "/etc/gatemend/gatemend.yaml", 0o640, config); err != nil {
		return err
	}
	const enable = `systemd-sysusers
chgrp gatemend /etc/gatemend/gatemend.yaml
systemctl daemon-reload
systemctl start gatemend-look.socket gatemend-act.socket`
	if _, err := m.Shell(ctx, enable); err != nil {
		return fmt.Errorf("cannot install the agent: %w", err)
	}
	return nil
}
