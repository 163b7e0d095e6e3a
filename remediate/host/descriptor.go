package host

import (
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"

	"golang.org/x/sys/unix"
)

const keepGroup = -1

// kind is what a path must lead to, as the type bits of st_mode.
type kind uint32

const (
	kindSocket kind = unix.S_IFSOCK
	kindDir    kind = unix.S_IFDIR
)

// want is a mode and a group for one socket or directory.
type want struct {
	path   string
	kind   kind
	mode   uint32
	gid    int // keepGroup: as it is
	owners []uint32
}

// set changes exactly the thing that it checked. The unit's user can exchange what lies at the
// path at any moment, so the path is walked without following any link, and everything after is
// done through the descriptor.
func (w want) set() (before, after string, err error) {
	fd, err := walk(w.path)
	if err != nil {
		return "", "", err
	}
	defer unix.Close(fd)
	st, err := w.check(fd)
	if err != nil {
		return "", "", err
	}
	was := describe(st)
	if err := w.apply(fd); err != nil {
		return was, was, err
	}
	if err := unix.Fstat(fd, &st); err != nil {
		return was, "", err
	}
	return was, describe(st), nil
}

// check errs unless the descriptor is the kind of thing that was meant, a unit's own, and, being a
// socket, has no second name: a hard link could lend the name to a file that is not the unit's.
func (w want) check(fd int) (unix.Stat_t, error) {
	var st unix.Stat_t
	if err := unix.Fstat(fd, &st); err != nil {
		return st, fmt.Errorf("%q cannot be looked at: %w", w.path, err)
	}
	switch {
	case st.Mode&unix.S_IFMT == unix.S_IFLNK:
		return st, fmt.Errorf("%q is a symbolic link, and links are not followed", w.path)
	case kind(st.Mode&unix.S_IFMT) != w.kind:
		return st, fmt.Errorf("%q is not the %s that was meant", w.path, w.kind)
	case !slices.Contains(w.owners, st.Uid):
		return st, fmt.Errorf("%q belongs to user %d, who is not the unit's", w.path, st.Uid)
	case w.kind == kindDir:
		return st, nil // directories have no hard links
	}
	return soleName(w.path, fd)
}

// apply sets the group first: a mode must not reach a group that is about to lose it. fchmod
// refuses an O_PATH descriptor (EBADF), its name in /proc is a way that every kernel has.
func (w want) apply(fd int) error {
	if w.gid != keepGroup {
		if err := unix.Fchownat(fd, "", -1, w.gid, unix.AT_EMPTY_PATH); err != nil {
			return fmt.Errorf("the group of %q cannot be changed: %w", w.path, err)
		}
	}
	if err := unix.Chmod(fmt.Sprintf("/proc/self/fd/%d", fd), w.mode); err != nil {
		return fmt.Errorf("the mode of %q cannot be changed: %w", w.path, err)
	}
	return nil
}

// walk opens the path from the root, one component at a time, so that no component may be a link:
// a directory that is one fails with ENOTDIR, and the last is opened as the link itself.
func walk(p string) (int, error) {
	if !path.IsAbs(p) || path.Clean(p) != p || p == "/" {
		return -1, fmt.Errorf("%q is not a plain absolute path", p)
	}
	fd, err := unix.Open("/", unix.O_PATH|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
	if err != nil {
		return -1, err
	}
	parts := strings.Split(p[1:], "/")
	for i, name := range parts {
		flags := unix.O_PATH | unix.O_NOFOLLOW | unix.O_CLOEXEC
		if i < len(parts)-1 {
			flags |= unix.O_DIRECTORY
		}
		next, err := unix.Openat(fd, name, flags, 0)
		unix.Close(fd)
		if err != nil {
			return -1, walkError(p, "/"+strings.Join(parts[:i+1], "/"), err)
		}
		fd = next
	}
	return fd, nil
}

func walkError(whole, part string, err error) error {
	if errors.Is(err, unix.ENOTDIR) && part != whole {
		return fmt.Errorf("%q is not a directory but a link or a file, and links are not followed: name the real path in the configuration", part)
	}
	return fmt.Errorf("%q: %w", part, err)
}

func describe(st unix.Stat_t) string {
	return fmt.Sprintf("%04o %d:%d", st.Mode&0o7777, st.Uid, st.Gid)
}

func (k kind) String() string {
	if k == kindDir {
		return "directory"
	}
	return "socket"
}
