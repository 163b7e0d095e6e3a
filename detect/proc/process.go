package proc

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/gatemend/gatemend/detect"
)

// ErrGone tells that there is no such process (any more).
var ErrGone = errors.New("process is gone")

// Read reads one process; [ErrGone] when it is not there.
func Read(pid int) (detect.Process, error) {
	st, err := readStat(pid)
	if err != nil {
		return detect.Process{}, err
	}
	b, err := read(pid, "status")
	if err != nil {
		return detect.Process{}, err
	}
	status, err := parseStatus(b)
	if err != nil {
		return detect.Process{}, fmt.Errorf("cannot read process %d: %w", pid, err)
	}
	groups, err := read(pid, "cgroup")
	if err != nil {
		return detect.Process{}, err
	}
	cmdline, _ := read(pid, "cmdline") // empty for a zombie; not a reason to know nothing
	group := parseCgroup(string(groups))
	p := detect.Process{
		PID: pid, PPID: st.ppid, Comm: st.comm, State: st.state, Args: parseArgs(cmdline),
		UID: status.cred.UID, Tracer: status.tracer, Start: sinceBoot(st.start),
		Unit: group.unit(manager()), Frozen: group.frozen(),
	}
	p.Exits = strings.HasSuffix(title(p), "is shutting down")
	return p, nil
}

// Rights reads the credentials of a running process.
func Rights(pid int) (Credentials, error) {
	b, err := read(pid, "status")
	if err != nil {
		return Credentials{}, err
	}
	s, err := parseStatus(b)
	if err != nil {
		return Credentials{}, fmt.Errorf("cannot read the rights of process %d: %w", pid, err)
	}
	return s.cred, nil
}

// All reads every process that can be read; those that end meanwhile are left out.
func All() ([]detect.Process, error) {
	pids, err := PIDs()
	if err != nil {
		return nil, err
	}
	return readMany(pids), nil
}

// PIDs lists the processes there are, in ascending order.
func PIDs() ([]int, error) {
	d, err := os.Open("/proc")
	if err != nil {
		return nil, fmt.Errorf("cannot list processes: %w", err)
	}
	defer d.Close()
	names, err := d.Readdirnames(-1)
	if err != nil {
		return nil, fmt.Errorf("cannot list processes: %w", err)
	}
	var pids []int
	for _, n := range names {
		if pid, err := strconv.Atoi(n); err == nil {
			pids = append(pids, pid)
		}
	}
	slices.Sort(pids)
	return pids, nil
}

func readMany(pids []int) []detect.Process {
	var out []detect.Process
	for _, pid := range pids {
		if p, err := Read(pid); err == nil {
			out = append(out, p)
		}
	}
	return out
}

func readStat(pid int) (stat, error) {
	b, err := read(pid, "stat")
	if err != nil {
		return stat{}, err
	}
	st, err := parseStat(b)
	if err != nil {
		return stat{}, fmt.Errorf("cannot read process %d: %w", pid, err)
	}
	return st, nil
}

const fileMax = 64 << 10

// read reads one bounded file of a process.
func read(pid int, name string) ([]byte, error) {
	b, err := readFile(filepath.Join("/proc", strconv.Itoa(pid), name))
	if errors.Is(err, os.ErrNotExist) || isESRCH(err) {
		return nil, fmt.Errorf("cannot read process %d: %w", pid, ErrGone)
	}
	if err != nil {
		return nil, fmt.Errorf("cannot read process %d: %w", pid, err)
	}
	return b, nil
}

func readFile(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return io.ReadAll(io.LimitReader(f, fileMax))
}

// title is the command line as one text.
func title(p detect.Process) string { return strings.TrimSpace(strings.Join(p.Args, " ")) }
