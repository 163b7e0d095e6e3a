package unit

import (
	"context"
	"fmt"
	"strings"

	"github.com/gatemend/gatemend/detect"
	"github.com/gatemend/gatemend/detect/command"
)

// Verify reads a unit's files as `systemd-analyze verify` does, and gives what is wrong with them, in
// its words; nil when nothing is. It reads what is on disk, which a daemon-reload would load. Lines
// about other units are left out.
func Verify(ctx context.Context, name string) ([]string, error) {
	out, err := command.Run(ctx, command.VerifyUnit, name)
	if err != nil {
		return nil, fmt.Errorf("cannot verify unit %q: %w", name, err)
	}
	problems := aboutUnit(string(out.Stderr), name)
	if out.Code != 0 && len(problems) == 0 {
		problems = []string{fmt.Sprintf("systemd-analyze verify %s ended with status %d", name, out.Code)}
	}
	return problems, nil
}

// aboutUnit keeps the lines that name the unit or one of its files.
func aboutUnit(text, name string) (lines []string) {
	for _, line := range strings.Split(text, "\n") {
		if strings.Contains(line, name) && len(lines) < 20 {
			lines = append(lines, detect.Clean(line))
		}
	}
	return lines
}
