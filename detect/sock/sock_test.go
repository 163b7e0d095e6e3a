package sock

import (
	"context"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/gatemend/gatemend/detect"
	"github.com/gatemend/gatemend/detect/watch"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func needRoot(t *testing.T) {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip("needs root")
	}
}

// listen binds a unix socket that stays on disk when it is closed.
func listen(t *testing.T, path string) *net.UnixListener {
	t.Helper()
	l, err := net.ListenUnix("unix", &net.UnixAddr{Name: path})
	must(t, err)
	l.SetUnlinkOnClose(false)
	t.Cleanup(func() { l.Close() })
	return l
}

func TestWalk(t *testing.T) {
	base, err := filepath.EvalSymlinks(t.TempDir())
	must(t, err)
	must(t, os.Mkdir(filepath.Join(base, "shop"), 0o750))
	must(t, os.Chmod(filepath.Join(base, "shop"), os.ModeSticky|0o750))
	path := filepath.Join(base, "shop", "s")
	listen(t, path)
	must(t, os.Chmod(path, 0o660))
	must(t, os.Symlink(path, filepath.Join(base, "link")))
	must(t, os.Symlink("shop", filepath.Join(base, "dir")))
	must(t, os.WriteFile(filepath.Join(base, "file"), nil, 0o600))
	for _, c := range []struct {
		path   string
		kinds  string // of the parts below base
		exists bool
		real   string // of the last
	}{
		{"/shop/s", "dir socket", true, ""},
		{"/shop/none", "dir missing", false, ""},
		{"/none/s", "missing", false, ""},
		{"/file", "file", true, ""},
		{"/file/s", "file missing", false, ""},
		{"/dir/s", "link dir socket", true, "/shop/s"},
	} {
		got := Walk(base + c.path)
		above := strings.Count(base, "/") + 1
		var kinds []string
		for _, p := range got.Parts[above:] {
			kinds = append(kinds, p.Kind)
		}
		last := got.Last()
		if s := strings.Join(kinds, " "); s != c.kinds || got.Exists() != c.exists || strings.TrimPrefix(last.Real, base) != c.real {
			t.Errorf("%s: %q exists %v real %q", c.path, s, got.Exists(), last.Real)
		}
	}
	got := Walk(path)
	dir, sock := got.Parts[len(got.Parts)-2], got.Last()
	if dir.Mode != 0o1750 || sock.Mode != 0o660 || sock.Inode == 0 || sock.Links != 1 || sock.CTime == 0 || sock.UID != os.Geteuid() {
		t.Errorf("dir %+v, socket %+v", dir, sock)
	}
	if os.Geteuid() == 0 && (sock.Owner != "root" || sock.Group != "root") {
		t.Errorf("socket %+v", sock)
	}
}

func TestWalkEndsAtALinksTarget(t *testing.T) {
	base, err := filepath.EvalSymlinks(t.TempDir())
	must(t, err)
	path, link := filepath.Join(base, "s"), filepath.Join(base, "link")
	must(t, os.Symlink(path, link))
	if got := Walk(link); got.Exists() || got.Last().Kind != "missing" || got.Last().Path != path {
		t.Errorf("dangling: %+v", got.Last())
	}
	listen(t, path)
	if got := Walk(link); !got.Exists() || got.Last().Kind != "socket" || got.Last().Real != path {
		t.Errorf("got %+v", got.Last())
	}
}

func TestListenersOnAPath(t *testing.T) {
	needRoot(t)
	base, err := filepath.EvalSymlinks(t.TempDir())
	must(t, err)
	path := filepath.Join(base, "s")
	first := listen(t, path)
	q := Query{Target: detect.Unix(path)}
	for range 3 {
		c, err := net.Dial("unix", path)
		must(t, err)
		defer c.Close()
	}
	got := listeners(t, q)
	if len(got) != 1 || !got[0].Ours || got[0].SameFile != "yes" || got[0].Queue != 3 || got[0].Backlog == 0 {
		t.Fatalf("got %+v", got)
	}
	if o := got[0].Owners; len(o) != 1 || o[0].PID != os.Getpid() {
		t.Errorf("owners %+v", o)
	}
	must(t, os.Remove(path))
	if got := listeners(t, q); len(got) != 1 || got[0].SameFile != "no" || !got[0].Ours {
		t.Errorf("unlinked: %+v", got)
	}
	listen(t, path) // steals the path
	same := map[string]int{}
	for _, l := range listeners(t, q) {
		same[l.SameFile]++
	}
	if same["yes"] != 1 || same["no"] != 1 {
		t.Errorf("stolen: %v", same)
	}
	must(t, first.Close())
	if got := listeners(t, q); len(got) != 1 || got[0].SameFile != "yes" {
		t.Errorf("only the thief is left: %+v", got)
	}
}

func TestListenerByAnotherName(t *testing.T) {
	needRoot(t)
	base, err := filepath.EvalSymlinks(t.TempDir())
	must(t, err)
	listen(t, filepath.Join(base, "s"))
	must(t, os.Symlink(base, base+"-link"))
	t.Cleanup(func() { _ = os.Remove(base + "-link") })
	got := listeners(t, Query{Target: detect.Unix(base + "-link/s")})
	if len(got) != 1 || !got[0].Ours || got[0].SameFile != "yes" {
		t.Errorf("through a link: %+v", got)
	}
	if got := listeners(t, Query{Target: detect.Unix(filepath.Join(base, "t"))}); len(got) != 0 {
		t.Errorf("another path: %+v", got)
	}
}

func listeners(t *testing.T, q Query) []detect.Listener {
	t.Helper()
	got, err := Listeners(q)
	must(t, err)
	return got
}

func TestListenersOnTCP(t *testing.T) {
	needRoot(t)
	fd, err := syscall.Socket(syscall.AF_INET, syscall.SOCK_STREAM|syscall.SOCK_CLOEXEC, 0)
	must(t, err)
	defer syscall.Close(fd)
	must(t, syscall.Bind(fd, &syscall.SockaddrInet4{Addr: [4]byte{127, 0, 0, 1}}))
	must(t, syscall.Listen(fd, 7))
	name, err := syscall.Getsockname(fd)
	must(t, err)
	port := name.(*syscall.SockaddrInet4).Port
	c, err := net.Dial("tcp", fmt.Sprintf("127.0.0.1:%d", port))
	must(t, err)
	defer c.Close()
	got := listeners(t, Query{Target: detect.TCP(fmt.Sprintf("localhost:%d", port))})
	if len(got) != 1 || got[0].Queue != 1 || got[0].Backlog != 7 || got[0].Target != detect.TCP(fmt.Sprintf("127.0.0.1:%d", port)) {
		t.Errorf("got %+v", got)
	}
	on, err := OnPorts(port)
	if err != nil || len(on) != 1 || len(on[0].Owners) != 1 || on[0].Owners[0].PID != os.Getpid() {
		t.Errorf("on the port: %+v, %v", on, err)
	}
}

func TestCovers(t *testing.T) {
	for _, c := range []struct {
		listener, target string
		want             bool
	}{
		{"127.0.0.1:8000", "127.0.0.1:8000", true},
		{"127.0.0.1:8000", "127.0.0.1:8001", false},
		{"127.0.0.1:8000", "127.0.0.2:8000", false},
		{"0.0.0.0:8000", "127.0.0.1:8000", true},
		{"0.0.0.0:8000", "[::1]:8000", false},
		{"[::]:8000", "127.0.0.1:8000", true},
		{"[::1]:8000", "localhost:8000", true},
		{"10.0.0.1:8000", "localhost:8000", false},
		{"127.0.0.1:8000", "app.internal:8000", false},
	} {
		if got := covers(detect.TCP(c.listener), detect.TCP(c.target)); got != c.want {
			t.Errorf("%s covers %s: %v", c.listener, c.target, got)
		}
	}
	if covers(detect.TCP("127.0.0.1:1"), detect.Unix("/x")) {
		t.Error("TCP covers unix")
	}
}

func TestSensor(t *testing.T) {
	w := watch.New()
	ctx, cancel := context.WithCancel(context.Background())
	out := make(chan detect.Trigger)
	done := make(chan error, 2)
	base, err := filepath.EvalSymlinks(t.TempDir())
	must(t, err)
	dir := filepath.Join(base, "shop")
	must(t, os.Mkdir(dir, 0o755))
	path := filepath.Join(dir, "s")
	go func() { done <- w.Run(ctx) }()
	go func() { done <- Watch(ctx, w, map[string][]string{path: {"a", "b"}}, out) }()
	defer func() {
		cancel()
		for range 2 {
			if err := <-done; err != nil {
				t.Error(err)
			}
		}
	}()
	expect := func(what string) {
		t.Helper()
		var sites []string
		for range 2 {
			select {
			case tr := <-out:
				if !strings.Contains(tr.Why, what) || tr.Sensor != detect.SensorSocket || tr.At == 0 || tr.Lost {
					t.Errorf("trigger %+v, want %q", tr, what)
				}
				sites = append(sites, tr.Site)
			case <-time.After(10 * time.Second):
				t.Fatalf("no trigger: %s", what)
			}
		}
		if slices.Sort(sites); !slices.Equal(sites, []string{"a", "b"}) {
			t.Errorf("sites %v", sites)
		}
	}
	subscribed(t, w)
	listen(t, path)
	expect(path + " is there now")
	must(t, os.Chmod(path, 0o600))
	expect("from 0755 to 0600")
	must(t, os.Chmod(dir, 0o700))
	expect(dir + " changed its mode")
	must(t, os.Rename(dir, dir+".away"))
	expect(dir + " is gone")
	must(t, os.Rename(dir+".away", dir))
	expect(dir + " is there now")
	must(t, os.WriteFile(filepath.Join(dir, "other"), nil, 0o600))
	must(t, os.Chmod(path, 0o600)) // to the same: only touched
	expect("replaced or touched")
	must(t, os.Remove(path))
	expect(path + " is gone")
	select {
	case tr := <-out:
		t.Errorf("one more: %+v", tr)
	case <-time.After(50 * time.Millisecond):
	}
}

// subscribed waits until the sensor has begun: it takes its first look before it subscribes.
func subscribed(t *testing.T, w *watch.Watcher) {
	t.Helper()
	for end := time.Now().Add(10 * time.Second); time.Now().Before(end); time.Sleep(time.Millisecond) {
		if w.Subs() > 0 {
			return
		}
	}
	t.Fatal("the sensor never began")
}
