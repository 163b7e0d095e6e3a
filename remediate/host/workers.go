package host

import (
	"bytes"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"

	"github.com/gatemend/gatemend/detect"
)

// worker is one process that serves requests, known by number and start: numbers are used again.
type worker struct {
	pid   int
	start string // in ticks since boot
}

type workers []worker

// without counts the workers that are not in old.
func (w workers) without(old workers) int {
	n := 0
	for _, one := range w {
		if !slices.Contains(old, one) {
			n++
		}
	}
	return n
}

// workersOf lists the master's workers that are not shutting down, by the title that nginx gives
// them (ngx_setproctitle in src/os/unix/ngx_process_cycle.c).
func workersOf(master int) (workers, error) {
	list, err := os.ReadFile(fmt.Sprintf("/proc/%d/task/%[1]d/children", master))
	if err != nil {
		return nil, fmt.Errorf("its workers cannot be seen: %w", err)
	}
	var out workers
	for _, f := range strings.Fields(string(list)) {
		pid, err := strconv.Atoi(f)
		if err != nil {
			continue
		}
		title, err := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", pid))
		if err != nil || !bytes.Contains(title, []byte("worker process")) || bytes.Contains(title, []byte("shutting down")) {
			continue // ended meanwhile, or a cache process
		}
		if start, ok := startOf(pid); ok {
			out = append(out, worker{pid, start})
		}
	}
	return out, nil
}

// startOf is field 22 of /proc/PID/stat (proc(5)), counted behind the name, which may hold spaces.
func startOf(pid int) (string, bool) {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return "", false
	}
	f := strings.Fields(string(stat[bytes.LastIndexByte(stat, ')')+1:]))
	if len(f) < 20 {
		return "", false
	}
	return f[19], true
}

// ownersOf names the holders of a port for a person.
func ownersOf(ps []detect.Process) string {
	var out []string
	for _, p := range ps {
		out = append(out, fmt.Sprintf("process %d (%s)", p.PID, p.Comm))
	}
	if len(out) == 0 {
		return "another process"
	}
	return strings.Join(out, ", ")
}
