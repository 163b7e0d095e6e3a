package proc

import (
	"os"
	"path/filepath"
	"strings"
	"sync"

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

// unit names what the process belongs to, by whichever hierarchy tells. Manager is the root of
// our own service manager's groups.
func (g cgroup) unit(manager cgroup) string {
	if u := unitOf(g.systemd, manager.systemd); u != "" {
		return u
	}
	return unitOf(g.unified, manager.unified)
}

// manager is where our PID 1 keeps its units: "" on a host, something else in a container that
// shares the host's view of control groups.
var manager = sync.OnceValue(func() cgroup {
	b, _ := readFile("/proc/1/cgroup")
	g := parseCgroup(string(b))
	g.unified = strings.TrimSuffix(strings.TrimSuffix(g.unified, "/init.scope"), "/")
	g.systemd = strings.TrimSuffix(strings.TrimSuffix(g.systemd, "/init.scope"), "/")
	return g
})

var unitSuffixes = []string{".service", ".scope", ".socket", ".mount", ".swap"}

// unitOf is the first component that is not a slice, as systemd's cg_path_get_unit() has it: a
// user's own units belong to user@UID.service. When that is no unit of ours, it is a container
// made without our systemd (docker/0123456789ab, lxc.payload.web), and units below it are that
// container's: its nginx.service must not be taken for ours.
func unitOf(path, manager string) string {
	if below(path, manager) {
		path = strings.TrimPrefix(path, manager)
	}
	parts := strings.Split(strings.Trim(path, "/"), "/")
	for len(parts) > 1 && strings.HasSuffix(parts[0], ".slice") {
		parts = parts[1:]
	}
	first := parts[0]
	switch {
	case strings.HasSuffix(first, ".slice"), first == "..": // "/..": outside of our view of control groups
		return ""
	case !isUnit(first) && len(parts) > 1 && !strings.Contains(first, "."):
		first += "/" + parts[1][:min(12, len(parts[1]))]
	}
	return detect.Clean(first)
}

func isUnit(name string) bool {
	for _, suffix := range unitSuffixes {
		if base, ok := strings.CutSuffix(name, suffix); ok && base != "" {
			return true
		}
	}
	return false
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
