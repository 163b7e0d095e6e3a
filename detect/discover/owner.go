package discover

import (
	"fmt"
	"slices"
	"strings"

	"github.com/gatemend/gatemend/detect"
	"github.com/gatemend/gatemend/policy"
)

// owner is what serves a target.
type owner struct {
	unit   string // "" where no unit could be started to mend it
	socket string
	reason string // why it is not managed, "" when it is
	takes  []string
}

func (o owner) apply(r *detect.Route) {
	r.Unit, r.Socket, r.Reason = o.unit, o.socket, o.reason
	if o.reason == "" {
		r.Manage = detect.ManageAct
	}
}

// alongside notes what a restart would take along: it needs a person's word in the file.
func (f *finder) alongside(o owner) {
	if o.reason == "" && len(o.takes) > 0 {
		f.note("%s: a restart would also restart %s; it is not restarted until the route names them in also: [%s]",
			o.unit, strings.Join(o.takes, " and "), strings.Join(o.takes, ", "))
	}
}

// behind finds what serves a target: from who listens there, or, when nobody does, from
// the units that say they would.
func (f *finder) behind(t detect.Target) (owner, error) {
	listeners := f.listening(t)
	if len(listeners) == 0 {
		return f.wouldListen(t)
	}
	var procs []detect.Process
	for _, l := range listeners {
		procs = append(procs, l.Owners...)
	}
	if len(procs) == 0 {
		return owner{reason: fmt.Sprintf("something listens on %s, and its process is not visible from here (another namespace?)", t)}, nil
	}
	units := unitsOf(procs)
	if slices.Equal(units, []string{"init.scope"}) || len(units) == 1 && procs[0].PID == 1 {
		return f.activated(t)
	}
	units = slices.DeleteFunc(units, func(u string) bool { return u == "init.scope" }) // systemd keeps a copy of an activated socket
	if len(units) > 1 {
		return owner{reason: fmt.Sprintf("%s listen on %s together", strings.Join(units, " and "), t)}, nil
	}
	if why := foreign(units[0], procs); why != "" {
		return owner{reason: why}, nil
	}
	return f.service(units[0], t)
}

func unitsOf(procs []detect.Process) []string {
	var out []string
	for _, p := range procs {
		if !slices.Contains(out, p.Unit) {
			out = append(out, p.Unit)
		}
	}
	slices.Sort(out)
	return out
}

// foreign says why what listens is not a service of this host's systemd.
func foreign(unit string, procs []detect.Process) string {
	p := procs[0]
	who := fmt.Sprintf("%s (PID %d)", detect.Clean(p.Comm), p.PID)
	switch {
	case p.Comm == "docker-proxy" || container(unit):
		return who + " listens there: it belongs to a container, which its own manager restarts"
	case strings.HasPrefix(unit, "user@"):
		return who + " listens there: a user's own unit (" + unit + "), which the system's systemd does not start"
	case strings.HasPrefix(unit, "session-"):
		return who + " listens there: it was started from a login shell (" + unit + ") and ends with it; make it a service"
	case strings.HasPrefix(unit, "supervisor"):
		return who + " listens there: supervisor (" + unit + ") looks after it"
	case unit == "":
		return who + " listens there, outside every systemd unit"
	case !strings.HasSuffix(unit, ".service"):
		return who + " listens there: " + unit + " is not a service"
	case policy.DenyListed(unit):
		return who + " listens there: " + unit + " is never touched"
	}
	return ""
}

func container(unit string) bool {
	for _, prefix := range []string{"docker", "libpod", "containerd", "podman", "lxc", "crio", "kubepods", "machine-"} {
		if strings.HasPrefix(unit, prefix) {
			return true
		}
	}
	return false
}
