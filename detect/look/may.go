package look

import (
	"context"

	"golang.org/x/sys/unix"
)

// asked is one question to the kernel: may the worker pass this directory, or write to this socket.
type asked struct{ path, kind string }

// may asks, for each, whether the identity may: yes, no, or "" where the kernel does not tell.
// faccessat2(2) with AT_EACCESS checks with the effective user and
// capabilities of the calling thread, as connect does; it came with Linux 5.8. Without
// AT_EACCESS it would check as the real user, root. Before 5.8 a directory is still known, by
// looking up "." in it.
func may(ctx context.Context, id identity, questions []asked) (map[asked]string, error) {
	return as(ctx, id, func() map[asked]string {
		out := map[asked]string{}
		for _, q := range questions {
			out[q] = id.access(q)
		}
		return out
	}, nil)
}

// access runs on the worker's thread.
func (id identity) access(q asked) string {
	mode := uint32(unix.X_OK)
	if q.kind == "socket" {
		mode = unix.W_OK
	}
	at, path, flags := unix.AT_FDCWD, q.path, unix.AT_EACCESS
	if id.root >= 0 {
		fd, err := id.find(q.path)
		if err == unix.EACCES {
			return "no"
		}
		if err != nil {
			return ""
		}
		defer unix.Close(fd)
		at, path, flags = fd, "", unix.AT_EACCESS|unix.AT_EMPTY_PATH
	}
	err := unix.Faccessat2(at, path, mode, flags)
	if err == unix.ENOSYS && q.kind == "dir" && id.root < 0 {
		var st unix.Stat_t
		err = unix.Stat(q.path+"/.", &st)
	}
	switch err {
	case nil:
		return "yes"
	case unix.EACCES:
		return "no"
	}
	return "" // also EPERM, which seccomp filters older than the call give for it
}
