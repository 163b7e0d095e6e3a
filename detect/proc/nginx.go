package proc

import (
	"strings"

	"github.com/gatemend/gatemend/detect"
)

// Nginx picks nginx's master and its workers from all processes: the master in the given unit,
// or, when that has none, root's that is in no container. Workers are its children, those that are
// shutting down included (Process.Exits). A killed master leaves serving workers behind: master
// is nil then, and the workers are those of the unit. Title and name (comm) are a process's own
// word: what makes a master is that it runs in the unit, or as root. Else any user could have an
// nginx that is down taken for one that runs, and root look at his own files as "nginx's worker".
func Nginx(all []detect.Process, unit string) (master *detect.Process, workers []detect.Process) {
	var fallback *detect.Process
	for i := range all {
		p := &all[i]
		switch {
		case !titled(*p, "nginx: master process"):
		case p.Unit == unit && (master == nil || p.PPID == 1):
			master = p
		case fallback == nil && p.UID == 0 && !contained(p.Unit):
			fallback = p
		}
	}
	if master == nil && !orphaned(all, unit) {
		master = fallback
	}
	for _, p := range all {
		if titled(p, "nginx: worker process") && belongs(p, master, unit) {
			workers = append(workers, p)
		}
	}
	return master, workers
}

// orphaned tells that the unit still has workers, without a master.
func orphaned(all []detect.Process, unit string) bool {
	for _, p := range all {
		if p.Unit == unit && titled(p, "nginx: worker process") {
			return true
		}
	}
	return false
}

func belongs(worker detect.Process, master *detect.Process, unit string) bool {
	if master == nil {
		return worker.Unit == unit
	}
	return worker.PPID == master.PID
}

func titled(p detect.Process, prefix string) bool {
	return (p.Comm == "nginx" || p.Comm == "openresty") && strings.HasPrefix(title(p), prefix)
}

// contained tells a unit that is a container of its own, whose nginx is not this host's.
func contained(unit string) bool {
	if unit != "" && !isUnit(unit) {
		return true
	}
	for _, prefix := range []string{"docker", "libpod", "podman", "crio", "cri-containerd", "machine-", "systemd-nspawn@"} {
		if strings.HasPrefix(unit, prefix) {
			return true
		}
	}
	return false
}

// Worker picks a worker whose rights are those of nginx now: the oldest that is not shutting down.
func Worker(workers []detect.Process) *detect.Process {
	var best *detect.Process
	for i := range workers {
		if w := &workers[i]; !w.Exits && w.State != "Z" && (best == nil || w.Start < best.Start) {
			best = w
		}
	}
	return best
}

// FindNginx is [Nginx] on the processes of this moment, reading only those that are called so.
func FindNginx(unit string) (master *detect.Process, workers []detect.Process, err error) {
	pids, err := PIDs()
	if err != nil {
		return nil, nil, err
	}
	var named []int
	for _, pid := range pids {
		if st, err := readStat(pid); err == nil && (st.comm == "nginx" || st.comm == "openresty") {
			named = append(named, pid)
		}
	}
	master, workers = Nginx(readMany(named), unit)
	return master, workers, nil
}
