package sock

import (
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/gatemend/gatemend/detect"
	"github.com/gatemend/gatemend/detect/proc"
)

// owners finds who holds the sockets, by the links in /proc/PID/fd, which only root may read
// of others. Processes that end meanwhile are left out.
func owners(inodes map[uint64]bool) (map[uint64][]detect.Process, error) {
	pids, err := proc.PIDs()
	if err != nil {
		return nil, err
	}
	out := map[uint64][]detect.Process{}
	for _, pid := range pids {
		for _, inode := range heldBy(pid, inodes) {
			if p, err := proc.Read(pid); err == nil {
				out[inode] = append(out[inode], p)
			}
		}
	}
	return out, nil
}

// heldBy lists which of the sockets a process holds, each once.
func heldBy(pid int, inodes map[uint64]bool) (held []uint64) {
	dir := filepath.Join("/proc", strconv.Itoa(pid), "fd")
	d, err := os.Open(dir)
	if err != nil {
		return nil
	}
	defer d.Close()
	seen := map[uint64]bool{}
	for {
		names, err := d.Readdirnames(256)
		for _, name := range names {
			link, _ := os.Readlink(filepath.Join(dir, name))
			if inode, ok := socketInode(link); ok && inodes[inode] && !seen[inode] {
				seen[inode] = true
				held = append(held, inode)
			}
		}
		if err != nil || len(names) == 0 {
			return held
		}
	}
}

// socketInode reads the link "socket:[123]".
func socketInode(link string) (uint64, bool) {
	s, ok := strings.CutPrefix(link, "socket:[")
	if !ok {
		return 0, false
	}
	inode, err := strconv.ParseUint(strings.TrimSuffix(s, "]"), 10, 64)
	return inode, err == nil
}

var errNotRoot = errors.New("only root sees who listens: run as root")
