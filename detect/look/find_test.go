package look

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"golang.org/x/sys/unix"
)

// A path below another root leads where it leads there: links and ".." end at that root.
func TestFindStaysBelowTheRoot(t *testing.T) {
	root := t.TempDir()
	must(t, os.MkdirAll(filepath.Join(root, "run/app"), 0o755))
	must(t, os.MkdirAll(filepath.Join(root, "var"), 0o755))
	must(t, os.WriteFile(filepath.Join(root, "run/app/s"), nil, 0o600))
	for name, to := range map[string]string{
		"var/run": "/run", "current": "run/app", "up": "../../../../run/app/s", "loop": "/loop", "out": "/etc/passwd", "run/app/back": "../../run/app/s",
	} {
		must(t, os.Symlink(to, filepath.Join(root, name)))
	}
	fd, err := unix.Open(root, unix.O_PATH|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
	must(t, err)
	defer unix.Close(fd)
	var want unix.Stat_t
	must(t, unix.Stat(filepath.Join(root, "run/app/s"), &want))
	for path, fails := range map[string]error{
		"/run/app/s": nil, "/var/run/app/s": nil, "/current/s": nil, "/up": nil, "//run/./app//s": nil, "/../../run/app/s": nil, "/run/app/back": nil, "/": nil,
		"/loop": unix.ELOOP, "/out": unix.ENOENT, "/none": unix.ENOENT, "/run/app/s/x": unix.ENOTDIR,
	} {
		got, err := identity{root: fd}.find(path)
		if !errors.Is(err, fails) {
			t.Errorf("%s: %v, want %v", path, err, fails)
		}
		if err != nil {
			continue
		}
		var st unix.Stat_t
		must(t, unix.Fstat(got, &st))
		if path != "/" && st.Ino != want.Ino {
			t.Errorf("%s leads to another file", path)
		}
		must(t, unix.Close(got))
	}
	entries, err := os.ReadDir("/proc/self/fd")
	must(t, err)
	if len(entries) > 40 {
		t.Errorf("%d descriptors are open", len(entries))
	}
}
