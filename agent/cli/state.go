package cli

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/gatemend/gatemend/agent/plans"
)

// What is where below the state directory.
func auditDir(state string) string    { return filepath.Join(state, "audit") }
func baselineDir(state string) string { return filepath.Join(state, "baseline") }
func plansDir(state string) string    { return filepath.Join(state, "plans") }
func outboxDir(state string) string   { return filepath.Join(state, "outbox") }

func (o *options) plans() plans.Dir { return plans.At(plansDir(o.state)) }

// holdsDir lies beside it: the state is the agent's to write, holds are root's alone.
func holdsDir(state string) string { return filepath.Clean(state) + "-holds" }

// fingerprintKey is the key under which environment files are fingerprinted, made once: a
// stored hash without a key would let a reader try passwords against it. Where there is no
// state directory yet (diagnose on a fresh host), a key for this run only.
func fingerprintKey(state string) ([]byte, error) {
	path := filepath.Join(state, "fingerprint.key")
	key, err := os.ReadFile(path)
	if err == nil && len(key) == 32 {
		return key, nil
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("cannot read %q: %w", path, err)
	}
	key = make([]byte, 32)
	_, _ = rand.Read(key) // never fails: crypto/rand
	if _, err := os.Stat(state); err != nil {
		return key, nil
	}
	return key, writeOnce(path, key)
}

// writeOnce makes a file that only its owner reads, whole or not at all.
func writeOnce(path string, data []byte) error {
	tmp, err := os.CreateTemp(filepath.Dir(path), ".new-*")
	if err != nil {
		return nil // a read-only disk: the key holds for this run
	}
	defer os.Remove(tmp.Name())
	_, err = tmp.Write(data)
	if err = errors.Join(err, tmp.Sync(), tmp.Close()); err != nil {
		return nil
	}
	return os.Rename(tmp.Name(), path)
}
