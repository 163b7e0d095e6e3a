package proc

import (
	"os"
	"path/filepath"
	"strings"

	"github.com/gatemend/gatemend/detect"
)

// cgroup is a process's place in the hierarchies that systemd manages: the unified one, and
// on hosts with version 1 or both (hybrid) the one named systemd (cgroups(7)).
type cgroup struct{ unified, systemd string }

// parseCgroup reads /proc/PID/cgroup.
func parseCgroup(text string) (g cgroup) {
	for line := range strings.Lines(text) {
		f := strings.SplitN(strings.TrimRight(line, "\n"), ":", 3)
		switch {
		case len(f) != 3:
		case f[0] == "0" && f[1] == "":
			g.unified = strings.TrimSuffix(f[2], " (deleted)")
		case f[1] == "name=systemd":
			g.systemd = strings.TrimSuffix(f[2], " (deleted)")
		}
	}
	return g
}

// in tells whether the process is in group or below it.
func (g cgroup) in(group string) bool { return below(g.unified, group) || below(g.systemd, group) }

func below(path, group string) bool {
	return group != "" && group != "/" && (path == group || strings.HasPrefix(path, strings.TrimSuffix(group, "/")+"/"))
}

// unit names what the process belongs to, by whichever hierarchy tells.
func (g cgroup) unit() string {
	if u := unitOf(g.systemd); u != "" {
		return u
	}
	return unitOf(g.unified)
}

var unitSuffixes = []string{".service", ".scope", ".socket", ".mount", ".swap"}

// unitOf is the outermost unit on the path that is not a slice, as systemd's
// cg_path_get_unit() has it: a user's own units belong to user@UID.service. Containers made
// without systemd are named by their manager's directory: docker/0123456789ab.
func unitOf(path string) string {
	parts := strings.Split(strings.Trim(path, "/"), "/")
	for _, part := range parts {
		for _, suffix := range unitSuffixes {
			if name, ok := strings.CutSuffix(part, suffix); ok && name != "" {
				return detect.Clean(part)
			}
		}
	}
	for i, part := range parts[:len(parts)-1] {
		switch part {
		case "docker", "lxc", "lxc.payload", "libpod_parent", "kubepods", "podman":
			return detect.Clean(part + "/" + parts[i+1][:min(12, len(parts[i+1]))])
		}
	}
	return ""
}

// frozen reads whether the unified group is stopped as a whole (cgroup.events, by
// `systemctl freeze`). Its processes stay in state S or R then.
func (g cgroup) frozen() bool {
	if g.unified == "" || g.unified == "/" {
		return false
	}
	for _, dir := range unifiedRoots {
		b, err := os.ReadFile(filepath.Join(dir, g.unified, "cgroup.events"))
		if err == nil {
			return strings.Contains(string(b), "frozen 1")
		}
	}
	return false
}

// unifiedRoots is where systemd mounts the unified hierarchy: alone, or beside version 1.
var unifiedRoots = []string{"/sys/fs/cgroup", "/sys/fs/cgroup/unified"}
