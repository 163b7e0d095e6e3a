package diagnose

import (
	"path"
	"slices"
	"strings"

	"github.com/gatemend/gatemend/detect"
)

const (
	enoent        = 2
	eagain        = 11
	eacces        = 13
	eloop         = 40
	eprototype    = 91
	enobufs       = 105
	enotdir       = 20
	eaddrinuse    = 98
	eaddrnotavail = 99
	erofs         = 30
	edquot        = 122
	eafnosupport  = 97
	econnrefused  = 111
)

// socketMissing: the unit runs and its socket's file is gone.
func socketMissing(v *view) (*finding, string) {
	c, ok := v.failed(enoent)
	if !ok {
		return unlinkedTwice(v)
	}
	f := v.aboutUnit(found(detect.SocketMissing, 55)).contact(c).about("path", c.path(), "target", c.target)
	if s := v.f.Socket; s != nil && s.Active != "active" {
		f.because("socket.state", "%s is %s", s.Name, s.Active)
	}
	switch {
	case v.down() && v.undated():
		f.Confidence = 35 // nobody runs who would make it
	case v.up() && v.listensHere():
		f.Confidence = 92
		f.because("unit.state", "%s runs and listens, but the file is gone", v.unitName())
	case v.up() && !v.f.Offline:
		f.Confidence = 82
		f.because("unit.state", "%s is active", v.unitName())
	case v.up() && v.given("socket_exists") == "false":
		f.Confidence = 85
		f.because("given", "%s is active, and the file does not exist", v.unitName())
	case v.up():
		f.Confidence = 75 // a second gunicorn may have taken the path: a document does not show it
		f.because("unit.state", "%s is active", v.unitName())
	case v.unit == nil && v.has(detect.EventListening):
		f.Confidence = 75
	}
	if v.up() && v.has(detect.EventShuttingDown, detect.EventWorkerBootFailed) && !v.f.Offline {
		f.about(detect.SubjectLimbo, "yes").because("line:limbo", "the master is exiting: its socket is gone, and it waits up to 30 s for its workers")
	}
	return f.advise("%s   # the socket is made at a start only", v.socketAnew()).
		lasts("something removed %s: a second gunicorn on that path, a cleaner, or a unit with the same RuntimeDirectory=: give each its own", c.path()), ""
}

// goneAtTheEnd is gunicorn's exception at its end: it unlinks its socket, and fails where the file is gone.
func (v *view) goneAtTheEnd() (detect.Line, bool) {
	for _, r := range v.raised() {
		if p := r.Attr["path"]; r.Errno == enoent && (strings.HasSuffix(p, ".sock") || strings.HasSuffix(p, ".socket") || v.toldToListenAt(p)) {
			return r.Line, true
		}
	}
	return detect.Line{}, false
}

// toldToListenAt tells a path that gunicorn said it listens at.
func (v *view) toldToListenAt(path string) bool {
	return slices.ContainsFunc(v.events[detect.EventListening], func(l detect.Line) bool { return path != "" && l.Attr["target"] == "unix:"+path })
}

// endedUnclean tells an exit status that a stop got for the missing file only.
func (v *view) endedUnclean() bool {
	_, gone := v.goneAtTheEnd()
	return gone && v.unit != nil && v.unit.ExitCode == exited && v.has(detect.EventUnitStopping)
}

func unlinkedTwice(v *view) (*finding, string) {
	if l, ok := v.goneAtTheEnd(); ok {
		return v.aboutUnit(found(detect.SocketMissing, 65)).line(l).about("path", l.Attr["path"]).
			advise("%s   # %s was gone before gunicorn ended", v.socketAnew(), l.Attr["path"]), ""
	}
	if v.f.Offline && v.given("socket_exists") == "false" && len(v.f.Lines) == 0 && v.unit == nil {
		return found(detect.SocketMissing, 42).because("given", "the file does not exist, and nothing tells that the server ended").
			advise("systemctl status UNIT   # if it runs: systemctl restart UNIT makes its socket again; if not, why it ended"), ""
	}
	if v.f.Offline && v.given("socket_exists") == "false" && (v.has(detect.EventListening) || v.up()) {
		return v.aboutUnit(found(detect.SocketMissing, 70)).because("given", "gunicorn listens, and the file does not exist").
			advise("%s   # the socket is made at a start only", v.socketAnew()), ""
	}
	return nil, "the socket is not missing"
}

// listensHere tells a listener of the unit on the route's own path.
func (v *view) listensHere() bool {
	for _, l := range v.f.Listeners {
		if l.InUnit && sameTarget(l.Target, v.f.Route.Target) {
			return true
		}
	}
	return false
}

// socketDirPermission: nginx's worker cannot pass a directory on the way.
func socketDirPermission(v *view) (*finding, string) {
	for _, errno := range []int{enotdir, eloop} {
		if c, ok := v.failed(errno); ok {
			return v.aboutUnit(found(detect.SocketDirPerm, 70)).contact(c).about("path", c.path()).
				advise("namei -l %s   # a part of the path is no directory, or a link that leads to itself", c.path()), ""
		}
	}
	c, ok := v.failed(eacces)
	if !ok || !c.unix() {
		return directoryGiven(v)
	}
	if part, ok := v.shutPart("dir"); ok {
		f := v.aboutUnit(found(detect.SocketDirPerm, 94)).contact(c).
			because("path.part", "%s is %s %s:%s; %s needs x to pass", part.Path, octal(part.Mode), part.Owner, part.Group, v.workerUser())
		return v.dirAdvice(f.about("path", part.Path, "dir", part.Path, "mode", octal(part.Mode), "group", part.Group), part), ""
	}
	if v.f.Path != nil && !v.f.Offline {
		return nil, "every directory lets the worker pass"
	}
	if mode := v.given("dir_mode", "home_mode", "home_mode_502", "directory_mode"); mode != "" && !othersEnter(mode) {
		return found(detect.SocketDirPerm, 80).contact(c).because("given", "directory mode %s", mode).
			advise("namei -l %s   # each directory needs x for %s", c.path(), v.workerUser()), ""
	}
	if home(c.path()) {
		return found(detect.SocketDirPerm, 70).contact(c).about("path", c.path()).
			advise("namei -l %s   # a home directory is mostly shut for nginx's worker (0700, 0750): move the socket to /run", c.path()), ""
	}
	f := found(detect.SocketDirPerm, 40).contact(c).about("path", c.path())
	if v.groupLetsIn() {
		f.Confidence = 60
		f.because("unit.group", "the socket itself lets its group %s in: it is a directory above it", v.unit.Group)
		f.advise("RuntimeDirectoryMode=0755, or 0750 with Group=%s: 0700 shuts nginx out", v.unit.Group)
	}
	return f.advise("namei -l %s", c.path()), ""
}

// shutPart is the first part of the walked path that the kernel refuses to the worker.
func (v *view) shutPart(kind string) (detect.PathPart, bool) {
	if v.f.Path == nil {
		return detect.PathPart{}, false
	}
	for _, p := range v.f.Path.Parts {
		if p.WorkerMay == "no" {
			return p, p.Kind == kind
		}
	}
	return detect.PathPart{}, false
}

func (v *view) workerUser() string {
	if w := v.f.Worker; w != nil && w.User != "" {
		return w.User
	}
	if v.f.Nginx != nil && v.f.Nginx.User != "" {
		return v.f.Nginx.User
	}
	return "nginx's worker"
}

func (v *view) dirAdvice(f *finding, part detect.PathPart) *finding {
	u := v.unit
	if u != nil {
		for _, d := range u.RuntimeDirs {
			if "/run/"+d == part.Path {
				if want := v.wantedDirMode(part); want != 0 {
					f.about("want_mode", octal(want))
				}
				want := v.openDirMode(part)
				f.advise("chmod %s %s", want, part.Path)
				return f.lasts("for good: %s   # the mode that systemd gives it at each start", v.edit("Service", "RuntimeDirectoryMode="+want))
			}
		}
	}
	if home(part.Path + "/") {
		f.advise("%s is a home directory and stays shut: move the socket to /run", part.Path)
		directory, address := v.ownSocket()
		return v.rebind(f.advise("%s", v.edit("Service", directory)), address)
	}
	if part.Mode&0o001 != 0 { // who is in the group of a directory is judged by its group's bits alone
		return f.advise("chmod g+x %s   # lets %s pass, who is in its group, and look at nothing", part.Path, v.workerUser())
	}
	return f.advise("chmod o+x %s   # lets %s pass, and look at nothing", part.Path, v.workerUser())
}

// openDirMode is the mode that lets nginx's worker pass: what it was when the site was well, or what the
// unit states, where that does.
func (v *view) openDirMode(part detect.PathPart) string {
	if want := v.wantedDirMode(part); want&0o001 != 0 || want&0o010 != 0 && want != part.Mode {
		return octal(want)
	}
	return "0755"
}

// wantedDirMode is the baseline's mode, or else what the unit states.
func (v *view) wantedDirMode(part detect.PathPart) int {
	if b := v.f.Baseline; b != nil && b.Dir != nil && b.Dir.Path == part.Path {
		return b.Dir.Mode & 0o7777
	}
	if v.unit != nil {
		return v.unit.RuntimeMode & 0o7777
	}
	return 0
}

// socketStale: the file is there, and nobody listens behind it.
func socketStale(v *view) (*finding, string) {
	if c, ok := v.failed(eprototype); ok {
		return v.aboutUnit(found(detect.SocketStale, 60)).contact(c).about("path", c.path(), "target", c.target).
			advise("a datagram socket lies at %s, which is nobody's that serves HTTP: ss -xlp; systemctl restart %s puts gunicorn's there", c.path(), v.unitOr()), ""
	}
	c, ok := v.failed(econnrefused)
	if v.f.Offline && len(v.f.Lines) == 0 && v.given("socket_exists") == "true" && v.given("process_running") == "false" {
		return found(detect.SocketStale, 65).because("given", "the socket is there, and the process that made it is not").
			advise("remove it and its lock, then start the server: gunicorn does so itself, others refuse to bind"), ""
	}
	if !ok || !c.unix() {
		return v.leftInTheWay()
	}
	f := v.aboutUnit(found(detect.SocketStale, 75)).contact(c).about("path", c.path(), "target", c.target)
	if l := v.f.Path.Last(); l != nil && v.f.Path.Exists() {
		f.because("path.socket", "%s is there: %s", l.Path, l.Kind)
		if l.Kind == "socket" && !v.listensHere() {
			f.Confidence = 90
			f.because("listeners", "nobody listens on it")
		} else if l.Kind == "socket" && v.fileReplaced() {
			f.Confidence = 90
			f.because("listeners", "the unit listens on the file that was there before: another has taken its place, and ended")
		}
	}
	if v.f.Offline && v.given("socket_exists") == "true" {
		f.Confidence = 80
	}
	f.advise("%s   # the file is left over; removing it does not help", v.socketAnew())
	if u := v.unit; u != nil && len(u.RuntimeDirs) == 0 && strings.HasPrefix(c.path(), "/run/") && strings.Count(c.path(), "/") == 3 {
		f.lasts("for good: %s   # it goes and comes with the unit", v.edit("Service", "RuntimeDirectory="+path.Base(path.Dir(c.path()))))
	}
	return f, ""
}

// leftInTheWay: a server that does not remove an old socket before it binds (gunicorn does) is stopped by it.
func (v *view) leftInTheWay() (*finding, string) {
	l, ok := v.last(detect.EventAddressInUse)
	if !ok {
		l, ok = v.atStart(detect.PortInUse)
	}
	file := l.Attr["path"]
	if !ok || !strings.HasPrefix(file, "/") || !v.f.Offline {
		return nil, "no unix socket refuses"
	}
	f := v.aboutUnit(found(detect.SocketStale, 60)).line(l).about("path", file)
	if v.given("process_running") == "false" {
		f.Confidence = 75
		f.because("given", "no process of it runs")
	}
	return f.advise("a unix path is \"in use\" as long as the file is there: ss -xlp | grep %s shows whether anybody listens", file).
		advise("if nobody does: rm %s, then systemctl start %s; for good, ExecStartPre=-/bin/rm -f %[1]s in the unit", file, v.unitOr()), ""
}

// fileReplaced tells that every listener of this path is bound to another file than the one that lies there.
func (v *view) fileReplaced() bool {
	replaced := false
	for _, l := range v.f.Listeners {
		if !l.Ours {
			continue
		}
		if l.SameFile != "no" {
			return false
		}
		replaced = true
	}
	return replaced
}
