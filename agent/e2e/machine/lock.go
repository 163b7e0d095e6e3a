package machine

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"golang.org/x/sys/unix"
)

// errLocked says that somebody else holds the lock, which is an answer and not a failure.
var errLocked = errors.New("locked by another process")

// tryLock takes an advisory lock that the kernel drops when this process ends, however it ends. That is
// what tells a machine in use from one that its test left behind. how is unix.LOCK_EX or LOCK_SH.
func tryLock(path string, how int) (*os.File, error) {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("cannot open lock %q: %w", path, err)
	}
	err = unix.Flock(int(f.Fd()), how|unix.LOCK_NB)
	if err == nil && unlinked(f, path) {
		err = unix.EWOULDBLOCK // removed by a reaper in between: try again on the new file
	}
	if err == nil {
		return f, nil
	}
	f.Close()
	if errors.Is(err, unix.EWOULDBLOCK) {
		return nil, errLocked
	}
	return nil, fmt.Errorf("cannot lock %q: %w", path, err)
}

func unlinked(f *os.File, path string) bool {
	held, err1 := f.Stat()
	named, err2 := os.Stat(path)
	return err1 != nil || err2 != nil || !os.SameFile(held, named)
}

// lock waits for the lock until ctx ends. It asks rather than blocks in flock(2), which no context
// can interrupt.
func lock(ctx context.Context, path string, how int) (*os.File, error) {
	var held *os.File
	err := poll(ctx, 50*time.Millisecond, func() error {
		f, err := tryLock(path, how)
		held = f
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("cannot get lock %q: %w", path, err)
	}
	return held, nil
}
