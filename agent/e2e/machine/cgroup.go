package machine

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// hierarchies are the roots of the control group trees that a systemd needs for itself. The first is
// always version 2, the one that the machine sees.
func hierarchies() ([]string, error) {
	if isCgroup2("/sys/fs/cgroup") {
		return []string{"/sys/fs/cgroup"}, nil
	}
	hybrid := []string{"/sys/fs/cgroup/unified", "/sys/fs/cgroup/systemd"}
	if !isCgroup2(hybrid[0]) {
		return nil, errors.New("cannot find control groups version 2 at /sys/fs/cgroup or /sys/fs/cgroup/unified (boot this host with systemd.unified_cgroup_hierarchy=1)")
	}
	return hybrid, nil
}

func isCgroup2(path string) bool {
	var st unix.Statfs_t
	return unix.Statfs(path, &st) == nil && st.Type == unix.CGROUP2_SUPER_MAGIC
}

// makeGroups gives the machine one control group in each hierarchy.
func makeGroups(name string) ([]string, error) {
	roots, err := hierarchies()
	if err != nil {
		return nil, err
	}
	offerControllers(roots[0])
	var groups []string
	for _, root := range roots {
		dir := filepath.Join(root, name)
		if err := os.Mkdir(dir, 0o755); err != nil {
			return groups, fmt.Errorf("cannot create the machine's control group: %w", err)
		}
		groups = append(groups, dir)
	}
	return groups, nil
}

// offerControllers makes memory.events and the like exist in machines where the host can. On a hybrid
// host version 1 holds the controllers, and every write fails: then the machine does without.
func offerControllers(root string) {
	for _, c := range []string{"+cpu", "+memory", "+pids"} {
		_ = os.WriteFile(filepath.Join(root, "cgroup.subtree_control"), []byte(c), 0)
	}
}

// removeGroup kills what still runs in the group and removes it, children first. The kernel refuses a
// directory until its last process is reaped, which may take a moment.
func removeGroup(ctx context.Context, dir string) error {
	return poll(ctx, 5*time.Millisecond, func() error {
		_ = os.WriteFile(filepath.Join(dir, "cgroup.kill"), []byte("1"), 0)
		var errs []error
		for _, sub := range slices.Backward(subgroups(dir)) {
			if err := os.Remove(sub); err != nil && !errors.Is(err, fs.ErrNotExist) {
				errs = append(errs, err)
			}
		}
		return errors.Join(errs...)
	})
}

// subgroups lists dir and everything below, parents before children.
func subgroups(dir string) []string {
	var dirs []string
	_ = filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err == nil && d.IsDir() {
			dirs = append(dirs, path)
		}
		return nil // a group that vanishes while we walk is what we want
	})
	return dirs
}

// members are the processes in dir and below, as this host numbers them.
func members(dir string) []string {
	var pids []string
	for _, sub := range subgroups(dir) {
		text, _ := os.ReadFile(filepath.Join(sub, "cgroup.procs"))
		pids = append(pids, strings.Fields(string(text))...)
	}
	return pids
}
