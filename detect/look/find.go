package look

import (
	"strings"

	"golang.org/x/sys/unix"
)

// mostLinks is the kernel's own limit (path_resolution(7)).
const mostLinks = 40

// find opens a path as the identity sees it, below its root, without reading or writing what is
// there: the kernel is asked for each directory on the way. Whoever calls closes it.
//
// Living below the root by chroot(2) would take a capability more, and openat2(2), which knows
// RESOLVE_IN_ROOT, is answered with ENOSYS under RestrictSUIDSGID= (systemd cannot look into its
// arguments). So the path is walked by hand: no component is followed but by us.
func (id identity) find(path string) (int, error) {
	w := walker{root: id.root, todo: strings.Split(path, "/")}
	defer w.drop()
	for len(w.todo) > 0 {
		name := w.todo[0]
		w.todo = w.todo[1:]
		if err := w.step(name); err != nil {
			return -1, err
		}
	}
	return w.take()
}

// walker is where a walk has come to: the open directories below the root, innermost last.
type walker struct {
	root  int
	open  []int
	todo  []string
	links int
}

func (w *walker) at() int {
	if len(w.open) == 0 {
		return w.root
	}
	return w.open[len(w.open)-1]
}

// take hands the innermost out; it may be a socket, and is no longer ours to close.
func (w *walker) take() (int, error) {
	n := len(w.open)
	if n == 0 {
		return unix.FcntlInt(uintptr(w.root), unix.F_DUPFD_CLOEXEC, 0)
	}
	fd := w.open[n-1]
	w.open = w.open[:n-1]
	return fd, nil
}

func (w *walker) step(name string) error {
	switch name {
	case "", ".":
		return nil
	case "..": // of the root it is the root
		if n := len(w.open); n > 0 {
			_ = unix.Close(w.open[n-1])
			w.open = w.open[:n-1]
		}
		return nil
	}
	fd, err := unix.Openat(w.at(), name, unix.O_PATH|unix.O_NOFOLLOW|unix.O_CLOEXEC, 0)
	if err != nil {
		return err
	}
	var st unix.Stat_t
	if err := unix.Fstat(fd, &st); err != nil {
		_ = unix.Close(fd)
		return err
	}
	if st.Mode&unix.S_IFMT != unix.S_IFLNK {
		w.open = append(w.open, fd)
		return nil
	}
	defer unix.Close(fd)
	return w.follow(fd)
}

// follow puts what a link leads to in front of what is left.
func (w *walker) follow(fd int) error {
	if w.links++; w.links > mostLinks {
		return unix.ELOOP
	}
	to := make([]byte, unix.PathMax)
	n, err := unix.Readlinkat(fd, "", to)
	if err != nil {
		return err
	}
	target := string(to[:n])
	if strings.HasPrefix(target, "/") {
		w.drop()
	}
	w.todo = append(strings.Split(target, "/"), w.todo...)
	return nil
}

func (w *walker) drop() {
	for _, fd := range w.open {
		_ = unix.Close(fd)
	}
	w.open = nil
}
