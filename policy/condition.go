package policy

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/gatemend/gatemend/detect"
)

func unfit(code Code, format string, args ...any) *Refusal {
	return &Refusal{Code: code, Why: fmt.Sprintf(format, args...)}
}

func both(a, b condition) condition {
	return func(d *detect.Finding, f *detect.Facts) *Refusal {
		if r := a(d, f); r != nil {
			return r
		}
		return b(d, f)
	}
}

// isActivated tells a unit that a .socket starts: the .socket then owns the file.
func isActivated(f *detect.Facts) bool {
	if f.Route.Socket != "" || f.Socket != nil {
		return true
	}
	return f.Unit != nil && slices.ContainsFunc(f.Unit.TriggeredBy, func(u string) bool { return strings.HasSuffix(u, ".socket") })
}

func activated(_ *detect.Finding, f *detect.Facts) *Refusal {
	if !isActivated(f) {
		return unfit(NothingSafe, "the unit is not socket-activated")
	}
	return nil
}

// restartable tells a .socket that comes back from a restart: systemd starts none whose service runs, and takes
// down first only a service that requires its socket (Requires=, which systemd does not add by itself).
func restartable(d *detect.Finding, f *detect.Facts) *Refusal {
	if r := activated(d, f); r != nil {
		return r
	}
	s, u := f.Socket, f.Unit
	if s != nil && u.Running() && !s.TakesAlong(u.Name, u.AliasOf) {
		return unfit(NothingSafe, "systemd does not start %s while %s runs, which does not require it", s.Name, u.Name)
	}
	return nil
}

func notActivated(_ *detect.Finding, f *detect.Facts) *Refusal {
	if isActivated(f) {
		return unfit(NothingSafe, "the socket belongs to %s, a restart of the service does not make it", socketName(f))
	}
	return nil
}

func socketName(f *detect.Facts) string {
	switch {
	case f.Route.Socket != "":
		return f.Route.Socket
	case f.Socket != nil:
		return f.Socket.Name
	}
	return "its .socket unit"
}

func socketDown(d *detect.Finding, f *detect.Facts) *Refusal {
	if r := activated(d, f); r != nil {
		return r
	}
	if f.Socket.Running() {
		return unfit(NothingSafe, "%s is active", socketName(f))
	}
	return nil
}

// serviceDown holds for a service that does not run. A dead .socket comes first: systemd
// starts the service by itself once it listens.
func serviceDown(d *detect.Finding, f *detect.Facts) *Refusal {
	switch {
	case f.Offline && (f.Unit == nil || f.Unit.Active == ""):
		return unfit(NothingSafe, "whether the unit runs is not in the evidence")
	case f.Unit.Running():
		return unfit(NothingSafe, "%s is running", f.Unit.Name)
	case d.Cause == detect.GunicornStopped && socketDown(d, f) == nil:
		return unfit(NothingSafe, "%s starts the service once it listens", socketName(f))
	}
	return nil
}

// leftovers: kill -9 of a master with one slow request in flight leaves the unit in
// deactivating until TimeoutStopSec; a restart then takes 90 s, ending them first 0.3 s.
func leftovers(d *detect.Finding, f *detect.Facts) *Refusal {
	if d.Subject[detect.SubjectLeftovers] == "yes" {
		return nil
	}
	if f.Unit != nil && f.Unit.Active == "deactivating" && len(f.Processes) > 0 && f.At.Since(f.Unit.StateChange) >= settleAfter {
		return nil
	}
	return unfit(NothingSafe, "no process of the unit is left over")
}

func notTraced(_ *detect.Finding, f *detect.Facts) *Refusal {
	for _, p := range f.Processes {
		if p.Tracer != 0 {
			return unfit(NothingSafe, "process %d is being traced by process %d: a person is debugging it", p.PID, p.Tracer)
		}
	}
	return nil
}

func reasonGone(d *detect.Finding, _ *detect.Facts) *Refusal {
	if !d.Gone {
		return unfit(ReasonRemains, "what made it fail is not known to be gone")
	}
	return nil
}

// noSecondMaster: a second gunicorn on the path removed it when it went, or holds it.
// Restarting against it only moves the fault. Of processes that may not write where the path
// lies the word of a command line, or of a path in another mount namespace, is no reason:
// else any user could keep the site from being healed.
func noSecondMaster(_ *detect.Finding, f *detect.Facts) *Refusal {
	for _, l := range f.Listeners {
		if l.Ours && !l.InUnit && (len(l.Owners) == 0 || slices.ContainsFunc(l.Owners, func(p detect.Process) bool { return mayHaveTaken(f, p) })) {
			return unfit(NothingSafe, "another process than the unit's listens on %s", l.Target)
		}
	}
	for _, p := range f.Strays {
		names := func(a string) bool { return strings.Contains(a, f.Route.Target.Address) }
		if f.Route.Target.Known() && slices.ContainsFunc(p.Args, names) && mayHaveTaken(f, p) {
			return unfit(NothingSafe, "process %d outside the unit serves %s too", p.PID, f.Route.Target)
		}
	}
	return nil
}

// mayHaveTaken tells a process that can make or remove the route's socket, or one of the
// directories above it, or of which that is not known. On TCP any can.
func mayHaveTaken(f *detect.Facts, p detect.Process) bool {
	if p.UID == 0 || f.Path == nil {
		return true
	}
	innermost := path.Dir(f.Path.Path)
	reached := false
	for _, part := range f.Path.Parts {
		shared := part.Mode&0o022 != 0 && (part.Mode&0o1000 == 0 || part.Path == innermost)
		if part.Kind == "link" || part.Kind == "dir" && (shared || part.UID == p.UID) {
			return true
		}
		reached = reached || part.Path == innermost && part.Kind == "dir"
	}
	return !reached
}

func groupsStale(d *detect.Finding, _ *detect.Facts) *Refusal {
	if d.Subject[detect.SubjectGroups] != "stale" {
		return unfit(NothingSafe, "nginx's workers have the groups that /etc/group gives them")
	}
	return nil
}

func groupsCurrent(d *detect.Finding, f *detect.Facts) *Refusal {
	if groupsStale(d, f) == nil {
		return unfit(NothingSafe, "the mode is right, nginx's workers are older than the group that lets them in")
	}
	return nil
}

func createsRight(d *detect.Finding, _ *detect.Facts) *Refusal {
	if d.Subject[detect.SubjectRight] != "yes" {
		return unfit(NothingSafe, "nothing shows that a restart would make the socket with the right mode")
	}
	return nil
}

// memoryShort is the share of all memory that must be free before a killed app is
// started again: a worker that was too big a moment ago is so again.
const memoryShort = 10

func memoryFree(_ *detect.Finding, f *detect.Facts) *Refusal {
	h := f.Host
	if h != nil && h.MemTotal > 0 && h.MemFree < h.MemTotal/memoryShort {
		return unfit(MemoryShort, "%d of %d MiB of memory are free, it takes %d", h.MemFree>>20, h.MemTotal>>20, h.MemTotal/memoryShort>>20)
	}
	return nil
}
