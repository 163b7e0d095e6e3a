package cli

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/gatemend/gatemend/detect"
)

func socketFile(f *detect.Facts) []item {
	const what = "socket file"
	p := f.Path.Last()
	if p == nil {
		return nil
	}
	if !f.Path.Exists() {
		return one(bad, what, "%s is %s", p.Path, p.Kind)
	}
	return one(when(p.Kind == "socket"), what, "%s: %s, mode %04o, %s:%s", p.Path, p.Kind, p.Mode, p.Owner, p.Group)
}

func listeners(f *detect.Facts) []item {
	const what = "listener"
	var l []item
	for _, h := range f.Listeners {
		if !h.Ours {
			continue
		}
		seen := fmt.Sprintf("%s, queue %d of %d", holders(h), h.Queue, h.Backlog)
		if h.SameFile == "no" {
			seen += "; its socket file is gone or replaced"
		}
		l = append(l, item{when(h.InUnit && h.SameFile != "no"), what, seen})
	}
	switch {
	case len(l) > 0:
		return l
	case lacks(f, "listeners"):
		return one(unknown, what, "%s", lacking(f, "listeners"))
	}
	return one(bad, what, "nobody listens on %s", f.Route.Target)
}

// holders groups the processes that share a listener by what they are.
func holders(h detect.Listener) string {
	if len(h.Owners) == 0 {
		return "an unknown process"
	}
	var names []string
	pids := map[string][]string{}
	for _, p := range h.Owners {
		name := fmt.Sprintf("%s (%s)", p.Comm, orUnknown(p.Unit))
		if pids[name] == nil {
			names = append(names, name)
		}
		pids[name] = append(pids[name], strconv.Itoa(p.PID))
	}
	for i, name := range names {
		names[i] = name + " " + listed(pids[name])
	}
	return strings.Join(names, "; ")
}

// listed shows the first process ids of many.
func listed(pids []string) string {
	const most = 4
	if len(pids) == 1 {
		return "PID " + pids[0]
	}
	more := ""
	if n := len(pids) - most; n > 0 {
		pids, more = pids[:most], fmt.Sprintf(" and %d more", n)
	}
	return "PIDs " + strings.Join(pids, " ") + more
}

func workerMay(f *detect.Facts) []item {
	const what = "nginx may connect"
	w := f.Worker
	if w == nil {
		return one(unknown, what, "%s", lacking(f, "worker"))
	}
	l := one(when(w.Outcome == detect.Connected), what, "as %s (uid %d): %s", w.User, w.UID, w.Outcome)
	if f.Path == nil || w.Outcome == detect.Connected {
		return l
	}
	for _, p := range f.Path.Parts {
		if p.WorkerMay == "no" {
			return append(l, item{bad, what, fmt.Sprintf("%s stops it: %s, mode %04o, %s:%s", p.Path, p.Kind, p.Mode, p.Owner, p.Group)})
		}
	}
	return l
}
