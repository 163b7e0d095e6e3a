package tail

import (
	"fmt"
	"io/fs"
	"os"
	"syscall"

	"golang.org/x/sys/unix"
)

// identity is a file whatever its name. It is not given to another file while this one is open.
type identity struct{ dev, inode uint64 }

// irregular is what stands where a log should be.
type irregular string

func (k irregular) Error() string { return fmt.Sprintf("it is %s, not a regular file", string(k)) }

// identify looks at the path without opening it: to open a FIFO would wake its writer, to open
// a device can do anything.
func identify(path string) (identity, error) {
	info, err := os.Stat(path)
	if err != nil {
		return identity{}, err
	}
	return regular(info)
}

func regular(info fs.FileInfo) (identity, error) {
	st, ok := info.Sys().(*syscall.Stat_t)
	if !ok || !info.Mode().IsRegular() {
		return identity{}, kind(info.Mode())
	}
	return identity{uint64(st.Dev), st.Ino}, nil
}

func kind(m fs.FileMode) irregular {
	switch {
	case m.IsDir():
		return "a directory"
	case m&fs.ModeNamedPipe != 0:
		return "a FIFO"
	case m&fs.ModeSocket != 0:
		return "a socket"
	case m&fs.ModeDevice != 0:
		return "a device"
	}
	return "something else"
}

// openFile opens a regular file. What stands there may be another file than was identified, so
// it never blocks and is looked at again.
func openFile(path string) (*file, error) {
	f, err := os.OpenFile(path, os.O_RDONLY|unix.O_NONBLOCK|unix.O_NOCTTY, 0) // Go adds O_CLOEXEC
	if err != nil {
		return nil, err
	}
	info, err := f.Stat()
	if err == nil {
		var id identity
		if id, err = regular(info); err == nil {
			return &file{f: f, id: id}, nil
		}
	}
	_ = f.Close()
	return nil, err
}
