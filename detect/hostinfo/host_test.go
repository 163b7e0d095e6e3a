package hostinfo

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gatemend/gatemend/detect"
	"go.uber.org/goleak"
	"golang.org/x/sys/unix"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func write(t *testing.T, path, text string) {
	t.Helper()
	must(t, os.MkdirAll(filepath.Dir(path), 0o755))
	must(t, os.WriteFile(path, []byte(text), 0o600))
}

func TestReadThisHost(t *testing.T) {
	f, err := os.Open(os.DevNull)
	must(t, err)
	defer f.Close()
	dir := t.TempDir()
	h, lacks := Read(t.Context(), Query{Paths: []string{dir, filepath.Join(dir, "not/yet/there"), "/proc"}, NginxWorker: os.Getpid()})
	if len(lacks) != 0 {
		t.Errorf("lacks %v", lacks)
	}
	if len(h.Disks) != 2 || h.Disks[0].Path != dir || h.Disks[0].FreeBytes <= 0 {
		t.Errorf("disks %+v", h.Disks)
	}
	var limit unix.Rlimit
	must(t, unix.Getrlimit(unix.RLIMIT_NOFILE, &limit))
	if h.MemTotal <= 0 || h.MemFree <= 0 || h.MemFree > h.MemTotal || h.Nofile != int(limit.Cur) || h.NofileUse < 4 || h.Kernel == "" {
		t.Errorf("got %+v", h)
	}
}

func TestWhatIsMissingIsTold(t *testing.T) {
	h, lacks := Read(t.Context(), Query{Paths: []string{"/" + strings.Repeat("x", 300)}, NginxWorker: 1 << 30})
	var facts []string
	for _, l := range lacks {
		facts = append(facts, l.Fact)
		if l.Why == "" {
			t.Errorf("%s: no reason", l.Fact)
		}
	}
	if got := strings.Join(facts, " "); got != "host.disks host.nofile" || h.MemTotal == 0 {
		t.Errorf("lacks %q, host %+v", got, h)
	}
}

func TestAnEndedContextWaitsForNoFileSystem(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	// Either may be first; what must not happen is that both are missing.
	h, lacks := Read(ctx, Query{Paths: []string{"/"}})
	if (len(h.Disks) == 0) == (len(lacks) == 0) {
		t.Errorf("disks %v, lacks %v", h.Disks, lacks)
	}
}

func TestDiskWithoutInodeLimit(t *testing.T) {
	got := disk("/x", unix.Statfs_t{Bavail: 3, Bsize: 4096, Flags: unix.ST_RDONLY})
	if want := (detect.Disk{Path: "/x", FreeBytes: 12288, FreeInodes: -1, ReadOnly: true}); got != want {
		t.Errorf("got %+v", got)
	}
	if got := disk("/x", unix.Statfs_t{Files: 10, Ffree: 0}); got.FreeInodes != 0 || got.ReadOnly {
		t.Errorf("none left: %+v", got)
	}
}

func TestFullDiskForReal(t *testing.T) {
	dir := t.TempDir()
	if err := unix.Mount("tmpfs", dir, "tmpfs", 0, "size=64k,nr_inodes=3"); err != nil {
		t.Skipf("cannot mount here: %v", err)
	}
	t.Cleanup(func() { must(t, unix.Unmount(dir, unix.MNT_DETACH)) })
	_ = os.WriteFile(filepath.Join(dir, "a"), make([]byte, 128<<10), 0o600)
	_ = os.WriteFile(filepath.Join(dir, "b"), nil, 0o600)
	h, _ := Read(t.Context(), Query{Paths: []string{filepath.Join(dir, "log/error.log")}})
	if d := h.Disks[0]; d.FreeBytes != 0 || d.FreeInodes != 0 {
		t.Errorf("got %+v", d)
	}
	must(t, unix.Mount("", dir, "", unix.MS_REMOUNT|unix.MS_RDONLY, ""))
	if h, _ := Read(t.Context(), Query{Paths: []string{dir}}); !h.Disks[0].ReadOnly {
		t.Errorf("got %+v", h.Disks[0])
	}
}

func TestMAC(t *testing.T) {
	for name, c := range map[string]struct{ file, text, want string }{
		"enforcing":    {"fs/selinux/enforce", "1", "selinux enforcing"},
		"permissive":   {"fs/selinux/enforce", "0", "selinux permissive"},
		"apparmor":     {"module/apparmor/parameters/enabled", "Y\n", "apparmor"},
		"apparmor off": {"module/apparmor/parameters/enabled", "N\n", ""},
		"none":         {"x", "", ""},
	} {
		sys := t.TempDir()
		write(t, filepath.Join(sys, c.file), c.text)
		if got := mac(sys); got != c.want {
			t.Errorf("%s: %q", name, got)
		}
	}
}

func TestCounts(t *testing.T) {
	if n, ok := count("low 0\nhigh 3\nmax 4\noom 2\noom_kill 7\noom_group_kill 0\n"); n != 7 || !ok {
		t.Errorf("memory.events: %d %v", n, ok)
	}
	if _, ok := count("oom_kill_disable 0\nunder_oom 0\n"); ok {
		t.Error("counted what is not there")
	}
	if _, err := oomKills("/no/such/group"); err != nil {
		t.Errorf("falls back to the host: %v", err)
	}
	path := filepath.Join(t.TempDir(), "meminfo")
	write(t, path, "MemTotal:        2048 kB\nMemFree:  1 kB\nMemAvailable:    1024 kB\n")
	if free, total, err := memory(path); free != 1<<20 || total != 2<<20 || err != nil {
		t.Errorf("memory %d of %d, %v", free, total, err)
	}
	write(t, path, "garbage")
	if _, _, err := memory(path); err == nil {
		t.Error("garbage was taken")
	}
}
