package tail

import (
	"net"
	"os"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// TestNeverBlocks: what is no regular file is told of, and a real log in its place is read.
func TestNeverBlocks(t *testing.T) {
	for name, tt := range map[string]struct {
		make func(path string) error
		want string
	}{
		"FIFO":      {func(p string) error { return unix.Mkfifo(p, 0o600) }, "it is a FIFO"},
		"directory": {func(p string) error { return os.Mkdir(p, 0o700) }, "it is a directory"},
		"device":    {func(p string) error { return os.Symlink("/dev/null", p) }, "it is a device"},
		"link loop": {func(p string) error { return os.Symlink("error.log", p) }, "too many levels of symbolic links"},
		"socket": {func(p string) error {
			l, err := net.ListenUnix("unix", &net.UnixAddr{Name: p, Net: "unix"})
			if err == nil {
				l.SetUnlinkOnClose(false)
				err = l.Close()
			}
			return err
		}, "it is a socket"},
	} {
		t.Run(name, func(t *testing.T) {
			l := newLog(t)
			l.must(tt.make(l.path))
			l.start()
			if len(l.blind) != 0 {
				t.Errorf("told at once: %q; a rotation looks the same for a moment", l.blind)
			}
			l.now = l.now.Add(blindAfter)
			l.look()
			l.look()
			if len(l.blind) != 1 || !strings.Contains(l.blind[0], tt.want) {
				t.Fatalf("told %q, want once %q", l.blind, tt.want)
			}
			l.must(os.Remove(l.path))
			l.look()
			l.write("", "a real one\n")
			l.look()
			l.want(0, "a real one")
			if last := l.blind[len(l.blind)-1]; last != "" {
				t.Errorf("told %q, want the end of it", last)
			}
		})
	}
}

// TestFIFOIsNotOpened: a reader, however short, would let its writer's open(2) succeed.
func TestFIFOIsNotOpened(t *testing.T) {
	l := newLog(t)
	l.must(unix.Mkfifo(l.path, 0o600))
	l.start()
	if _, err := openFile(l.path); err == nil { // the race: it is opened, found out, and closed
		t.Error("a FIFO was opened as a log")
	}
	fd, err := unix.Open(l.path, unix.O_WRONLY|unix.O_NONBLOCK, 0)
	if err != unix.ENXIO {
		t.Errorf("open for writing: %v (descriptor %d), want ENXIO: nobody reads", err, fd)
	}
}

func TestUnreadableAtFirstIsNotReadFromItsBeginning(t *testing.T) {
	if os.Geteuid() == 0 {
		t.Skip("root may read everything")
	}
	l := newLog(t)
	l.write("", "days old\n")
	l.must(os.Chmod(l.path, 0))
	l.start()
	l.must(os.Chmod(l.path, 0o600))
	l.look()
	l.write("", "new\n")
	l.look()
	l.want(0, "new")
}

func TestIdleNeedsNoFastTimer(t *testing.T) {
	l := newLog(t)
	l.write("", "x\n")
	if next := l.start().look(); next < 5*time.Second || next != lookEvery {
		t.Errorf("next look after %v", next)
	}
	l.must(os.Remove(l.path))
	l.now = l.now.Add(linger)
	l.look()
	l.now = l.now.Add(linger)
	if next := l.look(); next < 5*time.Second {
		t.Errorf("missing: next look after %v", next)
	}
}
