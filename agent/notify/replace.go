package notify

import (
	"errors"
	"os"
	"path/filepath"
	"syscall"
)

// tmpSuffix marks what is not whole yet.
const tmpSuffix = ".tmp"

// replace puts a whole file in its place, durably, or leaves what was there.
func replace(path string, raw []byte) error {
	if err := makeDir(filepath.Dir(path)); err != nil {
		return err
	}
	tmp := path + tmpSuffix
	f, err := os.OpenFile(tmp, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(raw)
	if err = errors.Join(err, inherit(f), f.Sync(), f.Close()); err == nil {
		err = os.Rename(tmp, path)
	}
	if err != nil {
		_ = os.Remove(tmp)
		return err
	}
	d, err := os.Open(filepath.Dir(path))
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

// makeDir makes the outbox where there is none yet.
func makeDir(dir string) error {
	if _, err := os.Stat(dir); err == nil {
		return nil
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	for _, d := range []string{filepath.Dir(dir), dir} {
		f, err := os.Open(d)
		if err != nil {
			return err
		}
		if err := errors.Join(inherit(f), f.Close()); err != nil {
			return err
		}
	}
	return nil
}

// inherit gives a file that root made to the owner of its directory: what a person's verb
// writes is the agent's to read.
func inherit(f *os.File) error {
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
