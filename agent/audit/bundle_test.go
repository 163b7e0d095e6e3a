package audit

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gatemend/gatemend/detect"
)

func TestBundleLimits(t *testing.T) {
	dir := t.TempDir()
	now := detect.Time(0)
	o := nowhere(t)
	o.Now = func() detect.Time { return now }
	l := open(t, dir, o)
	if err := l.SaveBundle("7", "a", make([]byte, BundleMax)); err != nil {
		t.Fatal(err)
	}
	if err := l.SaveBundle("7", "a", make([]byte, BundleMax)); err != nil {
		t.Errorf("a file cannot be replaced: %v", err)
	}
	if err := l.SaveBundle("7", "b", []byte("x")); !errors.Is(err, ErrBundleFull) {
		t.Errorf("over the limit: %v", err)
	}
	for _, bad := range []string{"", "..", "a/b", ".hidden", "x\n", strings.Repeat("x", 99)} {
		if l.SaveBundle(bad, "a", nil) == nil || l.SaveBundle("7", bad, nil) == nil {
			t.Errorf("%q is taken for a name", bad)
		}
	}
	now = detect.At(mustStat(t, filepath.Join(dir, "bundles/7/a")).ModTime()).Add(91 * day)
	if err := l.SaveBundle("8", "a", []byte("x")); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(dir, "bundles/7")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("evidence older than 90 days is still there: %v", err)
	}
}

func mustStat(t *testing.T, path string) os.FileInfo {
	t.Helper()
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	return info
}
