package cli

import (
	"fmt"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/gatemend/gatemend/detect"
)

func unitState(f *detect.Facts) []item {
	const what = "application unit"
	if f.Route.Unit == "" {
		return one(note, what, "none is configured: %s", orUnknown(f.Route.Reason))
	}
	u := f.Unit
	if u == nil {
		return one(unknown, what, "%s: %s", f.Route.Unit, lacking(f, "unit"))
	}
	l := one(when(u.Running()), what, "%s", unitText(u))
	if f.Socket != nil {
		l = append(l, item{when(f.Socket.Running()), what, f.Socket.Name + " is " + state(f.Socket)})
	}
	return l
}

func unitText(u *detect.Unit) string {
	s := u.Name + " is " + state(u)
	if !u.Running() {
		s += exitText(u)
	}
	if u.Job != nil {
		s += ", a " + u.Job.Type + " job is " + u.Job.State
	}
	if u.FileState == "disabled" {
		s += ", and is not started at boot (disabled)"
	}
	return s
}

// unitLoaded are the unit's own faults: what systemd has not read yet, and what it names.
func unitLoaded(f *detect.Facts) []item {
	u := f.Unit
	if u == nil {
		return nil
	}
	var l []item
	if u.NeedReload {
		l = append(l, item{bad, "unit file", u.Name + " changed on disk since systemd read it: systemctl daemon-reload"})
	}
	for _, n := range f.Named {
		if n.Name == f.Route.Target.Address {
			continue // the socket has its own line
		}
		switch n.State {
		case "exists", "listening", "unknown", "free":
		default:
			l = append(l, item{bad, named(n.Kind), strings.TrimSpace(n.Name + " is " + n.State + " " + n.Note)})
		}
		if n.Kind == "envfile" && n.MTime != 0 && u.ExecStart != 0 && n.MTime > u.ExecStart {
			l = append(l, item{note, named(n.Kind), n.Name + " is newer than the running process: it takes effect at the next restart"})
		}
	}
	return l
}

// named is what kind of thing the unit or a line names, in words.
func named(kind string) string {
	switch kind {
	case "envfile":
		return "environment file"
	case "env", "variable":
		return "variable"
	}
	return kind
}

func targetEqualsBind(f *detect.Facts) []item {
	const what = "upstream target"
	u := f.Unit
	if u == nil || len(u.Binds) == 0 {
		return one(unknown, what, "%s; where %s listens is not known", f.Route.Target, orUnknown(f.Route.Unit))
	}
	for _, b := range u.Binds {
		if f.Route.Target.Reaches(b) {
			return one(good, what, "%s is where %s binds (%s)", f.Route.Target, u.Name, orUnknown(u.BindSource))
		}
	}
	return one(bad, what, "%s, but %s binds %s (%s)", f.Route.Target, u.Name, targets(u.Binds), orUnknown(u.BindSource))
}

func targets(list []detect.Target) string {
	var l []string
	for _, t := range list {
		l = append(l, t.String())
	}
	return strings.Join(l, ", ")
}

func state(u *detect.Unit) string {
	if u.Load != "" && u.Load != "loaded" {
		return u.Load
	}
	s := u.Active + "/" + u.Sub
	if u.Result != "" && u.Result != "success" {
		s += " (" + u.Result + ")"
	}
	return s
}

// exitText is how the main process ended; ExecMainCode is that of waitid(2).
func exitText(u *detect.Unit) string {
	switch u.ExitCode {
	case 0:
		return ""
	case 2, 3:
		return ", killed by " + unix.SignalName(unix.Signal(u.ExitStatus))
	}
	return fmt.Sprintf(", exit status %d", u.ExitStatus)
}
