package hostinfo

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/gatemend/gatemend/detect"
	"golang.org/x/sys/unix"
)

// Query says what matters on this host.
type Query struct {
	Paths        []string // files or directories whose file systems matter; a missing one stands for its nearest parent
	ControlGroup string   // of the site's unit, "" for none
	NginxWorker  int      // PID of a worker, 0 for none
}

// Read reads the host. What cannot be learnt is left out and told, one lack each. Only the file
// systems can keep it waiting (a dead network mount answers never): ctx ends that.
func Read(ctx context.Context, q Query) (detect.Host, []detect.Lack) {
	h := detect.Host{MAC: mac("/sys"), Kernel: kernel()}
	var lacks []detect.Lack
	note := func(fact string, err error) {
		if err != nil {
			lacks = append(lacks, detect.Lack{Fact: fact, Why: err.Error()})
		}
	}
	var err error
	h.Disks, err = disksWithin(ctx, q.Paths)
	note("host.disks", err)
	h.MemFree, h.MemTotal, err = memory("/proc/meminfo")
	note("host.memory", err)
	h.OOMKills, err = oomKills(q.ControlGroup)
	note("host.oom_kills", err)
	if q.NginxWorker > 0 {
		h.Nofile, h.NofileUse, err = descriptors(filepath.Join("/proc", strconv.Itoa(q.NginxWorker)))
		note("host.nofile", err)
	}
	return h, lacks
}

func kernel() string {
	var u unix.Utsname
	if err := unix.Uname(&u); err != nil {
		return ""
	}
	return detect.Clean(unix.ByteSliceToString(u.Release[:]))
}

// memory reads MemAvailable, which counts what the kernel can free, and MemTotal, in bytes.
func memory(path string) (free, total int64, err error) {
	b, err := os.ReadFile(path)
	if err != nil {
		return 0, 0, fmt.Errorf("cannot read memory: %w", err)
	}
	v := fields(string(b), ":")
	free, total = kib(v["MemAvailable"]), kib(v["MemTotal"])
	if total == 0 {
		return 0, 0, fmt.Errorf("cannot read memory: %q names no MemTotal", path)
	}
	return free, total, nil
}

// fields reads lines of "key SEP value".
func fields(text, sep string) map[string]string {
	out := map[string]string{}
	for line := range strings.Lines(text) {
		if key, value, ok := strings.Cut(line, sep); ok {
			out[key] = strings.TrimSpace(value)
		}
	}
	return out
}

func kib(s string) int64 {
	n, _ := strconv.ParseInt(strings.TrimSuffix(s, " kB"), 10, 64)
	return n * 1024
}

// descriptors reads the soft limit of open files and how many are open, of /proc/PID.
func descriptors(dir string) (limit, used int, err error) {
	b, err := os.ReadFile(filepath.Join(dir, "limits"))
	if err != nil {
		return 0, 0, fmt.Errorf("cannot read the limits of nginx's worker: %w", err)
	}
	for line := range strings.Lines(string(b)) {
		if rest, ok := strings.CutPrefix(line, "Max open files"); ok {
			if f := strings.Fields(rest); len(f) > 0 {
				limit, _ = strconv.Atoi(f[0])
			}
		}
	}
	open, err := os.ReadDir(filepath.Join(dir, "fd"))
	if err != nil {
		return limit, 0, fmt.Errorf("cannot count the open files of nginx's worker: %w", err)
	}
	return limit, len(open), nil
}

// mac says which mandatory access control is on, by the files of its kernel interface.
func mac(sys string) string {
	if b, err := os.ReadFile(filepath.Join(sys, "fs/selinux/enforce")); err == nil {
		if strings.TrimSpace(string(b)) == "1" {
			return "selinux enforcing"
		}
		return "selinux permissive"
	}
	if b, err := os.ReadFile(filepath.Join(sys, "module/apparmor/parameters/enabled")); err == nil && strings.TrimSpace(string(b)) == "Y" {
		return "apparmor"
	}
	return ""
}
