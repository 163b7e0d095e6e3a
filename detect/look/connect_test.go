package look

import (
	"context"
	"errors"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/gatemend/gatemend/detect"
	"github.com/gatemend/gatemend/detect/proc"
	"golang.org/x/sys/unix"
)

// listen binds path and echoes one byte to whoever connects.
func listen(t *testing.T, network, address string) net.Listener {
	t.Helper()
	l, err := net.Listen(network, address)
	must(t, err)
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			_, _ = c.Write([]byte("x"))
			c.Close()
		}
	}()
	t.Cleanup(func() { l.Close(); <-done })
	return l
}

// modes are sockets and directories as they go wrong, and whether a worker with user nobody,
// group nogroup and the group shared may connect.
var modes = []struct {
	name     string
	dir      os.FileMode
	socket   os.FileMode
	uid, gid int
	outcome  detect.Outcome
	mayDir   string
	maySock  string
}{
	{"gunicorn's default", 0o755, 0o777, 0, 0, detect.Connected, "yes", "yes"},
	{"systemd's default", 0o755, 0o666, 0, 0, detect.Connected, "yes", "yes"},
	{"owner only", 0o755, 0o700, 0, 0, detect.Denied, "yes", "no"},
	{"another group", 0o755, 0o660, 0, 0, detect.Denied, "yes", "no"},
	{"read without write", 0o755, 0o775, 0, 0, detect.Denied, "yes", "no"},
	{"the worker's own", 0o755, 0o600, nobody, 0, detect.Connected, "yes", "yes"},
	{"its main group", 0o755, 0o660, 0, nobody, detect.Connected, "yes", "yes"},
	{"its other group", 0o755, 0o660, 0, shared, detect.Connected, "yes", "yes"},
	{"a directory of another", 0o700, 0o777, 0, 0, detect.Denied, "no", "no"},
	{"a directory that lists only", 0o744, 0o777, 0, 0, detect.Denied, "no", "no"},
	{"a directory that passes only", 0o711, 0o777, 0, 0, detect.Connected, "yes", "yes"},
}

func TestTheWorkersViewIsTheKernels(t *testing.T) {
	nginx(t, "")
	base := open(t)
	for i, c := range modes {
		t.Run(c.name, func(t *testing.T) {
			dir := filepath.Join(base, string(rune('a'+i)))
			must(t, os.Mkdir(dir, 0o755))
			path := filepath.Join(dir, "s")
			listen(t, "unix", path)
			must(t, os.Chown(path, c.uid, c.gid))
			must(t, os.Chmod(path, c.socket))
			must(t, os.Chmod(dir, c.dir))
			l := at(detect.Unix(path), Options{})

			conn, got, err := l.ConnectAsWorker(t.Context(), "shop", "/")
			if err != nil || got.Outcome != c.outcome || got.UID != nobody || got.User != "nobody" || got.At == 0 {
				t.Fatalf("got %+v, %v, want %s", got, err, c.outcome)
			}
			if (got.Errno == int(syscall.EACCES)) != (c.outcome == detect.Denied) {
				t.Errorf("errno %d", got.Errno)
			}
			if (conn != nil) != (c.outcome == detect.Connected) {
				t.Errorf("connection %v", conn)
			}
			if conn != nil {
				if b, err := io.ReadAll(conn); err != nil || string(b) != "x" {
					t.Errorf("the connection gave %q, %v", b, err)
				}
				conn.Close()
			}
			p, err := l.Path(t.Context(), "shop", "/")
			must(t, err)
			n := len(p.Parts)
			if d, s := p.Parts[n-2], p.Parts[n-1]; d.WorkerMay != c.mayDir || s.WorkerMay != c.maySock || p.Parts[0].WorkerMay != "yes" {
				t.Errorf("may pass the directory: %q, may write: %q", d.WorkerMay, s.WorkerMay)
			}
		})
	}
}

func TestWhatIsInTheWay(t *testing.T) {
	nginx(t, "")
	dir := open(t)
	stale, err := net.ListenUnix("unix", &net.UnixAddr{Name: filepath.Join(dir, "stale")})
	must(t, err)
	stale.SetUnlinkOnClose(false)
	must(t, stale.Close())
	must(t, os.Chmod(filepath.Join(dir, "stale"), 0o777))
	tcp := listen(t, "tcp", "127.0.0.1:0").Addr().String()
	_, port, _ := net.SplitHostPort(tcp)
	for _, c := range []struct {
		name    string
		target  detect.Target
		outcome detect.Outcome
		errno   syscall.Errno
	}{
		{"missing", detect.Unix(filepath.Join(dir, "none")), detect.Missing, syscall.ENOENT},
		{"stale", detect.Unix(filepath.Join(dir, "stale")), detect.Refused, syscall.ECONNREFUSED},
		{"too long", detect.Unix("/" + strings.Repeat("x", 200)), detect.BadPath, syscall.EINVAL},
		{"full", detect.Unix(full(t, dir)), detect.Backlog, syscall.EAGAIN},
		{"TCP", detect.TCP(tcp), detect.Connected, 0},
		{"TCP by name, on one of its addresses", detect.TCP("localhost:" + port), detect.Connected, 0},
		{"TCP closed", detect.TCP("127.0.0.1:1"), detect.Refused, syscall.ECONNREFUSED},
	} {
		t.Run(c.name, func(t *testing.T) {
			conn, got, err := at(c.target, Options{}).ConnectAsWorker(t.Context(), "shop", "/")
			if err != nil || got.Outcome != c.outcome || got.Errno != int(c.errno) {
				t.Errorf("got %+v, %v", got, err)
			}
			if conn != nil {
				conn.Close()
			}
		})
	}
}

func full(t *testing.T, dir string) string {
	t.Helper()
	path := filepath.Join(dir, "full")
	fd, err := unix.Socket(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	must(t, err)
	t.Cleanup(func() { _ = unix.Close(fd) })
	must(t, unix.Bind(fd, &unix.SockaddrUnix{Name: path}))
	must(t, unix.Listen(fd, 0))
	must(t, os.Chmod(path, 0o777))
	c, err := net.Dial("unix", path)
	must(t, err)
	t.Cleanup(func() { c.Close() })
	return path
}

// With PrivateTmp= in nginx's unit, the same path is another place for nginx.
func TestTheWorkersOwnMounts(t *testing.T) {
	dir := open(t)
	path := filepath.Join(dir, "s")
	listen(t, "unix", path)
	must(t, os.Chmod(path, 0o777))
	nginx(t, dir)
	l := at(detect.Unix(path), Options{})
	_, got, err := l.ConnectAsWorker(t.Context(), "shop", "/")
	if err != nil || got.Outcome != detect.Missing {
		t.Errorf("got %+v, %v", got, err)
	}
	p, err := l.Path(t.Context(), "shop", "/")
	if err != nil || p.Exists() || p.Last().Kind != "missing" {
		t.Errorf("path %+v, %v", p, err)
	}
	ls, err := l.Listeners(t.Context(), "shop", "/")
	if err != nil || len(ls) != 1 || ls[0].SameFile != "no" {
		t.Errorf("listeners %+v, %v", ls, err)
	}
	if _, err := os.Stat(path); err != nil {
		t.Errorf("our own root was changed: %v", err)
	}
}

func TestOnlyNamesAreTaken(t *testing.T) {
	l := at(detect.Unix("/run/shop.sock"), Options{User: "nobody"})
	for _, name := range [][2]string{{"other", "/"}, {"shop", "/other"}, {"/run/shop.sock", "/"}, {"", ""}} {
		_, _, err := l.ConnectAsWorker(t.Context(), name[0], name[1])
		if !errors.Is(err, ErrUnknown) {
			t.Errorf("%q: %v", name, err)
		}
		if _, err := l.Listeners(t.Context(), name[0], name[1]); !errors.Is(err, ErrUnknown) {
			t.Errorf("%q: %v", name, err)
		}
	}
}

func TestWithoutAWorker(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("needs root")
	}
	if _, workers, err := proc.FindNginx("nginx.service"); err != nil || proc.Worker(workers) != nil {
		t.Skip("an nginx runs here")
	}
	path := filepath.Join(open(t), "s")
	listen(t, "unix", path)
	must(t, os.Chmod(path, 0o700))
	_, c, err := at(detect.Unix(path), Options{}).ConnectAsWorker(t.Context(), "shop", "/")
	if !errors.Is(err, ErrNoWorker) || c.Outcome != detect.NotAsked {
		t.Errorf("nobody to look as: %+v, %v", c, err)
	}
	_, c, err = at(detect.Unix(path), Options{User: "nobody"}).ConnectAsWorker(t.Context(), "shop", "/")
	if err != nil || c.Outcome != detect.Denied || c.UID != nobody {
		t.Errorf("as the configured user: %+v, %v", c, err)
	}
}

func TestDialerKeepsTheErrno(t *testing.T) {
	nginx(t, "")
	_, err := asWorker(t.Context(), at(detect.Unix("/nonexistent/s"), Options{}), "shop", "/")
	var judged interface{ Outcome() detect.Outcome }
	if !errors.Is(err, syscall.ENOENT) || !errors.As(err, &judged) || judged.Outcome() != detect.Missing {
		t.Errorf("got %v", err)
	}
}

// A thread that kept another identity, or lent it to others, would be worse than no answer.
func TestTheProcessStaysItself(t *testing.T) {
	nginx(t, "")
	before := threads(t)
	secret := filepath.Join(t.TempDir(), "secret")
	must(t, os.WriteFile(secret, []byte("s"), 0o600))
	l := at(detect.Unix(secret), Options{})
	var running sync.WaitGroup
	for range 16 {
		running.Go(func() {
			for range 3 {
				if _, c, err := l.ConnectAsWorker(context.Background(), "shop", "/"); err != nil || c.Outcome != detect.Denied {
					t.Errorf("got %+v, %v", c, err)
				}
				if _, err := os.ReadFile(secret); err != nil {
					t.Errorf("another goroutine lost its rights: %v", err)
				}
			}
		})
	}
	running.Wait()
	for end := time.Now().Add(10 * time.Second); ; time.Sleep(time.Millisecond) {
		odd := ""
		after := threads(t)
		for status := range after {
			if !before[status] {
				odd = status
			}
		}
		if odd == "" {
			return
		}
		if time.Now().After(end) {
			t.Fatalf("a thread is left with %q, want one of %v", odd, before)
		}
	}
}

// threads gives the distinct identities of this process's threads.
func threads(t *testing.T) map[string]bool {
	t.Helper()
	tasks, err := filepath.Glob("/proc/self/task/*/status")
	must(t, err)
	out := map[string]bool{}
	for _, task := range tasks {
		b, err := os.ReadFile(task)
		if err != nil {
			continue // ended
		}
		var id []string
		for line := range strings.Lines(string(b)) {
			for _, key := range []string{"Uid:", "Gid:", "Groups:", "CapEff:"} {
				if strings.HasPrefix(line, key) {
					id = append(id, strings.Join(strings.Fields(line), " "))
				}
			}
		}
		out[strings.Join(id, "; ")] = true
	}
	return out
}

func TestTheFirstThreadIsNeverTaken(t *testing.T) {
	if tid := <-asideTID; tid == os.Getpid() {
		t.Error("work ran on the first thread")
	}
}

func TestALateResultIsUndone(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("needs root")
	}
	ctx, cancel := context.WithCancel(t.Context())
	undone, release := make(chan int, 1), make(chan struct{})
	id := identity{Credentials: proc.Credentials{UID: nobody, GID: nobody}, root: -1}
	go cancel()
	_, err := as(ctx, id, func() int { <-release; return 7 }, func(v int) { undone <- v })
	if !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	close(release)
	if v := <-undone; v != 7 {
		t.Errorf("undid %d", v)
	}
}
