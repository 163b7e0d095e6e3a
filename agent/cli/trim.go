package cli

import (
	"bufio"
	"context"
	"os"
	"runtime/debug"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// The agent waits nearly all of its life, on hosts where 10 MB matter. What the start, a probe or an
// incident needed once is given back: the heap that the collector freed, and the pages of
// the program's own code, which the kernel reads again from its cache when they are used. Each probe
// takes some 3 MB of them; giving them back takes 1 ms or two.
const trimEvery = 15 * time.Second

// stayLean trims until ctx ends.
func stayLean(ctx context.Context) error {
	debug.SetGCPercent(25)
	ticker := time.NewTicker(trimEvery)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-ticker.C:
			trim()
		}
	}
}

func trim() {
	debug.FreeOSMemory()
	for _, m := range ownCode() {
		// Read-only, private and from a file: nothing is lost (madvise(2), MADV_DONTNEED).
		_, _, _ = unix.Syscall(unix.SYS_MADVISE, m.from, m.to-m.from, unix.MADV_DONTNEED)
	}
}

// ownCode lists the mappings of this program's file that cannot have been written to.
func ownCode() (l []mapping) {
	exe, err := os.Readlink("/proc/self/exe")
	if err != nil {
		return nil
	}
	f, err := os.Open("/proc/self/maps")
	if err != nil {
		return nil
	}
	defer f.Close()
	for s := bufio.NewScanner(f); s.Scan(); {
		if m, ok := readOnly(s.Text(), exe); ok {
			l = append(l, m)
		}
	}
	return l
}

// mapping is a range of our own addresses.
type mapping struct{ from, to uintptr }

// readOnly reads a line of proc_pid_maps(5): "from-to r-xp offset dev inode path".
func readOnly(line, exe string) (mapping, bool) {
	f := strings.Fields(line)
	if len(f) < 6 || f[5] != exe || (f[1] != "r-xp" && f[1] != "r--p") {
		return mapping{}, false
	}
	from, to, _ := strings.Cut(f[0], "-")
	a, err1 := strconv.ParseUint(from, 16, 64)
	b, err2 := strconv.ParseUint(to, 16, 64)
	return mapping{uintptr(a), uintptr(b)}, err1 == nil && err2 == nil && a < b
}
