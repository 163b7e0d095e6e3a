package plans

import (
	"errors"
	"os"
	"path/filepath"

	"github.com/gatemend/gatemend/remediate/durable"
)

// handOver gives what root's verb wrote, and the directory, to the owner of the state, the agent, who reads it.
func (d Dir) handOver(f *os.File) error {
	dir, err := os.Open(d.path)
	if err != nil {
		return err
	}
	return errors.Join(durable.Inherit(dir), dir.Close(), durable.Inherit(f))
}

func (d Dir) file(id string) string { return filepath.Join(d.path, id+suffix) }
