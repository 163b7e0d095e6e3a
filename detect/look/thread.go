package look

import (
	"context"
	"fmt"
	"runtime"
	"slices"
	"unsafe"

	"github.com/gatemend/gatemend/detect/proc"
	"golang.org/x/sys/unix"
)

// identity is whom a thread takes the place of.
type identity struct {
	proc.Credentials
	root int // descriptor of the root directory to live below; -1: stay in ours
}

// as runs work on a thread of its own that has taken on the identity, and returns without its
// result when ctx ends first (a path on a dead network file system blocks for good). The
// thread ends with the work and is never used again. Work must make raw system calls only.
func as[T any](ctx context.Context, id identity, work func() T, undo func(T)) (T, error) {
	type result struct {
		value T
		err   error
	}
	done := make(chan result)
	go aside(func() {
		var r result
		if r.err = id.take(); r.err == nil {
			r.value = work()
		}
		select {
		case done <- r:
		case <-ctx.Done():
			if r.err == nil && undo != nil {
				undo(r.value)
			}
		}
	})
	select {
	case r := <-done:
		return r.value, r.err
	case <-ctx.Done():
		var none T
		return none, fmt.Errorf("cannot look as nginx's worker: %w", ctx.Err())
	}
}

// aside runs f on a thread that dies with the goroutine, because it is locked and never
// unlocked. Not on the first thread: that one cannot die, and /proc/PID shows it as the process.
func aside(f func()) {
	runtime.LockOSThread()
	if unix.Gettid() != unix.Getpid() {
		f()
		return
	}
	elsewhere := make(chan struct{})
	go func() {
		runtime.LockOSThread() // another thread: the first one is ours until then
		close(elsewhere)
		f()
	}()
	<-elsewhere
	runtime.UnlockOSThread()
}

// take changes the calling thread, and it alone: raw system calls, since package syscall's
// Setgroups and the like change every thread of the process. Setting a file-system user other
// than 0 takes CAP_DAC_OVERRIDE and its kin out of the thread's effective set
// (capabilities(7)), so that the kernel checks files as it does for the worker. All of it is
// read back: a half-taken identity would give a wrong answer.
func (id identity) take() error {
	if unix.Geteuid() != 0 {
		return ErrNotRoot
	}
	if err := id.enterRoot(); err != nil {
		return err
	}
	groups := make([]uint32, 0, len(id.Groups)+1)
	for _, g := range id.Groups {
		groups = append(groups, uint32(g))
	}
	// One more than needed, so that there is an address when there are none.
	if _, _, errno := unix.RawSyscall(unix.SYS_SETGROUPS, uintptr(len(groups)), uintptr(unsafe.Pointer(&groups[:1][0])), 0); errno != 0 {
		return fmt.Errorf("cannot take the groups of nginx's worker: %w", errno)
	}
	_, _, _ = unix.RawSyscall(unix.SYS_SETFSGID, uintptr(id.GID), 0, 0) // returns the previous one, never an error
	_, _, _ = unix.RawSyscall(unix.SYS_SETFSUID, uintptr(id.UID), 0, 0)
	return id.verify()
}

func (id identity) enterRoot() error {
	if id.root < 0 {
		return nil
	}
	if err := unix.Unshare(unix.CLONE_FS); err != nil {
		return fmt.Errorf("cannot take the root directory of nginx's worker: %w", err)
	}
	if err := unix.Fchdir(id.root); err != nil {
		return fmt.Errorf("cannot take the root directory of nginx's worker: %w", err)
	}
	if err := unix.Chroot("."); err != nil {
		return fmt.Errorf("cannot take the root directory of nginx's worker: %w", err)
	}
	return nil
}

func (id identity) verify() error {
	const invalid = ^uintptr(0) // setfsuid(2): an invalid id changes nothing and returns the present one
	uid, _, _ := unix.RawSyscall(unix.SYS_SETFSUID, invalid, 0, 0)
	gid, _, _ := unix.RawSyscall(unix.SYS_SETFSGID, invalid, 0, 0)
	groups, err := unix.Getgroups()
	if err != nil || int(uid) != id.UID || int(gid) != id.GID || !sameSet(groups, id.Groups) {
		return fmt.Errorf("cannot take the place of nginx's worker: the kernel has user %d, group %d, groups %v", uid, gid, groups)
	}
	if id.UID == 0 {
		return nil // `user root;`: the worker has those capabilities too
	}
	var data [2]unix.CapUserData
	header := unix.CapUserHeader{Version: unix.LINUX_CAPABILITY_VERSION_3}
	if err := unix.Capget(&header, &data[0]); err != nil {
		return fmt.Errorf("cannot read the thread's capabilities: %w", err)
	}
	if data[0].Effective&(1<<unix.CAP_DAC_OVERRIDE|1<<unix.CAP_DAC_READ_SEARCH) != 0 {
		return fmt.Errorf("cannot take the place of nginx's worker: the thread still may pass every mode")
	}
	return nil
}

func sameSet(a, b []int) bool {
	a, b = slices.Clone(a), slices.Clone(b)
	slices.Sort(a)
	slices.Sort(b)
	return slices.Equal(slices.Compact(a), slices.Compact(b))
}
