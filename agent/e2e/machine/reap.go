package machine

import (
	"context"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/sys/unix"
)

// stateDir holds, per machine, a lock file that its owner holds and the empty directory on which its
// root is mounted (in its own mount namespace: nothing is seen there from outside).
const stateDir = "/run/gatemend-e2e"

// groupPrefix marks our control groups among others.
const groupPrefix = "gatemend-e2e-"

// reap removes what machines left whose owner was killed. The kernel ended their processes and mounts
// already; a lock that can be taken has lost its owner. Failures wait for the next reaper.
func reap(ctx context.Context) {
	locks, _ := filepath.Glob(filepath.Join(stateDir, groupPrefix+"*.lock"))
	for _, path := range locks {
		held, err := tryLock(path, unix.LOCK_EX)
		if err != nil {
			continue
		}
		_ = sweep(ctx, strings.TrimSuffix(filepath.Base(path), ".lock"))
		held.Close()
	}
}

// sweep removes a machine's control groups, mount point and lock, in that order: as long as the lock
// file exists, another reaper can finish the work.
func sweep(ctx context.Context, name string) error {
	roots, err := hierarchies()
	if err != nil {
		return err
	}
	for _, root := range roots {
		if err := removeGroup(ctx, filepath.Join(root, name)); err != nil {
			return err
		}
	}
	dir := filepath.Join(stateDir, name)
	if err := os.Remove(dir); err != nil && !os.IsNotExist(err) {
		return err
	}
	return os.Remove(dir + ".lock")
}
