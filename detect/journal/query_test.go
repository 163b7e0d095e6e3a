package journal

import (
	"strings"
	"testing"

	"github.com/gatemend/gatemend/detect/command"
)

func TestStampKeepsMicroseconds(t *testing.T) {
	if got := stamp(1_763_810_815_000_042); got != "@1763810815.000042" {
		t.Errorf("stamp = %q", got)
	}
}

func TestComplaintTellsFailureFromAnEmptyJournal(t *testing.T) {
	for _, tc := range []struct {
		name    string
		out     command.Output
		entries int
		want    string
	}{
		{"entries", command.Output{}, 3, ""},
		{"none, on a version that exits with 1", command.Output{Code: 1}, 0, ""},
		{"no right to read", command.Output{Code: 1, Stderr: []byte("No journal files were opened due to insufficient permissions.\n")}, 0, "systemd-journal"},
		{"some files unreadable", command.Output{Stderr: []byte("Hint: ... insufficient permissions\n")}, 2, "systemd-journal"},
		{"broken", command.Output{Code: 1, Stderr: []byte("Failed to open: Bad message\n")}, 0, "status 1"},
	} {
		err := complaint(tc.out, tc.entries)
		if (err == nil) != (tc.want == "") || err != nil && !strings.Contains(err.Error(), tc.want) {
			t.Errorf("%s: error is %v, want %q in it", tc.name, err, tc.want)
		}
	}
}
