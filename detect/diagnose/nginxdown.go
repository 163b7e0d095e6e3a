package diagnose

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"github.com/gatemend/gatemend/detect"
)

// nginxDown: nobody accepts at the public end. Clients see "connection refused", not 502.
func nginxDown(v *view) (*finding, string) {
	if v.f.Offline {
		return nginxDownByLines(v)
	}
	n := v.f.Nginx
	if n == nil {
		return nil, "nothing is known of nginx"
	}
	refused := v.f.Public.Known() && (v.f.Public.Outcome == detect.Refused || v.f.Public.Outcome == detect.Missing)
	dead := n.Unit != nil && (n.Unit.Active == "failed" || n.Unit.Active == "inactive") && n.Master == nil
	switch {
	case v.f.Public.Healthy():
		return nil, "nginx answers"
	case n.Unit != nil && (n.Unit.Active == "activating" || n.Unit.Job != nil && n.Unit.Job.Type != "reload"):
		return nil, "nginx is being started"
	case !dead && !(refused && n.Master == nil):
		return nil, "nginx runs"
	}
	f := found(detect.NginxDown, 85)
	if u := n.Unit; u != nil {
		f.because("nginx.unit", "%s is %s, result %s", u.Name, u.Active, u.Result).about("unit", u.Name, "state", u.Active+"/"+u.Sub)
	}
	if refused {
		f.Confidence = 95
		f.because("public", "%s", answerText(v.f.Public)).decisive(dead)
	}
	for _, l := range n.Foreign {
		v.blameNginxPort(f, l)
	}
	if len(n.Workers) > 0 {
		f.about("leftovers", "yes").because("nginx.workers", "%d workers of a master that is gone still run", len(n.Workers))
	}
	f.advise("nginx -t && systemctl start nginx")
	if u := n.Unit; u != nil && u.Restart == "no" && u.Failed() && u.Result == "signal" {
		f.lasts("for good: %s", editOf(u.Name, "Service", "Restart=on-failure RestartSec=2"))
	}
	return f, ""
}

func (v *view) blameNginxPort(f *finding, l detect.Listener) {
	if len(l.Owners) == 0 {
		return
	}
	p := l.Owners[0]
	f.because("nginx.foreign", "%s is held by PID %d (%s)", l.Target, p.PID, p.Comm)
	f.about("holder_pid", strconv.Itoa(p.PID), "holder_unit", p.Unit, "holder", p.Comm).watch("tcp:" + l.Target.Address)
	stop := toStop(p)
	if strings.HasPrefix(stop, "systemctl") {
		f.lasts("for good: systemctl disable %s, or a port of its own: where it is enabled it is back after a boot", p.Unit)
	}
	f.advise("%s   # PID %d (%s) holds %s, which nginx needs", stop, p.PID, p.Comm, l.Target)
}

func nginxDownByLines(v *view) (*finding, string) {
	if l, ok := v.refusedBind(); ok && v.nginxServes() {
		return nil, "nginx serves on; only its reload failed: " + l.Text
	}
	if l, ok := v.refusedBind(); ok {
		f := found(detect.NginxDown, 75).line(l).about("target", l.Attr["target"], "unit", "nginx.service")
		if l.Errno == eaddrinuse || l.Errno == 0 {
			f.Confidence = 78 // a person must free the port: never enough to start nginx
			if t := l.Attr["target"]; t != "" {
				f.watch("tcp:" + t)
			}
		}
		return f.advise("%s", bindWhy(l, "systemctl start nginx")), ""
	}
	n := v.f.Nginx
	if n != nil && n.Unit != nil && (n.Unit.Active == "failed" || n.Unit.Active == "inactive") {
		f := found(detect.NginxDown, 82).because("nginx.unit", "nginx is %s, result %s", n.Unit.Active, n.Unit.Result).about("unit", "nginx.service")
		if n.Unit.Active == "failed" && n.Unit.Result == "exit-code" {
			f.Confidence = detect.ActAt - 4 // its own start was refused: the configuration or a port, which another start meets again
		}
		if n.Unit.Active == "inactive" && len(v.contacts()) > 0 {
			return nil, "nginx logged requests"
		}
		return f.advise("nginx -t && systemctl start nginx"), ""
	}
	for _, e := range []detect.Event{detect.EventControlExited, detect.EventUnitFailed, detect.EventUnitStartFailed} {
		if ls := v.nginx[e]; len(ls) > 0 {
			return found(detect.NginxDown, 70).line(ls[0]).about("unit", "nginx.service").advise("nginx -t && systemctl start nginx"), ""
		}
	}
	if l, ok := v.last(detect.EventUnitStartFailed); ok && v.given("service") != "" {
		return found(detect.NginxDown, 45).line(l), ""
	}
	if s := v.given("cdn_status", "cdn_code"); s == "521" {
		return found(detect.NginxDown, 60).because("given", "the CDN says 521: the origin refuses its connection"), ""
	}
	return nil, "nothing tells that nginx is down"
}

// refusedBind is nginx's newest refused bind that says why: "still could not bind()" stands behind five of them.
func (v *view) refusedBind() (detect.Line, bool) {
	lines := v.events[detect.EventNginxBind]
	for _, l := range slices.Backward(lines) {
		if l.Errno != 0 {
			return l, true
		}
	}
	return v.last(detect.EventNginxBind)
}

// bindWhy tells what is in the way. nginx tries again, and says "still could not bind()", only where the
// address is in use (ngx_connection.c). then is what is done when that is mended.
func bindWhy(l detect.Line, then string) string {
	switch l.Errno {
	case eaddrinuse, 0:
		return "ss -ltnp   # another program holds nginx's port; free it, then " + then
	case eaddrnotavail:
		return "ip -br addr   # " + l.Attr["target"] + " is no address of this host: bring it up, or take it out of listen; then " + then
	case eafnosupport:
		return "this host speaks no IPv6: take listen [::]: out of the configuration; then " + then
	}
	return "nginx may not bind " + cmp.Or(l.Attr["target"], "its address") + ": below 1024 it must start as root; as root, SELinux or its unit refuses: journalctl -k -g 'avc|apparmor' -n 20"
}

// nginxServes tells a document in which nginx answered, or logged a request.
func (v *view) nginxServes() bool {
	return v.f.Traffic != nil || len(v.events[detect.EventConnectFailed]) > 0 || v.has(detect.EventPrematureClose, detect.EventUpstreamTimeout)
}
