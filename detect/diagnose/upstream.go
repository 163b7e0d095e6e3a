package diagnose

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/gatemend/gatemend/detect"
)

// upstreamMismatch: nginx goes to one address, the unit's server listens on another.
func upstreamMismatch(v *view) (*finding, string) {
	if v.f.Offline {
		return mismatchByLines(v)
	}
	if !v.up() {
		return nil, "the unit does not run"
	}
	if len(v.contacts()) == 0 && !v.squatted() && !v.misled() {
		return nil, "the upstream can be connected to"
	}
	to, where := v.proxied()
	if !to.Known() {
		return nil, "where nginx connects to is not known (a variable in proxy_pass)"
	}
	bound := v.bound()
	if len(bound) == 0 {
		return nil, "where the unit listens is not known"
	}
	for _, b := range bound {
		if sameTarget(to, b) {
			return nil, "nginx goes to where the unit listens"
		}
	}
	f := v.aboutUnit(found(detect.UpstreamMismatch, 93)).
		because("nginx.target", "nginx goes to %s (%s)", to, where).
		because("unit.listens", "%s listens on %s", v.unitName(), join(bound))
	for _, c := range v.contacts() {
		f.contact(c)
	}
	return v.mismatchAdvice(f, to, bound[0], where), ""
}

// misled tells that the unit answers where it listens, and nginx's own end fails: it may have been sent
// elsewhere.
func (v *view) misled() bool { return v.f.Upstream.Healthy() && v.sick(v.f.Public) }

// squatted tells that something else answers on the target, so that no connect fails.
func (v *view) squatted() bool { _, ok := v.squatter(); return ok }

// proxied is where nginx connects to, as loaded, else as on disk, else as configured for us.
func (v *view) proxied() (detect.Target, string) {
	if n := v.f.Nginx; n != nil {
		for _, conf := range []*detect.SiteConf{n.Loaded, n.Disk} {
			if conf == nil || len(conf.Upstreams) == 0 {
				continue
			}
			for _, u := range conf.Upstreams {
				if u.Var {
					return detect.Target{}, ""
				}
				if sameTarget(u.Target, v.f.Route.Target) {
					return u.Target, u.Where
				}
			}
			return conf.Upstreams[0].Target, conf.Upstreams[0].Where
		}
	}
	return v.f.Route.Target, "as configured"
}

// bound is where the unit listens: by its sockets, else by what it was told.
func (v *view) bound() []detect.Target {
	var out []detect.Target
	for _, l := range v.f.Listeners {
		if l.InUnit {
			out = append(out, l.Target)
		}
	}
	if len(out) == 0 && v.unit != nil {
		return v.unit.Binds
	}
	return out
}

// mismatchByLines compares nginx's upstream with gunicorn's "Listening at:", where both are told.
func mismatchByLines(v *view) (*finding, string) {
	if f := v.loop(); f != nil {
		return f, ""
	}
	listens, ok := v.last(detect.EventListening)
	var at detect.Target
	if ok {
		at, _ = detect.ParseTarget(listens.Attr["target"])
	} else if v.unit != nil && len(v.unit.Binds) > 0 {
		at = v.unit.Binds[0]
	}
	if f := v.relative(listens); f != nil {
		return f, ""
	}
	if v.has(detect.EventBindRetry, detect.EventAddressInUse) || v.down() {
		return nil, "it does not listen"
	}
	for _, c := range v.contacts() {
		if c.errno != enoent && c.errno != econnrefused {
			continue
		}
		if f := v.compare(c, at); f != nil {
			if ok {
				f.line(listens)
			}
			return f, ""
		}
		if c.errno == enoent && v.apart(c) {
			return found(detect.UpstreamMismatch, 75).contact(c).because("given", "the socket exists, but nginx does not find it: one of them has its own /tmp (PrivateTmp=)").
				advise("move the socket out of /tmp: RuntimeDirectory= and a bind below /run"), ""
		}
	}
	if f := v.otherFamily(at); f != nil {
		return f, ""
	}
	return mismatchGiven(v)
}

// otherFamily: gunicorn listens on IPv4 alone, and nginx was refused at ::1, of which "localhost" reminds it.
// Beside answers of 200 that is nothing: nginx goes on to 127.0.0.1.
func (v *view) otherFamily(at detect.Target) *finding {
	if v.f.Traffic != nil && v.f.Traffic.Nginx5xx == 0 || !at.Known() || at.IsUnix() {
		return nil
	}
	port := at.Address[strings.LastIndexByte(at.Address, ':'):]
	for _, l := range v.events[detect.EventConnectFailed] {
		if v.secondFamily(l) && strings.HasPrefix(l.Attr["upstream"], "[::1]"+port) && !strings.HasPrefix(at.Address, "[") {
			return found(detect.UpstreamMismatch, 48).line(l).because("unit.listens", "gunicorn listens on %s, on no IPv6 address", at).
				advise("nginx resolves localhost to ::1 too: write proxy_pass http://127.0.0.1%s", port)
		}
	}
	return nil
}

// relative: a path without a slash in front is relative to WorkingDirectory=.
func (v *view) relative(listens detect.Line) *finding {
	path, ok := strings.CutPrefix(listens.Attr["target"], "unix:")
	c, missing := v.failed(enoent)
	if !ok || !missing || strings.HasPrefix(path, "/") {
		return nil
	}
	return v.aboutUnit(found(detect.UpstreamMismatch, 88)).contact(c).line(listens).
		advise("gunicorn's bind %q is relative to its WorkingDirectory=: write unix:%s", path, c.path())
}

// compare makes a finding when the connect that failed went elsewhere than gunicorn listens.
func (v *view) compare(c contact, at detect.Target) *finding {
	to, err := detect.ParseTarget(c.target)
	if err != nil || !at.Known() || sameTarget(to, at) {
		return nil
	}
	if c.errno == econnrefused && !to.IsUnix() && !at.IsUnix() && !local(to.Address) {
		return nil // another host's address, of a container perhaps: what listens here says nothing
	}
	f := v.aboutUnit(found(detect.UpstreamMismatch, 90)).contact(c).because("unit.listens", "gunicorn listens on %s", at)
	return v.mismatchAdvice(f, to, at, "")
}

func local(hostport string) bool { return detect.TCP(hostport).Local() }

// apart tells a socket that is there for one side only.
func (v *view) apart(c contact) bool {
	return v.given("socket_exists") == "true" && strings.HasPrefix(c.path(), "/tmp/") || strings.HasPrefix(c.path(), "/tmp/") && v.has(detect.EventListening) && v.up()
}

// mismatchGiven compares what the document's nginx_conf and unit_file say, with no line at all.
func mismatchGiven(v *view) (*finding, string) {
	n := v.f.Nginx
	if n == nil || n.Disk == nil || v.unit == nil || len(v.unit.Binds) == 0 || v.down() {
		return temporaryApart(v)
	}
	for _, u := range n.Disk.Upstreams {
		for _, b := range v.unit.Binds {
			switch {
			case !u.Var && !sameTarget(u.Target, b):
			case !v.up():
				return temporaryApart(v)
			default:
				return nil, "nginx goes to where the unit binds"
			}
		}
	}
	if len(n.Disk.Upstreams) == 0 {
		return nil, "no proxied address is known"
	}
	u := n.Disk.Upstreams[0]
	f := found(detect.UpstreamMismatch, 75).because("nginx.target", "nginx goes to %s", u.Target).because("unit.binds", "the unit binds %s", join(v.unit.Binds))
	return v.mismatchAdvice(f, u.Target, v.unit.Binds[0], u.Where), ""
}

// mismatchAdvice gives the change for the side that changed last.
func (v *view) mismatchAdvice(f *finding, to, at detect.Target, where string) *finding {
	f.about("target", to.String(), "listens", at.String(), "where", where)
	if u := v.unit; u != nil {
		f.watch(u.Fragment, u.ConfigFile)
		f.about("bind_source", u.BindSource)
	}
	file, _, _ := strings.Cut(where, ":")
	if strings.HasPrefix(file, "/") {
		f.watch(file)
	}
	nginx := fmt.Sprintf("in %s: %s;   # instead of %s", cmp.Or(where, "nginx"), v.passTo(at), to)
	unit := fmt.Sprintf("%s   # instead of %s", v.bindTo(to.String()), at)
	if b := v.f.Baseline; b != nil && sameTarget(b.Target, to) {
		return f.advise("%s, where it was changed last", unit).advise("%s", v.rebound()).
			advise("or the other side: %s", nginx).advise("%s", v.nginxLoads())
	}
	return f.advise("%s", nginx).advise("%s", v.nginxLoads()).
		advise("or the other side: %s", unit).advise("%s", v.rebound())
}

// bindTo is what the unit is told to bind: the command line wins over what else tells gunicorn, and the socket
// that systemd passes wins over that.
func (v *view) bindTo(address string) string {
	switch u := v.unit; {
	case u != nil && u.BindSource == socketUnit:
		return editOf(v.startName(), "Socket", "ListenStream= ListenStream="+strings.TrimPrefix(address, "unix:"))
	case u != nil && strings.HasPrefix(u.BindSource, "/"):
		return fmt.Sprintf("in %s: bind = %q", u.BindSource, address)
	}
	return v.option(v.bindOption(address))
}

const socketUnit = "socket unit"

// bindOption is how the command line of the unit's server says it.
func (v *view) bindOption(address string) string {
	path, unix := strings.CutPrefix(address, "unix:")
	switch server := v.server(); {
	case server == "uvicorn" && unix:
		return "--uds " + path
	case server == "uvicorn", server == "flask" && !unix:
		return "--host " + host(address) + " --port " + port(address)
	}
	return "--bind " + address
}

func (v *view) server() string {
	if v.unit == nil {
		return ""
	}
	return v.unit.WSGI
}

// rebound is what makes the unit's new address count.
func (v *view) rebound() string {
	if u := v.unit; u != nil && u.BindSource == socketUnit {
		return "then: " + v.socketAnew()
	}
	return v.reloaded()
}

func join(ts []detect.Target) string {
	var s []string
	for _, t := range ts {
		s = append(s, t.String())
	}
	return strings.Join(s, ", ")
}
