package hostinfo

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"

	"github.com/gatemend/gatemend/detect"
	"golang.org/x/sys/unix"
)

// disksWithin is disks, given up when ctx ends.
func disksWithin(ctx context.Context, paths []string) ([]detect.Disk, error) {
	type result struct {
		disks []detect.Disk
		err   error
	}
	done := make(chan result, 1)
	go func() {
		d, err := disks(paths)
		done <- result{d, err}
	}()
	select {
	case r := <-done:
		return r.disks, r.err
	case <-ctx.Done():
		return nil, fmt.Errorf("cannot read the file systems: %w", ctx.Err())
	}
}

// disks reads each file system behind the paths once.
func disks(paths []string) (out []detect.Disk, err error) {
	seen := map[unix.Fsid]bool{}
	for _, path := range paths {
		fs, failed := nearest(path)
		if failed != nil {
			err = errors.Join(err, fmt.Errorf("cannot read the file system of %q: %w", path, failed))
			continue
		}
		if fs.Fsid != (unix.Fsid{}) && seen[fs.Fsid] {
			continue
		}
		seen[fs.Fsid] = true
		out = append(out, disk(path, fs))
	}
	return out, err
}

// hostRoot is PID 1's view of the files. Our own unit may see everything read-only
// (ProtectSystem=strict), which says nothing about what nginx and the app can write.
const hostRoot = "/proc/1/root"

// nearest reads the file system of a path as the host has it, or of the parent that exists: of a log that is not
// written yet, of the runtime directory of a unit that is down.
func nearest(path string) (fs unix.Statfs_t, err error) {
	for {
		err = statfs(path, &fs)
		parent := filepath.Dir(path)
		if err == nil || parent == path || !(errors.Is(err, unix.ENOENT) || errors.Is(err, unix.ENOTDIR)) {
			return fs, err
		}
		path = parent
	}
}

func statfs(path string, fs *unix.Statfs_t) error {
	err := unix.Statfs(hostRoot+path, fs)
	if errors.Is(err, unix.EACCES) || errors.Is(err, unix.EPERM) { // not ours to see: our own view then
		return unix.Statfs(path, fs)
	}
	return err
}

func disk(path string, fs unix.Statfs_t) detect.Disk {
	d := detect.Disk{
		Path: path,
		// What an unprivileged writer may still use: Bavail leaves root's reserve out.
		FreeBytes:  int64(fs.Bavail) * int64(fs.Bsize),
		FreeInodes: int64(fs.Ffree),
		ReadOnly:   fs.Flags&unix.ST_RDONLY != 0,
	}
	if fs.Files == 0 { // btrfs and some network file systems make inodes as needed
		d.FreeInodes = -1
	}
	return d
}
