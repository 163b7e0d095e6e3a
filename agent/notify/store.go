package notify

import (
	"errors"
	"os"
	"path/filepath"

	"github.com/gatemend/gatemend/remediate/durable"
)

// store puts a whole file in its place, durably, or leaves what was there; the agent's, whoever sends.
func store(path string, raw []byte) error {
	if err := makeDir(filepath.Dir(path)); err != nil {
		return err
	}
	return durable.Replace(path, raw, 0o600, durable.Inherit)
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
		if err := errors.Join(durable.Inherit(f), f.Close()); err != nil {
			return err
		}
	}
	return nil
}
