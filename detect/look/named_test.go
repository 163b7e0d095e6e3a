package look

import (
	"os"
	"path/filepath"
	"testing"
)

func put(t *testing.T, dir, name, text string, mode os.FileMode) string {
	t.Helper()
	path := filepath.Join(dir, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), mode); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestProgramOfAUnit(t *testing.T) {
	dir := t.TempDir()
	for _, tc := range []struct{ name, path, exec, interpreter string }{
		{"binary", put(t, dir, "bin", "\x7fELF", 0o755), "exists", ""},
		{"script", put(t, dir, "s", "#!/bin/sh -e\n", 0o755), "exists", "exists"},
		{"script of a removed environment", put(t, dir, "v", "#!/srv/none/bin/python3\nimport x\n", 0o755), "exists", "missing"},
		{"saved on Windows", put(t, dir, "w", "#!/bin/sh\r\n", 0o755), "crlf", ""},
		{"not executable", put(t, dir, "n", "#!/bin/sh\n", 0o644), "not-executable", ""},
		{"directory", dir, "not-executable", ""},
		{"missing", filepath.Join(dir, "none"), "missing", ""},
		{"below a file", filepath.Join(dir, "bin", "x"), "missing", ""},
		{"empty shebang", put(t, dir, "e", "#!\n", 0o755), "exists", ""},
	} {
		got := program(tc.path)
		interpreter := ""
		if len(got) > 1 {
			interpreter = got[1].State
		}
		if got[0].State != tc.exec || interpreter != tc.interpreter {
			t.Errorf("%s: %+v", tc.name, got)
		}
	}
}
