// Package durable puts the agent's own files in their places: whole, or not at all.
//
// A file that is written where it lies is half a file after a crash, a full disk or a loss of power. So it is
// written beside, synced, renamed over the old one, and the directory is synced too, without which the rename
// itself may be lost (rename(2) is atomic, not durable; google/renameio syncs the file only).
package durable

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
)

// Replace makes path a file of this content and mode, or leaves what was there. also runs on the new file
// before it takes its place: what gives it away, for one. Two who replace a file at a time do not harm each
// other: the later rename stays. A symlink at path is replaced, not followed.
func Replace(path string, content []byte, mode fs.FileMode, also ...func(*os.File) error) error {
	dir, name := filepath.Split(path)
	tmp, err := os.CreateTemp(filepath.Clean(dir), "."+name+".*") // never a file that is there: O_EXCL
	if err != nil {
		return err
	}
	if err := errors.Join(fill(tmp, content, mode, also), tmp.Close()); err != nil {
		return errors.Join(err, os.Remove(tmp.Name()))
	}
	if err := os.Rename(tmp.Name(), path); err != nil {
		return errors.Join(err, os.Remove(tmp.Name()))
	}
	return Sync(filepath.Dir(path))
}

func fill(f *os.File, content []byte, mode fs.FileMode, also []func(*os.File) error) error {
	_, err := f.Write(content)
	err = errors.Join(err, f.Chmod(mode)) // whatever the umask says
	for _, do := range also {
		err = errors.Join(err, do(f))
	}
	return errors.Join(err, f.Sync())
}

// Unfinished tells the name of a file that a crash left in the middle of [Replace]: it was promised to nobody.
func Unfinished(name string) bool { return strings.HasPrefix(name, ".") }

// Sync makes what was renamed or removed in a directory outlive a loss of power.
func Sync(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

// Inherit gives a file or directory that root made to the owner of the directory it lies in: what a person's
// verb writes is the agent's to read. It does nothing for anybody else, who could not.
func Inherit(f *os.File) error {
	if os.Geteuid() != 0 {
		return nil
	}
	info, err := os.Stat(filepath.Dir(f.Name()))
	if err != nil {
		return err
	}
	st, ok := info.Sys().(*syscall.Stat_t)
	if !ok || st.Uid == 0 {
		return nil
	}
	return f.Chown(int(st.Uid), int(st.Gid))
}
