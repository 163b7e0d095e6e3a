package proc

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/gatemend/gatemend/detect"
	"golang.org/x/sys/unix"
)

// packageLocks are what dpkg, apt, rpm, dnf and zypper lock by fcntl(2) or flock(2). The
// files always exist: only a lock that is held counts.
var packageLocks = []string{
	"/var/lib/dpkg/lock-frontend", "/var/lib/dpkg/lock", "/var/lib/apt/lists/lock", "/var/cache/apt/archives/lock",
	"/var/lib/rpm/.rpm.lock", "/usr/lib/sysimage/rpm/.rpm.lock", "/var/cache/dnf/metadata_lock.pid", "/run/dnf/rpmtransaction.lock",
}

// HeldLock is a lock that some process holds.
type HeldLock struct {
	Path   string
	Holder detect.Process // PID 0 when it is not visible from here
}

// PackageLock finds a package manager's lock that is held now; nil when none is.
func PackageLock() (*HeldLock, error) { return held(packageLocks) }

func held(paths []string) (*HeldLock, error) {
	b, err := readFile("/proc/locks")
	if err != nil {
		return nil, fmt.Errorf("cannot read which locks are held: %w", err)
	}
	locks := parseLocks(string(b))
	for _, path := range paths {
		var st unix.Stat_t
		if unix.Lstat(path, &st) != nil {
			continue
		}
		for _, l := range locks {
			if l.on(&st) {
				h := &HeldLock{Path: path}
				h.Holder, _ = Read(l.pid)
				return h, nil
			}
		}
	}
	return nil, nil
}

// lock is one line of /proc/locks: "1: POSIX  ADVISORY  WRITE 123 fe:00:12345 0 EOF".
type lock struct {
	pid          int
	major, minor uint32
	inode        uint64
}

func parseLocks(text string) (out []lock) {
	for line := range strings.Lines(text) {
		f := strings.Fields(line)
		if len(f) < 8 || f[1] == "->" { // "->" waits for the lock
			continue
		}
		id := strings.Split(f[5], ":")
		if len(id) != 3 {
			continue
		}
		major, err1 := strconv.ParseUint(id[0], 16, 32)
		minor, err2 := strconv.ParseUint(id[1], 16, 32)
		inode, err3 := strconv.ParseUint(id[2], 10, 64)
		if err1 == nil && err2 == nil && err3 == nil {
			out = append(out, lock{number(f[4]), uint32(major), uint32(minor), inode})
		}
	}
	return out
}

// on tells that the lock is on the file. On btrfs and overlayfs stat(2) gives another device
// (of the subvolume, of the layer) than the kernel's own: there the inode has to do.
func (l lock) on(st *unix.Stat_t) bool {
	if l.inode != st.Ino {
		return false
	}
	return (l.major == unix.Major(st.Dev) && l.minor == unix.Minor(st.Dev)) || unix.Major(st.Dev) == 0
}
