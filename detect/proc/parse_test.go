package proc

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/gatemend/gatemend/detect"
	"github.com/google/go-cmp/cmp"
	"golang.org/x/sys/unix"
)

func TestParseStat(t *testing.T) {
	line := "417 (gunicorn: (w) or) S 410 1 1 0 -1 4194560 100 0 0 0 7 5 0 0 20 0 1 0 123456 0 0 0"
	got, err := parseStat([]byte(line))
	want := stat{comm: "gunicorn: (w) or", state: "S", ppid: 410, ticks: 12, start: 123456}
	if err != nil || got != want {
		t.Errorf("got %+v, %v", got, err)
	}
	for _, bad := range []string{"", "1", "1 (a", ")(", "1 (a) S 1", strings.Replace(line, "123456", "x", 1)} {
		if _, err := parseStat([]byte(bad)); err == nil {
			t.Errorf("%q was taken", bad)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add("1 (a) S 1 1 1 0 -1 0 0 0 0 0 7 5 0 0 20 0 1 0 9 0\nUid:\t0 0 0 0\n0::/a.service\n1: POSIX ADVISORY WRITE 1 00:01:2 0 EOF")
	f.Fuzz(func(t *testing.T, s string) {
		_, _ = parseStat([]byte(s))
		_, _ = parseStatus([]byte(s))
		parseCgroup(s).unit(cgroup{})
		parseLocks(s)
		parseSession("1", s)
		for _, a := range parseArgs([]byte(s)) {
			if strings.ContainsAny(a, "\x00\x1b\n") || len(a) > detect.TextMax {
				t.Errorf("argument %q", a)
			}
		}
	})
}

func TestUnitOf(t *testing.T) {
	host := cgroup{}
	inside := cgroup{unified: "/gm-1", systemd: "/gm-1"}
	for _, c := range []struct {
		manager    cgroup
		text, want string
	}{
		{host, "0::/system.slice/shop.service\n", "shop.service"},
		{host, "0::/system.slice/system-shop.slice/shop@1.service/sub\n", "shop@1.service"},
		{host, "0::/user.slice/user-1000.slice/user@1000.service/app.slice/shop.service\n", "user@1000.service"},
		{host, "0::/user.slice/user-0.slice/session-3.scope\n", "session-3.scope"},
		{host, "0::/system.slice/docker-0123.scope\n", "docker-0123.scope"},
		{host, "0::/machine.slice/machine-web.scope/payload/system.slice/nginx.service\n", "machine-web.scope"},
		{host, "0::/docker/0123456789abcdef\n", "docker/0123456789ab"},
		{host, "0::/lxc.payload.web/system.slice/nginx.service\n", "lxc.payload.web"},
		{host, "0::/gm-1/system.slice/nginx.service\n", "gm-1/system.slice"},
		{host, "12:memory:/x\n1:name=systemd:/system.slice/shop.service\n0::/\n", "shop.service"},
		{host, "0::/system.slice/shop.service (deleted)\n", "shop.service"},
		{host, "0::/system.slice\n", ""}, {host, "0::/\n", ""}, {host, "", ""}, {host, "garbage", ""},
		{host, "0::/../session.scope\n", ""},
		{inside, "1:name=systemd:/gm-1\n0::/gm-1/system.slice/shop.service\n", "shop.service"},
		{inside, "1:name=systemd:/gm-1\n0::/gm-1/init.scope\n", "init.scope"},
		{inside, "0::/gm-10/system.slice/shop.service\n", "gm-10/system.slice"},
	} {
		if got := parseCgroup(c.text).unit(c.manager); got != c.want {
			t.Errorf("%q: %q, want %q", c.text, got, c.want)
		}
		if got := parseCgroup(c.text).unit(c.manager); strings.HasPrefix(c.want, "gm-") && !contained(got) {
			t.Errorf("%q is taken for a unit of ours", got)
		}
	}
}

func TestHeldLocks(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "lock-frontend")
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	paths := []string{filepath.Join(dir, "none"), path}
	if h, err := held(paths); h != nil || err != nil {
		t.Errorf("a free lock is held: %+v, %v", h, err)
	}
	if err := unix.FcntlFlock(f.Fd(), unix.F_SETLK, &unix.Flock_t{Type: unix.F_WRLCK}); err != nil {
		t.Fatal(err)
	}
	h, err := held(paths)
	if err != nil || h == nil || h.Path != path || h.Holder.PID != os.Getpid() || h.Holder.Start == 0 {
		t.Errorf("got %+v, %v", h, err)
	}
	if _, err := PackageLock(); err != nil {
		t.Error(err)
	}
}

func TestParseLocksSkipsWaiters(t *testing.T) {
	text := "1: POSIX  ADVISORY  WRITE 12 fe:10:77 0 EOF\n1: -> POSIX  ADVISORY  WRITE 13 fe:10:77 0 EOF\n2: FLOCK  ADVISORY  WRITE 14 00:2f:78 0 EOF\nshort\n"
	got := parseLocks(text)
	want := []lock{{12, 0xfe, 0x10, 77}, {14, 0, 0x2f, 78}}
	if !slices.Equal(got, want) {
		t.Errorf("got %+v", got)
	}
}

func TestSessions(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{
		"3":  "# private\nUID=0\nUSER=root\nACTIVE=1\nSTATE=active\nCLASS=user\nREALTIME=1700000000000000\n",
		"c1": "UID=1\nUSER=gdm\nSTATE=active\nCLASS=greeter\nREALTIME=1\n",
		"4":  "UID=0\nUSER=root\nSTATE=closing\nCLASS=user\nREALTIME=1\n",
		"5":  "UID=0\nUSER=root\nSTATE=active\nCLASS=manager\nREALTIME=1\n",
		"6":  "USER=a\x1bb\nSTATE=online\nCLASS=user\nREALTIME=x\n",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := unix.Mkfifo(filepath.Join(dir, "3.ref"), 0o600); err != nil {
		t.Fatal(err)
	}
	got, err := sessionsIn(dir)
	want := []detect.Session{{ID: "3", User: "root", Since: 1700000000000000}, {ID: "6", User: `a\x1bb`}}
	if err != nil || !cmp.Equal(got, want) {
		t.Errorf("%v %s", err, cmp.Diff(want, got))
	}
	if got, err := sessionsIn(filepath.Join(dir, "none")); got != nil || err != nil {
		t.Errorf("without logind: %v, %v", got, err)
	}
}
