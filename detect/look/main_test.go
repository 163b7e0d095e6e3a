package look

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/gatemend/gatemend/detect"
	"github.com/gatemend/gatemend/detect/proc"
	"go.uber.org/goleak"
	"golang.org/x/sys/unix"
)

const (
	nobody = 65534
	shared = 4242 // a group that only the worker has
)

// The main goroutine keeps the first thread, so that TestMain can see what aside does there.
func init() { runtime.LockOSThread() }

var asideTID = make(chan int, 1)

func TestMain(m *testing.M) {
	if os.Getenv("FAKE_NGINX") != "" {
		os.Exit(fakeMaster())
	}
	aside(func() { asideTID <- unix.Gettid() })
	goleak.VerifyTestMain(m)
}

// fakeMaster is a process that looks like nginx's master: it starts a worker as another user,
// and ends when its standard input does.
func fakeMaster() int {
	if dir := os.Getenv("FAKE_PRIVATE"); dir != "" {
		err := errors.Join(
			unix.Unshare(unix.CLONE_NEWNS),
			unix.Mount("", "/", "", unix.MS_REC|unix.MS_PRIVATE, ""),
			unix.Mount("tmpfs", dir, "tmpfs", 0, "mode=0755"))
		if err != nil {
			fmt.Println("cannot:", err)
			return 1
		}
	}
	worker := exec.Cmd{
		Path: os.Getenv("FAKE_NGINX"), Args: []string{"nginx: worker process", "300"},
		SysProcAttr: &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: nobody, Gid: nobody, Groups: []uint32{shared}}},
	}
	if err := worker.Start(); err != nil {
		fmt.Println("cannot:", err)
		return 1
	}
	fmt.Println(worker.Process.Pid)
	_, _ = io.Copy(io.Discard, os.Stdin)
	_ = worker.Process.Kill()
	_ = worker.Wait()
	return 0
}

// nginx starts a fake master with a worker as nobody. Private is a directory that the worker
// sees empty, as with PrivateTmp=.
func nginx(t *testing.T, private string) {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip("needs root")
	}
	dir := open(t)
	link := filepath.Join(dir, "worker", "nginx")
	must(t, os.Mkdir(filepath.Dir(link), 0o755))
	must(t, os.Symlink("/bin/sleep", link))
	self, err := os.Executable()
	must(t, err)
	must(t, os.Symlink(self, filepath.Join(dir, "nginx")))
	master := exec.Cmd{
		Path: filepath.Join(dir, "nginx"), Args: []string{"nginx: master process /usr/sbin/nginx"},
		Env: []string{"FAKE_NGINX=" + link, "FAKE_PRIVATE=" + private},
	}
	stdin, err := master.StdinPipe()
	must(t, err)
	stdout, err := master.StdoutPipe()
	must(t, err)
	must(t, master.Start())
	t.Cleanup(func() { stdin.Close(); _ = master.Wait() })
	said := make([]byte, 200)
	n, _ := stdout.Read(said)
	pid, err := strconv.Atoi(strings.TrimSpace(string(said[:n])))
	if err != nil {
		t.Skipf("no fake nginx: %s", said[:n])
	}
	for end := time.Now().Add(10 * time.Second); ; time.Sleep(time.Millisecond) {
		if p, err := proc.Read(pid); err == nil && p.Comm == "nginx" && p.UID == nobody {
			return
		}
		if time.Now().After(end) {
			t.Fatal("the worker never ran")
		}
	}
}

// open makes a directory that every user may pass, unlike t.TempDir.
func open(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("/tmp", "gatemend-look-")
	must(t, err)
	must(t, os.Chmod(dir, 0o755))
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	return dir
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

type units map[string]*detect.Unit

func (u units) Unit(_ context.Context, name string) (*detect.Unit, error) {
	if got, ok := u[name]; ok {
		return got, nil
	}
	return nil, fmt.Errorf("cannot read unit %q", name)
}

// at is a Local with one site, shop, whose route / has the target.
func at(target detect.Target, opts Options) *Local {
	sites := []detect.Site{{Name: "shop", Routes: []detect.Route{{Path: "/", Target: target, Unit: "shop.service"}}}}
	return NewLocal(func() []detect.Site { return sites }, units{}, opts)
}
