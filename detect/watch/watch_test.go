package watch

import (
	"context"
	"errors"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/fsnotify/fsnotify"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func start(t *testing.T, w *Watcher) *Watcher {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- w.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
	return w
}

// woken waits for a note. Once none comes for a moment, all that belong to one step are in.
func woken(t *testing.T, s *Sub, what string) Note {
	t.Helper()
	select {
	case <-s.C():
	case <-time.After(10 * time.Second):
		t.Fatalf("%s: not woken", what)
	}
	n := s.Take()
	for {
		select {
		case <-s.C():
			m := s.Take()
			n.Structure = n.Structure || m.Structure
			if m.Lost != "" {
				n.Lost = m.Lost
			}
		case <-time.After(30 * time.Millisecond):
			return n
		}
	}
}

func quiet(t *testing.T, s *Sub, what string) {
	t.Helper()
	select {
	case <-s.C():
		t.Errorf("%s: woken by it: %+v", what, s.Take())
	case <-time.After(50 * time.Millisecond):
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func touch(path string) error { return os.WriteFile(path, []byte("x\n"), 0o600) }

func TestRuntimeDirectoryGoesAndComes(t *testing.T) {
	w := start(t, New())
	run := t.TempDir()
	dir := filepath.Join(run, "shop")
	path := filepath.Join(dir, "shop.sock")
	s := w.Subscribe(path, Chain)
	defer s.Close()
	for range 3 {
		must(t, os.Mkdir(dir, 0o755))
		l, err := net.Listen("unix", path) // at once, before anybody can have added a watch
		must(t, err)
		if n := woken(t, s, "directory and socket made"); !n.Structure || n.Lost != "" {
			t.Errorf("note %+v", n)
		}
		must(t, os.Chmod(path, 0o600))
		if n := woken(t, s, "socket chmod"); n.Structure {
			t.Errorf("a change of mode is no change of structure: %+v", n)
		}
		must(t, os.Chmod(dir, 0o700))
		woken(t, s, "directory chmod")
		must(t, l.Close())
		woken(t, s, "socket removed")
		must(t, os.Remove(dir))
		woken(t, s, "directory removed")
	}
}

func TestChainIsQuietAboutOthers(t *testing.T) {
	w := start(t, New())
	dir := t.TempDir()
	path := filepath.Join(dir, "shop.sock")
	l, err := net.Listen("unix", path)
	must(t, err)
	defer l.Close()
	s := w.Subscribe(path, Chain)
	defer s.Close()
	must(t, touch(filepath.Join(dir, "other")))
	must(t, touch(filepath.Join(dir, "shop.sock.tmp")))
	c, err := net.Dial("unix", path)
	must(t, err)
	must(t, c.Close())
	quiet(t, s, "another file, a connect")
}

func TestDirectoryRenamedAwayAndReplaced(t *testing.T) {
	for name, scope := range map[string]Scope{"leaf": Leaf, "chain": Chain} {
		t.Run(name, func(t *testing.T) {
			w := start(t, New())
			base := t.TempDir()
			dir := filepath.Join(base, "log")
			must(t, os.Mkdir(dir, 0o755))
			s := w.Subscribe(filepath.Join(dir, "error.log"), scope)
			defer s.Close()
			must(t, os.Rename(dir, dir+".old"))
			woken(t, s, "directory renamed away")
			must(t, os.Mkdir(dir, 0o755))
			woken(t, s, "directory made")
			must(t, touch(filepath.Join(dir, "error.log")))
			woken(t, s, "file made in the new directory")
			must(t, touch(filepath.Join(dir+".old", "error.log")))
			quiet(t, s, "a file in the old directory")
		})
	}
}

func TestLeafSeesRotatedFilesBesideIt(t *testing.T) {
	w := start(t, New())
	dir := t.TempDir()
	path := filepath.Join(dir, "error.log")
	must(t, touch(path))
	s := w.Subscribe(path, Leaf)
	defer s.Close()
	must(t, os.Rename(path, path+".1"))
	if n := woken(t, s, "renamed"); !n.Structure {
		t.Errorf("note %+v", n)
	}
	must(t, touch(path+".1"))
	woken(t, s, "late write to the rotated file")
	must(t, touch(filepath.Join(dir, "access.log")))
	quiet(t, s, "another log")
}

func TestLinkTurnedElsewhere(t *testing.T) {
	w := start(t, New())
	base := t.TempDir()
	for _, d := range []string{"a", "b"} {
		must(t, os.Mkdir(filepath.Join(base, d), 0o755))
	}
	link := filepath.Join(base, "current")
	must(t, os.Symlink("a", link))
	s := w.Subscribe(filepath.Join(link, "s"), Chain)
	defer s.Close()
	must(t, touch(filepath.Join(base, "a", "s")))
	woken(t, s, "file made behind the link")
	must(t, os.Symlink("b", link+".new"))
	must(t, os.Rename(link+".new", link))
	woken(t, s, "link replaced")
	must(t, touch(filepath.Join(base, "b", "s")))
	woken(t, s, "file made behind the new link")
}

func TestTwoSubsShareADirectory(t *testing.T) {
	w := start(t, New())
	dir := t.TempDir()
	a, b := w.Subscribe(filepath.Join(dir, "a"), Leaf), w.Subscribe(filepath.Join(dir, "b"), Leaf)
	defer b.Close()
	a.Close()
	must(t, touch(filepath.Join(dir, "b")))
	woken(t, b, "file made, after the other sub was closed")
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.holders[dir] != 1 || len(w.fs.WatchList()) != 1 {
		t.Errorf("held %v, watched %v", w.holders, w.fs.WatchList())
	}
}

func TestOverflowHasEverybodyLook(t *testing.T) {
	w := start(t, New())
	s := w.Subscribe(filepath.Join(t.TempDir(), "x"), Leaf)
	defer s.Close()
	w.fs.Errors <- fsnotify.ErrEventOverflow
	if n := woken(t, s, "overflow"); n.Lost == "" || !n.Structure {
		t.Errorf("note %+v", n)
	}
}

func TestWithoutInotifySubsArePolledUntilItIsBack(t *testing.T) {
	limit := make(chan struct{})
	w := start(t, newWatcher(func() (*fsnotify.Watcher, error) {
		select {
		case <-limit:
			return fsnotify.NewWatcher()
		default:
			return nil, errors.New("too many open files")
		}
	}, 20*time.Millisecond))
	path := filepath.Join(t.TempDir(), "x")
	s := w.Subscribe(path, Leaf)
	defer s.Close()
	if err := w.Sense(t.Context()); err == nil || !strings.Contains(err.Error(), "too many open files") {
		t.Errorf("the loss is told as %v", err)
	}
	for range 3 {
		<-s.C()
		s.Take()
	}
	close(limit)
	for s.Take().Lost == "" {
		<-s.C()
	}
	if w.Trouble() != "" {
		t.Error(w.Trouble())
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if err := w.Sense(ended); err != nil {
		t.Errorf("a loss is told of where there is none: %v", err)
	}
	must(t, touch(path))
	woken(t, s, "file made, by event")
}

func TestPollingIsNeverFasterThanFiveSeconds(t *testing.T) {
	if pollEvery < 5*time.Second {
		t.Errorf("polls every %v", pollEvery)
	}
}
