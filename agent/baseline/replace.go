package baseline

import (
	"errors"
	"os"
	"path/filepath"

	"github.com/gatemend/gatemend/detect/fault"
)

// replace writes a file so that a crash, or a full disk, leaves the old one or the new one:
// a temporary beside it, synced, renamed over it, and the directory synced, without which
// the rename itself may be lost.
func replace(dir, name string, content []byte) (err error) {
	tmp, err := os.CreateTemp(dir, "."+name+".*")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.Remove(tmp.Name()))
		}
	}()
	_, err = tmp.Write(content)
	if err == nil {
		err = tmp.Sync()
	}
	if err = errors.Join(err, tmp.Close()); err != nil {
		return err
	}
	fault.Reach(fault.BaseWritten)
	if err = os.Rename(tmp.Name(), filepath.Join(dir, name)); err != nil {
		return err
	}
	return syncDir(dir)
}

func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
