package cli

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"

	"github.com/gatemend/gatemend/agent/plans"
	"github.com/gatemend/gatemend/remediate/durable"
	"github.com/gatemend/gatemend/remediate/ledger"
)

// What is where below the state directory.
func auditDir(state string) string    { return filepath.Join(state, "audit") }
func baselineDir(state string) string { return filepath.Join(state, "baseline") }
func plansDir(state string) string    { return filepath.Join(state, "plans") }
func outboxDir(state string) string   { return filepath.Join(state, "outbox") }

func (o *options) plans() plans.Dir { return plans.At(plansDir(o.state)) }

// holdsDir lies beside it: the state is the agent's to write, holds are root's alone.
func holdsDir(state string) string { return filepath.Clean(state) + "-holds" }

// helperState is root's own (StateDirectory= of gatemend-helper.service): what the agent's user
// could write, root does not believe.
const helperState = "/var/lib/gatemend-helper"

// rootDir is where root remembers: beside a state directory that is not the shipped one, in it.
func (o *options) rootDir() string {
	if o.state == stateDir {
		return helperState
	}
	return filepath.Join(o.state, "helper")
}

// memory is what root keeps between two runs.
type memory struct {
	key   []byte
	modes ledger.Modes
}

// memory is made where an agent lives. On a host without one (diagnose on a fresh host), root
// remembers nothing.
func (o *options) memory() (*memory, error) {
	dir := o.rootDir()
	if _, err := os.Stat(o.state); err == nil {
		if err := os.Mkdir(dir, 0o700); err != nil && !errors.Is(err, fs.ErrExist) && !errors.Is(err, unix.EROFS) {
			return nil, fmt.Errorf("cannot make %q: %w", dir, err)
		}
	}
	key, err := fingerprintKey(dir)
	return &memory{key: key, modes: ledger.Modes{Dir: dir}}, err
}

// fingerprintKey is the key under which environment files are fingerprinted, made once: a
// stored hash whose key its reader knows would let him try passwords against it.
func fingerprintKey(dir string) ([]byte, error) {
	path := filepath.Join(dir, "fingerprint.key")
	key, err := os.ReadFile(path)
	if err == nil && len(key) == 32 {
		return key, nil
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("cannot read %q: %w", path, err)
	}
	key = make([]byte, 32)
	_, _ = rand.Read(key) // never fails: crypto/rand
	if _, err := os.Stat(dir); err != nil {
		return key, nil
	}
	_ = durable.Replace(path, key, 0o600) // a disk that takes nothing: the key holds for this run
	return key, nil
}
