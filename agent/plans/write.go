package plans

import (
	"errors"
	"os"
	"path/filepath"
	"syscall"
)

// write puts the file in place whole. It need not outlive a loss of power: a plan is made anew.
func (d Dir) write(id string, data []byte) error {
	tmp, err := os.CreateTemp(d.path, ".new-*")
	if err != nil {
		return err
	}
	_, err = tmp.Write(data)
	if err = errors.Join(err, d.handOver(tmp), tmp.Close()); err == nil {
		err = os.Rename(tmp.Name(), filepath.Join(d.path, id+suffix))
	}
	if err != nil {
		return errors.Join(err, os.Remove(tmp.Name()))
	}
	return nil
}

// handOver gives what root's verb wrote to the owner of the state, the agent, who reads it.
func (d Dir) handOver(f *os.File) error {
	info, err := os.Stat(filepath.Dir(d.path))
	if err != nil || os.Geteuid() != 0 {
		return err
	}
	st, ok := info.Sys().(*syscall.Stat_t)
	if !ok || st.Uid == 0 {
		return nil
	}
	dir, err := os.Open(d.path)
	if err != nil {
		return err
	}
	return errors.Join(dir.Chown(int(st.Uid), int(st.Gid)), dir.Close(), f.Chown(int(st.Uid), int(st.Gid)))
}
