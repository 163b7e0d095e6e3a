package host

import (
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// listen makes a socket file of ours, mode 0600.
func listen(t *testing.T, path string) {
	t.Helper()
	l, err := net.Listen("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	l.(*net.UnixListener).SetUnlinkOnClose(false)
	t.Cleanup(func() { l.Close() })
	if err := os.Chmod(path, 0o600); err != nil {
		t.Fatal(err)
	}
}

func modeOf(t *testing.T, path string) os.FileMode {
	t.Helper()
	st, err := os.Lstat(path)
	if err != nil {
		t.Fatal(err)
	}
	return st.Mode().Perm()
}

// dirOf is a fresh directory below no link.
func dirOf(t *testing.T) string {
	t.Helper()
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

func me() []uint32 { return []uint32{uint32(os.Getuid())} }

func TestSetMode(t *testing.T) {
	path := filepath.Join(dirOf(t), "app.sock")
	listen(t, path)
	before, after, err := want{path: path, kind: kindSocket, mode: 0o660, gid: os.Getgid(), owners: me()}.set()
	if err != nil || modeOf(t, path) != 0o660 {
		t.Fatalf("mode %v, error %v", modeOf(t, path), err)
	}
	if !strings.HasPrefix(before, "0600 ") || !strings.HasPrefix(after, "0660 ") {
		t.Errorf("before %q, after %q", before, after)
	}
}

func TestSetModeRefuses(t *testing.T) {
	for name, tt := range map[string]struct {
		make func(t *testing.T, dir string) (path, untouched string)
		kind kind
		who  []uint32
		err  string
	}{
		"a link to a socket": {func(t *testing.T, dir string) (string, string) {
			listen(t, dir+"/real.sock")
			must(t, os.Symlink(dir+"/real.sock", dir+"/app.sock"))
			return dir + "/app.sock", dir + "/real.sock"
		}, kindSocket, me(), "symbolic link"},
		"a link on the way": {func(t *testing.T, dir string) (string, string) {
			must(t, os.Mkdir(dir+"/real", 0o700))
			listen(t, dir+"/real/app.sock")
			must(t, os.Symlink(dir+"/real", dir+"/way"))
			return dir + "/way/app.sock", dir + "/real/app.sock"
		}, kindSocket, me(), "links are not followed"},
		"a second name": {func(t *testing.T, dir string) (string, string) {
			listen(t, dir+"/real.sock")
			must(t, os.Link(dir+"/real.sock", dir+"/app.sock"))
			return dir + "/app.sock", dir + "/real.sock"
		}, kindSocket, me(), "2 names"},
		"a regular file": {func(t *testing.T, dir string) (string, string) {
			must(t, os.WriteFile(dir+"/app.sock", nil, 0o600))
			return dir + "/app.sock", dir + "/app.sock"
		}, kindSocket, me(), "not the socket"},
		"a directory for a socket": {func(t *testing.T, dir string) (string, string) {
			must(t, os.Mkdir(dir+"/app.sock", 0o700))
			return dir + "/app.sock", dir + "/app.sock"
		}, kindSocket, me(), "not the socket"},
		"a socket for a directory": {func(t *testing.T, dir string) (string, string) {
			listen(t, dir+"/app.sock")
			return dir + "/app.sock", dir + "/app.sock"
		}, kindDir, me(), "not the directory"},
		"another's": {func(t *testing.T, dir string) (string, string) {
			listen(t, dir+"/app.sock")
			return dir + "/app.sock", dir + "/app.sock"
		}, kindSocket, []uint32{4242}, "belongs to user"},
		"a path with dots": {func(t *testing.T, dir string) (string, string) {
			listen(t, dir+"/app.sock")
			return dir + "/../" + filepath.Base(dir) + "/app.sock", dir + "/app.sock"
		}, kindSocket, me(), "not a plain absolute path"},
	} {
		t.Run(name, func(t *testing.T) {
			path, untouched := tt.make(t, dirOf(t))
			was := modeOf(t, untouched)
			_, _, err := want{path: path, kind: tt.kind, mode: 0o777, gid: keepGroup, owners: tt.who}.set()
			if err == nil || !strings.Contains(err.Error(), tt.err) {
				t.Errorf("error %v, want %q", err, tt.err)
			}
			if now := modeOf(t, untouched); now != was {
				t.Errorf("mode went from %v to %v", was, now)
			}
		})
	}
}

// Whoever owns the directory swaps what lies at the path as fast as it can, for a link and for a
// second name of files that must never be opened. They stay closed, and the real socket is reached.
func TestSetModeRace(t *testing.T) {
	dir := dirOf(t)
	linked, lent, real, path := dir+"/linked.sock", dir+"/lent.sock", dir+"/real.sock", dir+"/app.sock"
	listen(t, linked) // has one name: only not following the link protects it
	listen(t, lent)
	stop, done := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		swap(stop, path, real, linked, lent)
	}()
	defer func() { close(stop); <-done }()

	reached, tried, began := 0, 0, time.Now()
	for ; time.Since(began) < 2*time.Second || reached < 8 && time.Since(began) < 20*time.Second; tried++ {
		if _, _, err := (want{path: path, kind: kindSocket, mode: 0o666, gid: keepGroup, owners: me()}).set(); err == nil {
			reached++
		}
		for _, f := range []string{linked, lent} {
			if m := modeOf(t, f); m != 0o600 {
				t.Fatalf("%s was swapped in and has mode %v", f, m)
			}
		}
	}
	if reached < 8 || tried < 2*reached {
		t.Errorf("the real socket was reached in %d of %d tries: the race was not run", reached, tried)
	}
}

// swap puts a fresh socket, a link to one file and a second name of another at path, in turn. After
// some rounds it leaves the socket there for a while, or nothing could ever be reached.
func swap(stop <-chan struct{}, path, real, linked, lent string) {
	for round := 0; ; round++ {
		_ = os.Symlink(linked, real)
		_ = os.Rename(real, path)
		_ = os.Link(lent, real)
		_ = os.Rename(real, path)
		_ = unix.Mknod(real, unix.S_IFSOCK|0o600, 0)
		_ = os.Rename(real, path)
		pause := time.Duration(0)
		if round%200 == 0 {
			pause = rest + time.Millisecond
		}
		select {
		case <-stop:
			return
		case <-time.After(pause):
		}
	}
}

// One name before, one name after, and the path leads there: still not enough when the name moved
// in between, which only the ctime tells.
func TestAMovedNameIsSeen(t *testing.T) {
	dir := dirOf(t)
	listen(t, dir+"/lent.sock")
	fd, err := walk(dir + "/lent.sock")
	must(t, err)
	defer unix.Close(fd)
	before, err := rested(dir+"/lent.sock", fd)
	must(t, err)
	if _, err := unmoved(dir+"/lent.sock", fd, before); err != nil {
		t.Errorf("a file that rests: %v", err)
	}
	must(t, os.Rename(dir+"/lent.sock", dir+"/app.sock"))
	if _, err := unmoved(dir+"/app.sock", fd, before); err == nil {
		t.Error("a name that was moved to the path was taken for the file's own")
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
