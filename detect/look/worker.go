package look

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"

	"github.com/gatemend/gatemend/detect"
	"github.com/gatemend/gatemend/detect/proc"
	"github.com/gatemend/gatemend/detect/sock"
	"golang.org/x/sys/unix"
)

// ErrNoWorker tells that no nginx worker runs, and that its user is not configured.
var ErrNoWorker = errors.New("no nginx worker is running to look as")

// worker is an nginx worker to look as.
type worker struct {
	id       identity
	user     string
	rootPath string // "" for our own root
}

// groups are the main group and the others, each once.
func (w worker) groups() []int {
	all := append([]int{w.id.GID}, w.id.Groups...)
	slices.Sort(all)
	return slices.Compact(all)
}

func (w worker) close() {
	if w.id.root >= 0 {
		_ = unix.Close(w.id.root)
	}
}

// worker finds a running worker, or makes one up from the configured user.
func (l *Local) worker() (worker, error) {
	if os.Geteuid() != 0 {
		return worker{}, ErrNotRoot
	}
	_, workers, err := proc.FindNginx(l.opts.Nginx)
	if err != nil {
		return worker{}, err
	}
	if p := proc.Worker(workers); p != nil {
		return running(p.PID)
	}
	return configured(l.opts.User)
}

func running(pid int) (worker, error) {
	rights, err := proc.Rights(pid)
	if err != nil {
		return worker{}, err
	}
	w := worker{id: identity{Credentials: rights, root: -1}, user: strconv.Itoa(rights.UID)}
	if u, err := user.LookupId(w.user); err == nil {
		w.user = detect.Clean(u.Username)
	}
	dir := filepath.Join("/proc", strconv.Itoa(pid))
	if sameView(dir) {
		return w, nil
	}
	w.rootPath = filepath.Join(dir, "root")
	w.id.root, err = unix.Open(w.rootPath, unix.O_PATH|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
	if err != nil {
		return worker{}, fmt.Errorf("cannot open the root directory of nginx's worker %d: %w", pid, err)
	}
	return w, nil
}

// sameView tells that a process sees the files that we see: the same mount namespace, and the
// same root in it.
func sameView(dir string) bool {
	theirs, err1 := os.Readlink(filepath.Join(dir, "ns/mnt"))
	ours, err2 := os.Readlink("/proc/self/ns/mnt")
	a, err3 := os.Stat(filepath.Join(dir, "root"))
	b, err4 := os.Stat("/")
	return errors.Join(err1, err2, err3, err4) == nil && theirs == ours && os.SameFile(a, b)
}

// configured has the rights that a worker would get now, by /etc/passwd and /etc/group:
// nginx calls initgroups(3) (ngx_process_cycle.c, ngx_worker_process_init).
func configured(name string) (worker, error) {
	if name == "" {
		return worker{}, ErrNoWorker
	}
	u, err := user.Lookup(name)
	if err != nil {
		return worker{}, fmt.Errorf("cannot look as nginx's user %q: %w", name, err)
	}
	w := worker{id: identity{root: -1}, user: name}
	w.id.UID, err = strconv.Atoi(u.Uid)
	gid, err2 := strconv.Atoi(u.Gid)
	ids, err3 := u.GroupIds()
	if err := errors.Join(err, err2, err3); err != nil {
		return worker{}, fmt.Errorf("cannot look as nginx's user %q: %w", name, err)
	}
	w.id.GID = gid
	for _, s := range ids {
		if g, err := strconv.Atoi(s); err == nil {
			w.id.Groups = append(w.id.Groups, g)
		}
	}
	return w, nil
}

// walk goes along the path twice: once as root to learn the parts, then, with the kernel's
// answers for the worker, as whoever asks will see it.
func (w worker) walk(ctx context.Context, path string) (*detect.SocketPath, error) {
	var questions []asked
	view := sock.View{Root: w.rootPath, May: func(real, kind string) string {
		questions = append(questions, asked{real, kind})
		return ""
	}}
	view.Walk(path)
	answers, err := may(ctx, w.id, questions)
	if err != nil {
		return nil, err
	}
	view.May = func(real, kind string) string { return answers[asked{real, kind}] }
	return view.Walk(path), nil
}
