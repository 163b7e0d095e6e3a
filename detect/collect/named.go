package collect

import (
	"context"
	"net"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"time"

	"github.com/gatemend/gatemend/detect"
	"github.com/gatemend/gatemend/detect/look"
	"github.com/gatemend/gatemend/detect/packages"
)

// mostNamed bounds what is looked at: a traceback may name dozens of files.
const mostNamed = 40

// named looks at what the unit and the log lines name, as it is now: whether what made the unit fail is
// still so.
func (s *snapshot) named(ctx context.Context, known detect.Facts) (change, error) {
	l := &lookup{ctx: ctx, packages: s.packages}
	if known.Quiet != nil {
		l.touched = known.Quiet.AppChanged
	}
	var err error
	if u := known.Unit; u != nil {
		err = s.ofUnit(l, known)
		for _, line := range known.Lines {
			if !u.Running() || line.At >= u.ExecStart { // what it lacked before it was started well is history
				l.ofLine(line, u)
			}
		}
	}
	return func(f *detect.Facts) { f.Named = l.found }, err
}

// lookup gathers things, each once.
type lookup struct {
	ctx      context.Context
	packages *packages.Reader
	touched  detect.Time // when a file of the app changed last
	found    []detect.Named
}

func (l *lookup) add(n detect.Named) {
	if n.Name != "" && len(l.found) < mostNamed && !l.has(n.Kind, n.Name) {
		l.found = append(l.found, n)
	}
}

func (l *lookup) has(kind, name string) bool {
	return slices.ContainsFunc(l.found, func(n detect.Named) bool { return n.Kind == kind && n.Name == name })
}

// ofUnit adds what the unit names: its files as root sees them, its user, its ports.
func (s *snapshot) ofUnit(l *lookup, known detect.Facts) error {
	err := errNotAsked
	if s.Look != nil {
		var files []detect.Named
		if files, err = s.Look.Named(l.ctx, s.site.Name, s.route.Path); err == nil {
			for _, n := range files {
				l.add(n)
			}
		}
	}
	if u := known.Unit; u.User != "" {
		l.add(account(u.User))
	}
	for _, b := range known.Unit.Binds {
		if !b.IsUnix() {
			l.add(port(b, known.Listeners))
		}
	}
	return err
}

// ofLine looks at what a line names. Its words may be the app's own: they are looked at, nothing more.
func (l *lookup) ofLine(line detect.Line, u *detect.Unit) {
	if len(l.found) >= mostNamed {
		return
	}
	for _, key := range []string{"path", "file"} {
		if p := line.Attr[key]; filepath.IsAbs(p) {
			l.add(look.Inspect("file", filepath.Clean(p)))
		}
	}
	if m := line.Attr["module"]; m != "" && !l.has("module", m) { // several directories are searched
		for _, n := range module(m, u, l.packages.Dirs(program0(u))) {
			l.add(n)
		}
	}
	if v := line.Attr["variable"]; v != "" {
		l.add(l.variable(v, u))
	}
	if address := line.Service(); address != "" {
		l.add(l.remote(address))
	}
}

// port tells whether somebody listens where the unit wants to.
func port(t detect.Target, listeners []detect.Listener) detect.Named {
	n := detect.Named{Kind: "port", Name: t.Address, State: "free"}
	for _, l := range listeners {
		if t.Reaches(l.Target) {
			n.State = "listening"
			if len(l.Owners) > 0 {
				o := l.Owners[0]
				n.Note = detect.Clean("pid " + strconv.Itoa(o.PID) + " " + o.Comm + " " + o.Unit)
			}
		}
	}
	return n
}

// remoteTimeout is for one connect on this host.
const remoteTimeout = 500 * time.Millisecond

// remote tries a TCP connect to a service that the app could not reach, and sends nothing. Only on this
// host: the address is the app's own word, and nobody may send root about with it.
func (l *lookup) remote(address string) detect.Named {
	n := detect.Named{Kind: "port", Name: address, State: "unknown"}
	if !detect.TCP(address).Local() {
		n.Note = "not on this host: not tried"
		return n
	}
	ctx, cancel := context.WithTimeout(l.ctx, remoteTimeout)
	defer cancel()
	conn, err := new(net.Dialer).DialContext(ctx, "tcp", address)
	switch {
	case err == nil:
		n.State = "listening"
		_ = conn.Close()
	case ctx.Err() == nil:
		n.State = "free"
	}
	return n
}

func account(name string) detect.Named {
	n := detect.Named{Kind: "user", Name: name, State: "exists"}
	if _, err := user.Lookup(name); err != nil {
		n.State = "missing"
		if _, err := user.LookupId(name); err == nil {
			n.State = "exists"
		}
	}
	return n
}

// variable tells whether the unit sets it. Where it does not, and the app's files changed since the last
// start, they may set it or need it no more.
func (l *lookup) variable(name string, u *detect.Unit) detect.Named {
	n := detect.Named{Kind: "variable", Name: name, State: "missing"}
	switch {
	case slices.Contains(u.Environ, name):
		n.State = "exists"
	case l.touched > u.ExecStart:
		n.State, n.Note = "unknown", "the app's files changed since"
	case slices.ContainsFunc(l.found, func(n detect.Named) bool { return n.Kind == "envfile" && n.State == "unreadable" }):
		n.State, n.Note = "unknown", "an environment file cannot be read"
	}
	return n
}
