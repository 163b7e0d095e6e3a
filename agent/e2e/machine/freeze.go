package machine

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"
)

// Freeze stops every process of the machine for so long, as a hypervisor does that pauses it. Its
// clocks go on meanwhile.
func (m *Machine) Freeze(ctx context.Context, so time.Duration) error {
	file := filepath.Join(m.groups[0], "cgroup.freeze")
	if err := os.WriteFile(file, []byte("1"), 0); err != nil {
		return fmt.Errorf("cannot freeze the machine: %w", err)
	}
	var cut error
	select {
	case <-ctx.Done():
		cut = ctx.Err()
	case <-time.After(so):
	}
	return errors.Join(cut, os.WriteFile(file, []byte("0"), 0))
}
