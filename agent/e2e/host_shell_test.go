package e2e

import (
	"os/exec"
	"strings"
	"testing"
)

// shOut runs a script in the machine that the test runs in and returns its output, trimmed.
func shOut(t *testing.T, script string) string {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), "sh", "-euc", script).Output()
	if err != nil {
		t.Fatalf("%s: %v", script, err)
	}
	return strings.TrimSpace(string(out))
}
