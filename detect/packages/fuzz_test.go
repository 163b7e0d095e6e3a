package packages

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gatemend/gatemend/detect"
)

// FuzzDist: the app's user makes the directories of its environment, and names them as it likes.
func FuzzDist(f *testing.F) {
	f.Add("Flask-2.2.2.dist-info")
	f.Add("\x1b[2J-\u202e.egg-info")
	f.Fuzz(func(t *testing.T, entry string) {
		name, version, ok := dist(entry)
		if ok && (name == "" || strings.ContainsFunc(name+version, func(r rune) bool { return !detect.Printable(r) })) {
			t.Errorf("%q is %q %q", entry, name, version)
		}
	})
}

func FuzzStatus(f *testing.F) {
	f.Add(status)
	f.Add("Package: nginx\nStatus: x installed\nVersion: \x1b[2J\n")
	f.Fuzz(func(t *testing.T, text string) {
		path := filepath.Join(t.TempDir(), "status")
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		file, err := os.Open(path)
		if err != nil {
			t.Fatal(err)
		}
		defer file.Close()
		found, _ := New().status(file)
		for name, in := range found {
			if !strings.HasSuffix(name, " (debian)") || strings.ContainsFunc(name+in.Version, func(r rune) bool { return !detect.Printable(r) }) {
				t.Errorf("%q %q", name, in.Version)
			}
		}
	})
}
