package discover

import (
	"fmt"
	"slices"
	"strings"

	"github.com/gatemend/gatemend/detect"
	"github.com/gatemend/gatemend/policy"
)

// service judges the service whose process listens on the target.
func (f *finder) service(name string, t detect.Target) (owner, error) {
	u, err := f.unit(name)
	if err != nil {
		return owner{}, err
	}
	o := owner{unit: name, socket: f.socketOf(u, t), takes: active(u)}
	o.reason = f.unfit(u)
	if o.reason == "" && !f.masterListens(u, t) {
		o.reason = fmt.Sprintf("its main process (PID %d) does not own the listener on %s", u.MainPID, t)
	}
	if o.reason == "" {
		o.reason = f.sharedWith(u)
	}
	return o, nil
}

// unfit says why a unit is not one to be managed, whether it runs or not.
func (f *finder) unfit(u *detect.Unit) string {
	switch {
	case u.Load != "loaded" && u.Load != "masked":
		return fmt.Sprintf("%s is %s", u.Name, u.Load)
	case u.FileState == "transient":
		return u.Name + " was made by systemd-run and has no file: once it stops it is gone"
	case u.WSGI == "flask":
		return u.Name + " runs Flask's development server, which is not made to serve; use gunicorn"
	case u.WSGI == "":
		return fmt.Sprintf("%s runs no WSGI server that is known here (%s)", u.Name, program(u))
	case !u.WSGIMain:
		return fmt.Sprintf("the main process of %s is not %s itself (%s): make its command exec it", u.Name, u.WSGI, program(u))
	}
	return ""
}

func program(u *detect.Unit) string {
	if len(u.Argv) == 0 {
		return "no command"
	}
	return detect.Clean(u.Argv[0])
}

// masterListens tells whether the unit's main process itself holds the listener.
func (f *finder) masterListens(u *detect.Unit, t detect.Target) bool {
	for _, l := range f.listening(t) {
		if slices.ContainsFunc(l.Owners, func(p detect.Process) bool { return p.PID == u.MainPID }) {
			return true
		}
	}
	return false
}

// sharedWith says what else listens from the unit: a restart would take that down, too. What the server
// itself was told to bind is its own, and so is the control socket that gunicorn 25.1 and later makes.
func (f *finder) sharedWith(u *detect.Unit) string {
	for _, l := range f.listeners {
		if !slices.ContainsFunc(l.Owners, func(p detect.Process) bool { return p.Unit == u.Name }) {
			continue
		}
		own := slices.ContainsFunc(append(u.Binds, u.Listens...), func(b detect.Target) bool { return b.Reaches(l.Target) || l.Target.Reaches(b) })
		if !own && !strings.HasSuffix(l.Target.Address, "/gunicorn.ctl") {
			return fmt.Sprintf("%s also listens on %s, which is not what %s was told to bind", u.Name, l.Target, u.WSGI)
		}
	}
	return ""
}

// wouldListen finds the unit that is down and would listen on the target.
func (f *finder) wouldListen(t detect.Target) (owner, error) {
	var fits []*detect.Unit
	err := f.each(".service", func(u *detect.Unit) {
		if slices.ContainsFunc(u.Binds, t.Reaches) && u.WSGI != "" {
			fits = append(fits, u)
		}
	})
	if err != nil {
		return owner{}, err
	}
	if len(fits) > 1 {
		fits = slices.DeleteFunc(fits, func(u *detect.Unit) bool { return u.FileState != "enabled" && !u.Running() })
	}
	switch len(fits) {
	case 0:
		return owner{reason: fmt.Sprintf("nothing listens on %s, and no enabled unit says that it would", t)}, nil
	case 1:
		u := fits[0]
		f.note("%s: nothing listens on %s now; this unit says that it would", u.Name, t)
		return owner{unit: u.Name, socket: f.socketOf(u, t), reason: f.unfit(u), takes: active(u)}, nil
	}
	return owner{reason: fmt.Sprintf("nothing listens on %s, and %s all say that they would", t, nameList(fits))}, nil
}

// activated finds the service behind a socket that systemd itself holds.
func (f *finder) activated(t detect.Target) (owner, error) {
	socket := ""
	err := f.each(".socket", func(u *detect.Unit) {
		if socket == "" && slices.ContainsFunc(u.Listens, t.Reaches) {
			socket = u.Name
		}
	})
	if err != nil {
		return owner{}, err
	}
	if socket == "" {
		return owner{reason: fmt.Sprintf("systemd listens on %s, and no .socket unit says so", t)}, nil
	}
	o := owner{socket: socket, reason: "no service belongs to " + socket}
	err = f.each(".service", func(u *detect.Unit) {
		if slices.Contains(u.TriggeredBy, socket) {
			o.unit, o.reason, o.takes = u.Name, f.unfit(u), active(u)
		}
	})
	return o, err
}

// socketOf is the .socket unit that activates a service for a target.
func (f *finder) socketOf(u *detect.Unit, t detect.Target) string {
	for _, name := range u.TriggeredBy {
		if s, err := f.unit(name); err == nil && strings.HasSuffix(name, ".socket") && slices.ContainsFunc(s.Listens, t.Reaches) {
			return name
		}
	}
	return ""
}

// active are the units that a restart would take along. Those that are down stay down.
func active(u *detect.Unit) []string {
	var out []string
	for _, d := range u.TakenAlong {
		if d.Active == "active" && !slices.Contains(out, d.Unit) {
			out = append(out, d.Unit)
		}
	}
	return out
}

// unit asks for each unit once.
func (f *finder) unit(name string) (*detect.Unit, error) {
	if u := f.known[name]; u != nil {
		return u, nil
	}
	u, err := f.units.Unit(f.ctx, name)
	if err != nil {
		return nil, fmt.Errorf("cannot look at %s: %w", name, err)
	}
	f.known[name] = u
	return u, nil
}

// each visits all units of one kind that may be touched. One that cannot be read is noted.
func (f *finder) each(suffix string, visit func(*detect.Unit)) error {
	if f.names == nil {
		names, err := f.units.Names(f.ctx)
		if err != nil {
			return fmt.Errorf("cannot list the units: %w", err)
		}
		f.names = append([]string{}, names...)
		slices.Sort(f.names)
	}
	for _, name := range f.names {
		if !strings.HasSuffix(name, suffix) || policy.DenyListed(name) {
			continue
		}
		u, err := f.unit(name)
		if err != nil {
			f.note("%v", err)
			continue
		}
		visit(u)
	}
	return nil
}

func nameList(us []*detect.Unit) string {
	names := make([]string, len(us))
	for i, u := range us {
		names[i] = u.Name
	}
	return strings.Join(names, " and ")
}
