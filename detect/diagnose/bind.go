package diagnose

import (
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/gatemend/gatemend/detect"
)

// portInUse: somebody else holds the address that gunicorn is to bind.
func portInUse(v *view) (*finding, string) {
	l, told := v.inUse()
	holder, held := v.squatter()
	if !told && !held {
		return nil, "the address is free or ours"
	}
	if told && v.up() && v.f.Upstream.Healthy() && !held {
		return nil, "it was in use, and no longer is"
	}
	f := v.aboutUnit(found(detect.PortInUse, 80))
	if held {
		f.Confidence = 93
		v.blame(f, holder)
	}
	if told {
		f.line(l).about("target", l.Attr["target"]).watch("tcp:" + l.Attr["target"])
	}
	switch {
	case held:
	case v.named("port", l.Attr["target"]) == "free" && v.down():
		f.Confidence, f.Gone = 90, true
		f.because("named.port", "%s is free now", l.Attr["target"]).advise("%s", v.restart())
		return f, ""
	case l.Attr["pidfile"] != "":
		return v.pidFile(f, l), ""
	case v.ownPort(l) != "":
		return f.advise("%s itself listens on %s while it is imported: a second worker, or another program, has it already: ss -ltnp", place(l), v.ownPort(l)).
			advise("mend that, then: %s", v.restart()), ""
	default:
		f.advise("ss -ltnp   # who listens on %s: stop it, if it should not run", v.wantedBind(l)).advise("then: %s", v.restart())
		if v.f.Offline {
			f.Confidence = 90
		}
	}
	return f.advise("or let %s bind another address, and write it into proxy_pass%s alike", v.unitOr(), at(v.proxyWhere())), ""
}

// pidFile is for a gunicorn that was told of another one by its pid file, which is there or left over.
func (v *view) pidFile(f *finding, l detect.Line) *finding {
	if v.f.Offline {
		f.Confidence = 90
	}
	return f.about("path", l.Attr["pidfile"]).watch(l.Attr["pidfile"]).
		advise("ps -fp %s   # the process that %s names: where it is no gunicorn, rm %[2]s", l.Attr["holder"], l.Attr["pidfile"]).
		advise("then: %s", v.restart()).
		lasts("for good: %s of %s: systemd knows the process without it", pidless(v.unit), v.unitFile())
}

// pidless is how a unit does without a pid file. Type=forking takes its main process from it: without --pid alone,
// no start would come to an end.
func pidless(u *detect.Unit) string {
	if u != nil && u.Type == "forking" {
		return "Type=notify in place of Type=forking, and --daemon, --pid and PIDFile= out"
	}
	return "take --pid out of ExecStart="
}

// ownPort is the address that the app, not gunicorn, was refused.
func (v *view) ownPort(l detect.Line) string {
	m := ownAddress.FindStringSubmatch(l.Text)
	if m == nil || l.Attr["phase"] != "boot" || place(l) == "" {
		return ""
	}
	return m[1] + ":" + m[2]
}

// ownAddress is how Python 3.11 and newer names the address of a bind.
var ownAddress = regexp.MustCompile(`attempting to bind on address \('([^']+)', (\d+)\)`)

// inUse is the line of a bind that EADDRINUSE refused, gunicorn's or another server's. For a unix path the
// kernel says so of any file that is there, whether or not somebody listens on it.
func (v *view) inUse() (detect.Line, bool) {
	l, ok := v.last(detect.EventAddressInUse)
	if !ok {
		l, ok = v.atStart(detect.PortInUse)
	}
	return l, ok && !strings.HasPrefix(l.Attr["path"], "/")
}

// squatter is a listener that takes the route's requests and is no process of the unit.
func (v *view) squatter() (detect.Listener, bool) {
	if v.f.Route.Unit == "" {
		return detect.Listener{}, false
	}
	return detect.Stranger(v.f.Listeners)
}

func (v *view) blame(f *finding, l detect.Listener) {
	p := l.Owners[0]
	pid := strconv.Itoa(p.PID)
	f.because("listener.owner", "%s is held by PID %s (%s) of %s, not by %s", l.Target, pid, p.Comm, p.Unit, v.unitOr())
	f.about("holder_pid", pid, "holder_unit", p.Unit, "holder", p.Comm, "target", l.Target.String())
	if v.f.Upstream.Healthy() {
		f.because("upstream", "%s, by that process", answerText(v.f.Upstream))
	}
	what := strings.Join(p.Args, " ")
	if devServer(p) {
		f.about("dev_server", "yes")
		what += "   # a development server: it is not made for clients"
	}
	f.advise("PID %s is: %s", pid, what)
	if l.Target.IsUnix() {
		f.watch(l.Target.Address).advise("%s   # it took the path from %s", toStop(p), v.unitOr())
	} else {
		f.watch("tcp:"+l.Target.Address).advise("%s   # if it should not run", toStop(p))
	}
	f.advise("then: %s", v.restart())
}

// toStop ends a program by whoever looks after it. To stop a keeper's own unit would end all that it keeps
// (docker, supervisor, a user's manager), or not the program at all (cron and ssh have KillMode=process).
func toStop(p detect.Process) string {
	switch {
	case p.Comm == "docker-proxy", strings.HasPrefix(p.Unit, "docker"):
		return "docker ps; docker stop CONTAINER"
	case strings.HasPrefix(p.Unit, "supervisor"):
		return "supervisorctl status; supervisorctl stop PROGRAM"
	case isNginxUnit(p.Unit):
		return "nginx -T | grep -n listen"
	case keepers.MatchString(p.Unit), !strings.HasSuffix(p.Unit, ".service"):
		return "kill " + strconv.Itoa(p.PID)
	}
	return "systemctl stop " + p.Unit
}

var keepers = regexp.MustCompile(`^(user@|cron|anacron|atd|sshd?[@.]|containerd|podman|lxc|libvirt)`)

// devServer tells Flask's own server by its command line, `flask --app shop run`.
func devServer(p detect.Process) bool {
	flask := slices.IndexFunc(p.Args, func(a string) bool { return path.Base(a) == "flask" })
	return flask >= 0 && slices.Contains(p.Args[flask:], "run")
}

// bindDenied: gunicorn may not bind, or its address is none of this host.
func bindDenied(v *view) (*finding, string) {
	l, ok := v.bindLine()
	if !ok {
		return nil, "no bind failed"
	}
	if v.up() && v.f.Upstream.Healthy() {
		return nil, "it was refused once, and listens now"
	}
	t := v.wantedBind(l)
	f := v.bootFinding(detect.BindDenied, l, 88).about("target", t)
	if l.Errno == eafnosupport || strings.Contains(l.Text, "Address family not supported") {
		return f.advise("%s   # the unit may not make a socket of that kind", v.edit("Service", "RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6")).
			advise("then: %s", v.restart()), ""
	}
	if l.Attr["target"] == "" && t != "" { // gunicorn does not say what, nor why
		f.Evidence = slices.Insert(f.Evidence, 0, detect.Evidence{Fact: "line:bind", Text: v.unitOr() + " may not bind " + t + " as " + v.user()})
	}
	if path, isUnix := strings.CutPrefix(t, "unix:"); isUnix {
		return v.bindAdvice(f, l, path), ""
	}
	if l.Event == detect.EventAddressInvalid || l.Errno == eaddrnotavail {
		return v.rebind(f.advise("%s is no address of this host (ip -br addr)", t), "127.0.0.1:"+port(t)), ""
	}
	return v.portAdvice(f, t), ""
}

// portAdvice is for a port. gunicorn up to 22 does not say why it was refused: above 1023 it is no matter of
// the port.
func (v *view) portAdvice(f *finding, t string) *finding {
	if n, err := strconv.Atoi(port(t)); err == nil && n >= unprivileged {
		return f.advise("systemctl show -p RestrictAddressFamilies -p SocketBindDeny %s   # the unit may not make such a socket", v.unitOr()).
			advise("getent ahosts %s   # or that name has no address", host(t)).
			advise("mend it, then: %s", v.restart())
	}
	free := "127.0.0.1:8000"
	if r := v.f.Route.Target; r.Known() && r.String() != t {
		free = r.String()
	}
	return v.rebind(f.advise("%s cannot be bound as %s: ports below 1024 are root's", t, v.user()), free)
}

// unprivileged is the first port that anybody may bind (net.ipv4.ip_unprivileged_port_start).
const unprivileged = 1024

// at is a place in brackets, "" where it is not known.
func at(where string) string {
	if where == "" {
		return ""
	}
	return " (" + where + ")"
}

// wantedBind is the address that a refused bind was for. gunicorn up to 22 names it only when it gives
// up, after five tries; what the unit is told to bind is known before.
func (v *view) wantedBind(l detect.Line) string {
	if t := l.Attr["target"]; t != "" || v.unit == nil || len(v.unit.Binds) != 1 {
		return t
	}
	return v.unit.Binds[0].String()
}

// bindLine is the line that shows a refused bind. "Can't connect to" is gunicorn's bind, not a client.
func (v *view) bindLine() (detect.Line, bool) {
	if l, ok := v.atStart(detect.BindDenied); ok && l.Errno != eaddrinuse {
		return l, true
	}
	if l, ok := v.last(detect.EventBindFailed); ok && l.Errno != eaddrinuse {
		return l, true
	}
	if l, ok := v.last(detect.EventAddressInvalid); ok {
		return l, true
	}
	if _, ok := v.inUse(); ok {
		return detect.Line{}, false
	}
	if l, ok := v.last(detect.EventBindGaveUp); ok {
		return l, true
	}
	if l, ok := v.last(detect.EventBindRetry); ok && l.Count >= 2 {
		return l, true
	}
	return detect.Line{}, false
}

// ownRuntimeDir tells a directory that the unit's RuntimeDirectory= lists.
func (v *view) ownRuntimeDir(dir string) bool {
	return v.unit != nil && slices.ContainsFunc(v.unit.RuntimeDirs, func(name string) bool { return dir == "/run/"+name })
}

// longestPath is what sun_path of a unix socket's address holds, without its NUL.
const longestPath = 107

// bindAdvice is for a unix path. A directory that others use too (a home, /srv, /tmp) is not given to the app: its
// socket gets one of its own.
func (v *view) bindAdvice(f *finding, l detect.Line, path string) *finding {
	dir := filepath.Dir(path)
	f.about("path", path, "dir", dir)
	own := v.ownRuntimeDir(dir)
	if !own { // systemd itself makes and removes that one with each try
		f.watch(dir)
	}
	directory, address := v.ownSocket()
	directory = v.edit("Service", directory)
	rest, below := strings.CutPrefix(dir, "/run/")
	switch {
	case len(path) > longestPath:
		return v.rebind(f.advise("the path of a unix socket has %d bytes at most, this one %d", longestPath, len(path)).advise("%s", directory), address)
	case own:
		return f.advise("systemctl show -p RestrictAddressFamilies -p RuntimeDirectoryMode %s; namei -l %s   # AF_UNIX, and w for %s; no other unit with that RuntimeDirectory=", v.unitOr(), dir, v.user()).
			advise("journalctl -k -g 'avc|apparmor' -n 20   # else AppArmor or SELinux").
			advise("mend it, then: %s", v.restart())
	case below && !strings.Contains(rest, "/"):
		return f.advise("%s   # systemd then makes %s for %s at each start", v.edit("Service", "RuntimeDirectory="+rest), dir, v.user()).
			advise("then: %s", v.restart())
	case dir == "/run" || dir == "/var/run":
		return v.rebind(f.advise("%s   # only root may write in %s itself", directory, dir), address)
	case l.Errno == enoent:
		return f.advise("install -d -o %s %s   # the directory is not there", v.user(), dir).advise("then: %s", v.restart()).
			lasts("for good: %s", directory).lasts("%s   # and the same in proxy_pass%s", v.bindTo(address), at(v.proxyWhere()))
	}
	f.advise("namei -l %s   # %s may not make %s there", dir, v.user(), path)
	return v.rebind(f.advise("%s   # systemd then makes a directory for %s at each start", directory, v.user()), address)
}
