package unit

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func write(t *testing.T, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestEnvironmentFilesCountOverEnvironment(t *testing.T) {
	file := write(t, "web.env", "# c\n; c\nPORT=9\nexport BAD=1\nQUOTED=\"a b\"\nLONG=a\\\nb\nnothing\n\nmore=x=y\r\n")
	e := readEnvironment(variants(map[string]any{
		"Environment":      []string{"PORT=8", "GUNICORN_CMD_ARGS=-w 2"},
		"EnvironmentFiles": [][]any{{file, false}, {file + ".none", true}},
	}))
	want := map[string]string{"PORT": "9", "GUNICORN_CMD_ARGS": "-w 2", "QUOTED": "a b", "LONG": "ab", "more": "x=y"}
	if diff := cmp.Diff(want, e.values); diff != "" || e.unknown {
		t.Errorf("unknown %v\n%s", e.unknown, diff)
	}
	if diff := cmp.Diff([]string{"GUNICORN_CMD_ARGS", "LONG", "PORT", "QUOTED", "more"}, e.names()); diff != "" {
		t.Error(diff)
	}
}

func TestEnvironmentIsUnknownWhenAFileIsNotRead(t *testing.T) {
	e := readEnvironment(variants(map[string]any{"EnvironmentFiles": [][]any{{filepath.Join(t.TempDir(), "none"), false}}}))
	if !e.unknown {
		t.Error("a missing file that is required reads as known")
	}
}

func TestNamesHoldNoValues(t *testing.T) {
	e := environment{values: map[string]string{"A": "hunter2", "dGhpcyBpcyBh c2VjcmV0": "=", strings.Repeat("k", 80): "v"}}
	if diff := cmp.Diff([]string{"A"}, e.names()); diff != "" {
		t.Error(diff)
	}
}

// An app's user can put a FIFO where a file is expected: opening it must not block.
func TestReadFileRefusesWhatIsNoSmallFile(t *testing.T) {
	fifo := filepath.Join(t.TempDir(), "fifo")
	if err := syscall.Mkfifo(fifo, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{fifo, t.TempDir(), "/dev/zero", write(t, "big", strings.Repeat("x", largest+1))} {
		if _, err := readFile(path); err == nil {
			t.Errorf("%s was read", path)
		}
	}
}

func TestOutputFiles(t *testing.T) {
	unit := write(t, "web.service", "[Service]\nStandardOutput=journal\nStandardError=append:/var/log/old.log\n")
	dropIn := write(t, "x.conf", "[Service]\nStandardError = append:/var/log/web.log\n")
	for _, tc := range []struct {
		name  string
		p     map[string]any
		files []string
		want  []string
	}{
		{"a file, the drop-in counts", map[string]any{"StandardError": "append"}, []string{unit, dropIn}, []string{"/var/log/web.log"}},
		{"the journal", map[string]any{"StandardError": "journal", "StandardOutput": "inherit"}, []string{unit, dropIn}, nil},
		{"a specifier", map[string]any{"StandardError": "file"}, []string{unit, write(t, "y.conf", "StandardError=file:/var/log/%n.log")}, nil},
		{"a file that is gone", map[string]any{"StandardError": "append"}, []string{unit + ".none"}, nil},
	} {
		if diff := cmp.Diff(tc.want, outputFiles(variants(tc.p), tc.files)); diff != "" {
			t.Errorf("%s:\n%s", tc.name, diff)
		}
	}
}

func TestRunsTellsAMasterFromItsWrapper(t *testing.T) {
	for cmdline, want := range map[string]bool{
		"gunicorn: master [app:app]\x00":                             true,
		"/venv/bin/python3\x00/venv/bin/gunicorn\x00app:app\x00":     true,
		"/usr/bin/python3.11\x00-u\x00-m\x00gunicorn\x00app:app\x00": true,
		"/venv/bin/gunicorn\x00app:app\x00":                          true,
		"/bin/sh\x00-c\x00gunicorn app:app\x00":                      false,
		"/bin/bash\x00/srv/start.sh\x00gunicorn\x00":                 false,
		"uv\x00run\x00gunicorn\x00app:app\x00":                       false,
		"/usr/bin/python3\x00manage.py\x00runserver\x00":             false,
		"gunicorn: worker [app:app]\x00":                             false,
		"":                                                           false,
	} {
		if got := runs(cmdline, "gunicorn"); got != want {
			t.Errorf("%q: %v", cmdline, got)
		}
	}
}

func TestAboutUnitLeavesOtherUnitsOut(t *testing.T) {
	got := aboutUnit("/etc/systemd/system/web.service:3: Unknown key 'X' in section [Service]\nother.service: Command /x is not executable\n\nweb.service: Command /y is not executable: No such file or directory\n", "web.service")
	if len(got) != 2 {
		t.Errorf("lines: %q", got)
	}
}
