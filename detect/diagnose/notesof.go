package diagnose

import (
	"strconv"
	"strings"

	"github.com/gatemend/gatemend/detect"
)

// bigHeader is a size that no default buffer of nginx's holds (proxy_buffer_size is a page, 4k or 8k).
var bigHeader = re(`\b([4-9]|[1-9]\d+)(\.\d+)? ?ki?b`)

// mostHeader is where a size, in KiB, is no header's any more.
const mostHeader = 1 << 10

// headerTold: a document tells how big the answer's headers are.
func (v *view) headerTold() (*finding, string) {
	for _, key := range []string{"response_headers", "headers", "header_size", "set_cookie", "cookies"} {
		size := v.given(key)
		if m := bigHeader.FindStringSubmatch(size); v.f.Offline && m != nil {
			kib, _ := strconv.ParseFloat(m[1]+m[2], 64)
			return found(detect.HeaderTooBig, 65).because("given", "%s: %s", key, size).
				lasts("%s", v.inLocation(holding(int(min(kib, mostHeader)*1024)))).
				lasts("for good: fewer and smaller cookies; a CDN has a limit of its own"), ""
		}
	}
	return nil, "no header was too big"
}

// neverReady is Type=notify with a gunicorn before 20, which knows nothing of it: systemd waits for a word that
// never comes, and ends what serves.
func neverReady(v *view) *finding {
	u, version := v.unit, v.given("gunicorn", "gunicorn_version")
	if u == nil || u.Type != "notify" || !strings.HasPrefix(version, "19.") && !strings.HasPrefix(version, "18.") {
		return nil
	}
	return found(detect.GunicornStopped, stated).because("given", "gunicorn %s", version).because("unit.type", "Type=notify").
		advise("gunicorn tells systemd that it is ready since 20.0: a newer one, or systemctl edit %s   # [Service] Type=simple", v.unitOr())
}

// answersElsewhere compares what requests to several addresses gave, as a document tells it: the server answers
// at one and refuses at another.
func answersElsewhere(v *view) *finding {
	answers, refuses := "", ""
	for key, got := range v.f.Given {
		at, ok := strings.CutPrefix(strings.ToLower(key), "curl_")
		switch got = strings.ToLower(got); {
		case !ok || !strings.ContainsAny(at, ".:"):
		case strings.Contains(got, "refused"):
			refuses = at
		case strings.HasPrefix(got, "http/") || strings.Contains(got, "200"):
			answers = at
		}
	}
	if answers == "" || refuses == "" {
		return nil
	}
	return found(detect.UpstreamMismatch, 70).because("given", "it answers at %s, and refuses at %s", answers, refuses).
		advise("write the address that answers into proxy_pass, or bind the other one too: nginx's localhost may be 127.0.0.1 or ::1")
}

// beside is a gunicorn that is told to listen on TCP while a .socket unit holds a unix socket for it: passed
// sockets win over every bind (sock.py), so it was not passed this one.
func beside(v *view) *finding {
	u := v.unit
	if u == nil || len(u.Binds) == 0 || u.Binds[0].IsUnix() || !strings.Contains(v.given("socket_unit"), "socket") {
		return nil
	}
	return found(detect.UpstreamMismatch, 65).because("unit.listens", "gunicorn listens on %s", u.Binds[0]).because("given", "the socket unit: %s", v.given("socket_unit")).
		advise("it did not take the socket that systemd holds: no --daemon, and Type=notify or simple, so that LISTEN_PID is its own")
}

// nameless is a name that nginx does not find while the container of that name is said to have exited: Docker
// resolves the names of running containers only.
func (v *view) nameless(name string) (string, bool) {
	host, _, _ := strings.Cut(name, ":")
	for key, state := range v.f.Given {
		container, ok := strings.CutSuffix(strings.ToLower(key), "_container")
		if ok && container == host && (strings.HasPrefix(state, "exited") || strings.HasPrefix(state, "stopped")) {
			return container, true
		}
	}
	return "", false
}

// exitedContainer: the name that nginx does not find is that of a container that has exited.
func exitedContainer(v *view) (*finding, string) {
	if l, ok := v.last(detect.EventHostNotFound, detect.EventUnresolved); ok && v.f.Offline {
		if name, gone := v.nameless(l.Attr["name"]); gone {
			return found(detect.GunicornStopped, 78).line(l).because("given", "the container %s has exited", name).
				advise("docker logs %s   # why it ended; then start it, and nginx after it", name), ""
		}
	}
	return nil, "no name is an exited container's"
}

// restartedElsewhere is an address that cannot be reached after its container alone was made anew: Docker gives it
// another one, and nginx keeps what it resolved when it was loaded.
func (v *view) restartedElsewhere() (contact, bool) {
	trigger := v.given("trigger")
	again := strings.Contains(trigger, "restart") || strings.Contains(trigger, "recreat") || strings.Contains(trigger, "redeploy") || strings.Contains(trigger, "up -d")
	if !again || !strings.Contains(trigger, "docker") && !strings.Contains(trigger, "compose") && !strings.Contains(trigger, "container") {
		return contact{}, false
	}
	for _, errno := range []int{113, 110} {
		if c, ok := v.failed(errno); ok && !c.unix() && (c.target == "" || !local(c.target)) {
			return c, true
		}
	}
	return contact{}, false
}

// otherHome is a unit whose program or project lies in the home of somebody else than its user.
func otherHome(v *view) *finding {
	u := v.unit
	if u == nil || u.Fragment == "" && u.User == "" && len(u.Argv) == 0 {
		return nil
	}
	for _, dir := range []string{v.executable(), u.WorkDir, v.given("project_dir", "app_dir")} {
		rest, ok := strings.CutPrefix(dir, "/home/")
		owner, below, _ := strings.Cut(rest, "/")
		own := u.User == "" && strings.HasPrefix(below, ".local/") || u.User != "" && u.User != "root" && u.User != owner
		if ok && owner != "" && own {
			return v.aboutUnit(found(detect.UnitUserWrong, 48)).because("unit.user", "%s lies in the home of %s, and the unit runs as %s", dir, owner, v.user()).
				advise("systemctl edit %s   # [Service] User=%s; a home is mostly shut to others, and pip install --user is seen by its own user only", v.unitOr(), owner)
		}
	}
	return nil
}
