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
	"github.com/gatemend/gatemend/detect/wire"
)

// served puts a Local behind a socket, as the helper does.
func served(t *testing.T, l *Local) Client {
	t.Helper()
	path := filepath.Join(t.TempDir(), "look.sock")
	socket, err := net.ListenUnix("unix", &net.UnixAddr{Name: path, Net: "unix"})
	must(t, err)
	ctx, cancel := context.WithCancel(context.Background())
	s := wire.Server{Handle: l.Answer, May: func(uid int) bool { return uid == os.Getuid() }, AtOnce: 4, Within: 10 * time.Second}
	var all sync.WaitGroup
	all.Go(func() {
		if err := s.Serve(ctx, socket, &wire.Activity{}); err != nil {
			t.Error(err)
		}
	})
	t.Cleanup(func() { cancel(); all.Wait(); socket.Close() })
	return NewClient(path)
}

// What a client is told is what root sees.
func TestTheClientSeesWhatRootSees(t *testing.T) {
	nginx(t, "")
	path := filepath.Join(open(t), "s")
	listen(t, "unix", path)
	must(t, os.Chmod(path, 0o777))
	l := at(detect.Unix(path), Options{})
	c := served(t, l)

	conn, got, err := c.ConnectAsWorker(t.Context(), "shop", "/")
	if err != nil || got.Outcome != detect.Connected || got.UID != nobody || conn == nil {
		t.Fatal(conn, got, err)
	}
	if b, err := io.ReadAll(conn); err != nil || string(b) != "x" {
		t.Errorf("the connection gave %q, %v", b, err)
	}
	conn.Close()
	want, err := l.Path(t.Context(), "shop", "/")
	must(t, err)
	seen, err := c.Path(t.Context(), "shop", "/")
	if err != nil || len(seen.Parts) != len(want.Parts) || *seen.Last() != *want.Last() {
		t.Errorf("path %+v, %v", seen, err)
	}
	if ls, err := c.Listeners(t.Context(), "shop", "/"); err != nil || len(ls) != 1 || !ls[0].Ours {
		t.Errorf("listeners %+v, %v", ls, err)
	}
	if _, err := c.Host(t.Context(), "shop", "/"); err != nil {
		t.Errorf("host: %v", err)
	}
	must(t, os.Chmod(path, 0o600))
	conn, got, err = c.ConnectAsWorker(t.Context(), "shop", "/")
	if conn != nil || err != nil || got.Outcome != detect.Denied || got.Errno != int(syscall.EACCES) {
		t.Errorf("closed: %v %+v %v", conn, got, err)
	}
}

// A request can name what is configured, by its name, and nothing else.
func TestNothingElseCanBeAsked(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("needs root")
	}
	c := served(t, at(detect.Unix("/none"), Options{}))
	for _, line := range []string{
		"connect blog /", "connect shop /etc/shadow", "path shop /etc/shadow", "path /etc/shadow", "connect", "connect shop",
		"connect shop / x", "unit shop / ssh.service", "unit shop / socket", "fingerprints /etc/shadow", "fingerprints shop /", "nginx-conf /etc/shadow", "nginx-dump",
		"nginx-test -c /tmp/x", "read /etc/shadow", "", "restart shop / unit", "CONNECT shop /",
	} {
		file, err := wire.Ask(t.Context(), c.path, line, nil)
		if e, ok := errors.AsType[*wire.Error](err); !ok || file != nil {
			t.Errorf("%q: %v, %v, want a refusal", line, e, err)
		}
	}
}

// The app's user owns the directory. A link in the socket's place leads to another's socket: the
// helper connects as nginx's worker, to the listener too, and keeps the connection.
func TestAForeignSocketIsNotPassed(t *testing.T) {
	nginx(t, "")
	dir := open(t)
	private := filepath.Join(dir, "bus")
	listen(t, "unix", private)
	must(t, os.Chmod(private, 0o777))
	must(t, os.Symlink(private, filepath.Join(dir, "s")))
	local := at(detect.Unix(filepath.Join(dir, "s")), Options{})
	local.units = units{"shop.service": {UID: os.Getuid() + 4711}}
	conn, _, err := served(t, local).ConnectAsWorker(t.Context(), "shop", "/")
	if conn != nil || err == nil || !strings.Contains(err.Error(), "bound as") {
		t.Errorf("got %v, %v", conn, err)
	}
}

// Who listens must see nginx's user, not root: D-Bus would take root's word for anything.
func TestTheListenerSeesTheWorker(t *testing.T) {
	nginx(t, "")
	path := filepath.Join(open(t), "s")
	socket, err := net.ListenUnix("unix", &net.UnixAddr{Name: path, Net: "unix"})
	must(t, err)
	defer socket.Close()
	must(t, os.Chmod(path, 0o777))
	seen := make(chan int, 1)
	go func() {
		conn, err := socket.AcceptUnix()
		if err != nil {
			seen <- -1
			return
		}
		defer conn.Close()
		uid, _ := wire.Peer(conn) // SO_PEERCRED works both ways
		seen <- uid
	}()
	conn, _, err := at(detect.Unix(path), Options{}).ConnectAsWorker(t.Context(), "shop", "/")
	must(t, err)
	defer conn.Close()
	if uid := <-seen; uid != nobody {
		t.Errorf("the listener sees user %d", uid)
	}
}

// A helper that is gone, or late, says nothing about the upstream.
func TestAnAbsentHelperIsNoOutcome(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for name, c := range map[string]struct {
		ctx    context.Context
		looker Looker
	}{
		"absent": {t.Context(), NewClient("/nonexistent/look.sock")},
		"late":   {ctx, served(t, at(detect.Unix("/none"), Options{}))},
	} {
		_, err := asWorker(c.ctx, c.looker, "shop", "/")
		judged, ok := errors.AsType[NotConnected](err)
		_, errno := errors.AsType[syscall.Errno](err)
		if !ok || judged.Outcome() != detect.NotAsked || errno || errors.Is(err, context.Canceled) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
