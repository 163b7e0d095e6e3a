package diagnose

import (
	"fmt"
	"strings"
	"syscall"

	"github.com/gatemend/gatemend/detect"
)

// contact is what came of connecting to the upstream, by the best witness there is.
type contact struct {
	errno  int
	target string // unix:/path or host:port
	fact   string
	text   string
	line   detect.Line // where a log line is the witness
	schema string
}

// unix tells whether the target is a unix socket.
func (c contact) unix() bool { return strings.HasPrefix(c.target, "unix:") }

// path is the socket's path.
func (c contact) path() string { return strings.TrimPrefix(c.target, "unix:") }

// contacts are the failed connects, each errno once: live, the one of nginx's worker, or else our
// own; offline, those of the log, the newest first.
func (v *view) contacts() []contact {
	if v.f.Offline {
		return v.logged()
	}
	target := v.f.Route.Target.String()
	if w := v.f.Worker; w != nil && w.Outcome != detect.NotAsked && w.Outcome != "" {
		if w.Errno == 0 {
			return nil
		}
		return []contact{{errno: w.Errno, target: target, fact: "worker.errno",
			text: fmt.Sprintf("connect to %s as %s: %s", target, w.User, errnoText(w.Errno))}}
	}
	if a := v.f.Upstream; a.Known() && a.Errno != 0 && (a.Stage == "connect" || a.Stage == "") {
		return []contact{{errno: a.Errno, target: target, fact: "upstream.errno",
			text: fmt.Sprintf("connect to %s: %s", target, errnoText(a.Errno))}}
	}
	return nil
}

// logged are the connects that nginx's error log tells of. A refused ::1 beside "localhost" is the
// first of two addresses: nginx goes on to 127.0.0.1 and answers 200.
func (v *view) logged() []contact {
	var out []contact
	seen := map[int]bool{}
	lines := v.events[detect.EventConnectFailed]
	if _, ok := v.restartedInOrder(); ok {
		return nil
	}
	for i := len(lines) - 1; i >= 0; i-- {
		l := lines[i]
		if seen[l.Errno] || v.secondFamily(l) {
			continue
		}
		seen[l.Errno] = true
		out = append(out, contact{errno: l.Errno, target: target(l), fact: "line:" + string(l.Event), text: l.Text, line: l, schema: l.Attr["schema"]})
	}
	return out
}

// secondFamily tells a try that has an alternative: ::1 where nothing says that IPv4 failed too.
func (v *view) secondFamily(l detect.Line) bool {
	return strings.HasPrefix(l.Attr["upstream"], "[::1]") && (l.Errno == 111 || l.Errno == 101)
}

// saysItListens tells a document in which gunicorn listened on the very TCP address before it was
// refused, runs, and said nothing of an end since.
func (v *view) saysItListens(c contact) bool {
	l, ok := v.last(detect.EventListening)
	ended := v.has(detect.EventShuttingDown, detect.EventMainExited, detect.EventUnitStopping, detect.EventUnitFailed, detect.EventRestartScheduled)
	return ok && v.f.Offline && v.up() && !c.unix() && !ended && l.At <= c.line.At && sameAddress(c.target, l.Attr["target"])
}

// target is where the line says that nginx connected: in the message where it stands there.
func target(l detect.Line) string {
	t := l.Attr["target"]
	if t == "" {
		t = l.Attr["upstream"]
	}
	if rest, ok := strings.CutPrefix(t, "unix:"); ok {
		for strings.HasPrefix(rest, "//") {
			rest = rest[1:]
		}
		return "unix:" + rest
	}
	return t
}

// failed is the contact with the errno; offline any of the log's, live the only one.
func (v *view) failed(errno int) (contact, bool) {
	for _, c := range v.contacts() {
		if c.errno == errno {
			return c, true
		}
	}
	return contact{}, false
}

func (f *finding) contact(c contact) *finding {
	if c.line.Event != "" {
		return f.line(c.line)
	}
	return f.because(c.fact, "%s", c.text)
}

func errnoText(n int) string { return fmt.Sprintf("%s (errno %d)", syscall.Errno(n).Error(), n) }

// sameTarget tells whether a connect to one arrives at a server bound to the other. /var/run is a link
// to /run on every systemd machine, and both are written.
func sameTarget(to, bound detect.Target) bool { return plainRun(to).Reaches(plainRun(bound)) }

func plainRun(t detect.Target) detect.Target {
	if rest, ok := strings.CutPrefix(t.Address, "/var/run/"); ok && t.IsUnix() {
		t.Address = "/run/" + rest
	}
	return t
}
