package diagnose

import (
	"cmp"
	"slices"
	"strings"

	"github.com/gatemend/gatemend/detect"
)

// socketPermission: the socket is there, and the worker may not write to it.
func socketPermission(v *view) (*finding, string) {
	c, ok := v.failed(eacces)
	if !ok || !c.unix() {
		return permissionGiven(v)
	}
	part, shut := v.shutPart("socket")
	if shut {
		f := v.aboutUnit(found(detect.SocketPermission, 94)).contact(c).
			because("path.socket", "%s is %s %s:%s; %s needs w", part.Path, octal(part.Mode), part.Owner, part.Group, v.workerUser())
		f.about("path", part.Path, "mode", octal(part.Mode), "group", part.Group, "owner", part.Owner)
		if v.grantedSince(part) {
			return f.about(detect.SubjectGroups, "stale").because("nginx.granted", "/etc/group lets %s into %s, its workers are older than that", v.workerUser(), part.Group).
				advise("nginx -t && systemctl reload nginx   # new workers read /etc/group again"), ""
		}
		return v.modeAdvice(f, part).decisive(v.modeMoved(part)), ""
	}
	if v.f.Path != nil && !v.f.Offline {
		return nil, "the socket's mode lets the worker write"
	}
	if mode := v.given("socket_mode", "mode"); mode != "" && !othersWrite(mode) {
		return found(detect.SocketPermission, 85).contact(c).because("given", "socket mode %s, owner %s", mode, v.given("socket_owner")).about("path", c.path(), "mode", mode).
			advise("chgrp %s %s; chmod 0770 %[2]s", v.workerGroup(), c.path()).
			lasts("for good: %s, with Group=%s in the unit; or SocketMode=0660 SocketGroup=%[2]s of its .socket", v.option("--umask 007"), v.workerGroup()), ""
	} else if mode != "" && othersWrite(mode) {
		return nil, "everybody may write to the socket"
	}
	if v.groupLetsIn() {
		return found(detect.SocketPermission, 35).contact(c).about("path", c.path()).
			because("unit.group", "Group=%s is nginx's own: gunicorn's socket lets it write under every common umask", v.unit.Group).
			advise("ls -l %s   # srwxrwx--- and that group, or something else refuses", c.path()), ""
	}
	return found(detect.SocketPermission, 60).contact(c).about("path", c.path()).
		advise("ls -l %s; namei -l %[1]s   # the socket needs w, each directory x for nginx's worker", c.path()).
		lasts("for good: gunicorn --umask 007 with Group=www-data in the unit, or SocketMode=0660 SocketGroup=www-data of its .socket"), ""
}

// modeAdvice names the mode to go back to, and what keeps it.
func (v *view) modeAdvice(f *finding, part detect.PathPart) *finding {
	if b := v.f.Baseline; b != nil && b.Socket != nil && b.Socket.Path == part.Path {
		f.about("want_mode", octal(b.Socket.Mode), "want_group", b.Socket.Group)
	} else if want := v.statedMode(); want != 0 {
		f.about("want_mode", octal(want))
	}
	if s := v.f.Socket; s != nil {
		if s.SocketMode&0o020 == 0 || s.SocketGroup != v.workerGroup() && s.SocketMode&0o002 == 0 {
			return f.lasts("for good: %s", editOf(s.Name, "Socket", "SocketMode=0660 SocketGroup="+v.workerGroup())).
				lasts("%s   # makes the socket anew, as the unit says", v.socketAnew())
		}
		return f.advise("%s   # makes the socket anew, as the unit says", v.socketAnew())
	}
	if v.statedMode()&0o2 != 0 {
		f.about(detect.SubjectRight, "yes") // gunicorn's own socket would let everybody in again
	}
	f.advise("chgrp %s %s; chmod 0770 %[2]s", cmp.Or(f.Subject["want_group"], v.workerGroup()), part.Path)
	if v.statedMode() == 0o770 && v.unit.Group == v.workerGroup() {
		return f.lasts("the unit makes it so at each start: something changed it since; %s does too", v.restart())
	}
	lead := "for good: "
	if v.statedMode() != 0o770 {
		f.lasts(lead+"%s   # UMask= of the unit does nothing here", v.option("--umask 007"))
		lead = "and "
	}
	if u := v.unit; u != nil && u.Group != v.workerGroup() {
		f.lasts(lead+"%s", v.edit("Service", "Group="+v.workerGroup()))
	}
	return f.lasts("%s", v.reloaded())
}

// workerGroup is the group by which nginx's worker is let in: on Debian that of its user.
func (v *view) workerGroup() string {
	if u := v.workerUser(); !strings.Contains(u, " ") {
		return u
	}
	return "www-data"
}

// modeMoved tells a socket that let everything through when the site was last healthy, and whose unit does
// not move: nginx's worker was refused just now, and the mode says why. A second look would buy nothing. A
// gunicorn that only just made its socket is none of that: it sets the mode after it binds.
func (v *view) modeMoved(part detect.PathPart) bool {
	b, u := v.f.Baseline, v.unit
	return u != nil && u.Running() && u.Job == nil && b != nil && b.Socket != nil && b.Socket.Path == part.Path &&
		(b.Socket.Mode != part.Mode || b.Socket.Group != part.Group)
}

// grantedSince tells that the group would let the worker in, had it been started after /etc/group was
// changed: groups are read once, when a worker starts.
func (v *view) grantedSince(part detect.PathPart) bool {
	n := v.f.Nginx
	if n == nil || part.Mode&0o020 == 0 || !slices.Contains(n.Granted, part.GID) {
		return false
	}
	running := n.Groups
	if v.f.Worker != nil && len(v.f.Worker.Groups) > 0 {
		running = v.f.Worker.Groups
	}
	return !slices.Contains(running, part.GID)
}

// groupLetsIn tells a document in which nginx's worker shares the socket's group and was never let in:
// gunicorn's own socket is 0777, or 0770 with --umask 007, so it is not the socket that refuses. Where
// requests were answered before, somebody changed the mode since.
func (v *view) groupLetsIn() bool {
	u, t := v.unit, v.f.Traffic
	if !v.f.Offline || u == nil || t != nil && t.Answered > 0 || v.f.Socket != nil || len(u.TriggeredBy) > 0 || u.BindMode != 0 && u.BindMode&0o020 == 0 {
		return false
	}
	worker := v.given("nginx_worker_user")
	return u.Group != "" && (u.Group == worker || worker == "" && slices.Contains([]string{"www-data", "nginx", "http"}, u.Group))
}

// statedMode is the mode that the unit itself states: SocketMode=, or gunicorn's umask.
func (v *view) statedMode() int {
	if s := v.f.Socket; s != nil && s.SocketMode != 0 {
		return s.SocketMode & 0o7777
	}
	if v.unit == nil {
		return 0
	}
	return v.unit.BindMode & 0o7777
}
