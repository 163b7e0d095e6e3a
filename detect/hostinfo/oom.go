package hostinfo

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
)

// Where systemd mounts the hierarchy that accounts memory: version 2 alone, beside version 1,
// and version 1's own, whose memory.oom_control counts too since Linux 4.13.
var memoryFiles = []string{
	"/sys/fs/cgroup/%s/memory.events",
	"/sys/fs/cgroup/unified/%s/memory.events",
	"/sys/fs/cgroup/memory/%s/memory.oom_control",
}

// oomKills counts what the kernel killed in the unit's control group for lack of memory; the
// counter lives and dies with the group. Without a group it is that of the whole host, since boot.
func oomKills(group string) (int64, error) {
	if group != "" && group != "/" {
		for _, f := range memoryFiles {
			b, err := os.ReadFile(filepath.Clean(fmt.Sprintf(f, group)))
			if n, ok := count(string(b)); err == nil && ok {
				return n, nil
			}
		}
	}
	b, err := os.ReadFile("/proc/vmstat")
	if err != nil {
		return 0, fmt.Errorf("cannot count what the kernel killed: %w", err)
	}
	n, ok := count(string(b))
	if !ok {
		return 0, fmt.Errorf("cannot count what the kernel killed: this kernel does not tell (before Linux 4.13)")
	}
	return n, nil
}

func count(text string) (int64, bool) {
	n, err := strconv.ParseInt(fields(text, " ")["oom_kill"], 10, 64)
	return n, err == nil
}
