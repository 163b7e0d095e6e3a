package look

import (
	"context"
	"fmt"
	"runtime"
	"slices"
	"strconv"
	"unsafe"

	"github.com/gatemend/gatemend/detect/proc"
	"golang.org/x/sys/unix"
)

// identity is whom a thread takes the place of.
type identity struct {
	proc.Credentials
	root int // descriptor of the root directory where paths begin; -1: ours
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
// Setgroups and the like change every thread of the process. The whole identity is taken, not
// the file-system user alone: who listens sees by SO_PEERCRED who connected, and a root that
// only looks like a worker to the file system would be root to D-Bus, where somebody made the
// socket's path lead there. Leaving user 0 takes all capabilities from the thread
// (capabilities(7)). All of it is read back: a half-taken identity would give a wrong answer.
func (id identity) take() error {
	if unix.Geteuid() != 0 {
		return ErrNotRoot
	}
	groups := make([]uint32, 0, len(id.Groups)+1)
	for _, g := range id.Groups {
		groups = append(groups, uint32(g))
	}
	// One more than needed, so that there is an address when there are none.
	if _, _, errno := unix.RawSyscall(unix.SYS_SETGROUPS, uintptr(len(groups)), uintptr(unsafe.Pointer(&groups[:1][0])), 0); errno != 0 {
		return fmt.Errorf("cannot take the groups of nginx's worker: %w", errno)
	}
	gid, uid := uintptr(id.GID), uintptr(id.UID)
	if _, _, errno := unix.RawSyscall(unix.SYS_SETRESGID, gid, gid, gid); errno != 0 {
		return fmt.Errorf("cannot take the group of nginx's worker: %w", errno)
	}
	if _, _, errno := unix.RawSyscall(unix.SYS_SETRESUID, uid, uid, uid); errno != 0 {
		return fmt.Errorf("cannot take the user of nginx's worker: %w", errno)
	}
	return id.verify()
}

func (id identity) verify() error {
	ruid, euid, suid := unix.Getresuid()
	rgid, egid, sgid := unix.Getresgid()
	groups, err := unix.Getgroups()
	u, g := id.UID, id.GID
	if err != nil || ruid != u || euid != u || suid != u || rgid != g || egid != g || sgid != g || !sameSet(groups, id.Groups) {
		return fmt.Errorf("cannot take the place of nginx's worker: the kernel has user %d, group %d, groups %v", euid, egid, groups)
	}
	if id.UID == 0 {
		return nil // `user root;`: the worker has root's capabilities too
	}
	var data [2]unix.CapUserData
	header := unix.CapUserHeader{Version: unix.LINUX_CAPABILITY_VERSION_3}
	if err := unix.Capget(&header, &data[0]); err != nil {
		return fmt.Errorf("cannot read the thread's capabilities: %w", err)
	}
	if data[0].Effective|data[0].Permitted|data[1].Effective|data[1].Permitted != 0 {
		return fmt.Errorf("cannot take the place of nginx's worker: the thread still has capabilities")
	}
	return nil
}

func sameSet(a, b []int) bool {
	a, b = slices.Clone(a), slices.Clone(b)
	slices.Sort(a)
	slices.Sort(b)
	return slices.Equal(slices.Compact(a), slices.Compact(b))
}

// named is a name by which the calling thread reaches a descriptor, which connect(2) wants.
func named(fd int) string { return "/proc/thread-self/fd/" + strconv.Itoa(fd) }
