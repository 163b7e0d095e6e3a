package diagnose

import (
	"cmp"
	"strconv"
	"strings"

	"github.com/gatemend/gatemend/detect"
)

// nginxConfigInvalid: nginx refuses what is on disk, so it neither starts nor reloads.
func nginxConfigInvalid(v *view) (*finding, string) {
	if n := v.f.Nginx; n != nil && n.Test != nil && !v.f.Offline {
		if n.Test.OK {
			return nil, "nginx -t passes"
		}
		f := found(detect.NginxConfigInvalid, 60).because("nginx.test", "nginx -t: %s", n.Test.Message)
		if !v.f.Public.HealthyPublic() && (n.Master == nil || v.f.Upstream.Healthy()) {
			f.Confidence = 94
		}
		line := ""
		if n.Test.Line > 0 {
			line = strconv.Itoa(n.Test.Line)
		}
		return v.confAdvice(f.about("file", n.Test.File, "line", line).watch(n.Test.File)), ""
	}
	l, ok := v.last(detect.EventNginxConfInvalid)
	if !ok {
		l, ok = v.last(detect.EventNginxTestFailed)
		if !ok || v.has(detect.EventNginxBind, detect.EventHostNotFound) {
			return nil, "no line tells of an invalid configuration"
		}
	}
	if v.laterReload(l) {
		return nil, "it was mended: nginx was reloaded after it"
	}
	f := found(detect.NginxConfigInvalid, 92).line(l).about("file", l.Attr["file"], "line", l.Attr["line"]).watch(l.Attr["file"])
	if f.Gone = v.editedSince(l); f.Gone {
		f.because("nginx.changed_at", "the configuration was changed after that")
	}
	return v.confAdvice(f), ""
}

// editedSince tells that the configuration was changed after the line. While nginx is down its test is
// only the guard of a start, so the change is all there is to know; a start that the test refuses leaves
// a new line. nginx's own log tells whole seconds.
func (v *view) editedSince(l detect.Line) bool {
	n := v.f.Nginx
	return n != nil && n.Master == nil && l.At != 0 && n.ChangedAt > l.At.Add(second)
}

// laterReload tells that the running configuration was loaded after the line.
func (v *view) laterReload(l detect.Line) bool {
	n := v.f.Nginx
	return n != nil && n.LoadedAt != 0 && l.At != 0 && n.LoadedAt > l.At
}

func (v *view) confAdvice(f *finding) *finding {
	if f.Subject["file"] != "" {
		f.advise("mend %s:%s, or take out what was added there last", f.Subject["file"], cmp.Or(f.Subject["line"], "1"))
	}
	if n := v.f.Nginx; n != nil && n.Master == nil && !v.f.Offline {
		return f.advise("nginx -t   # until it passes; then systemctl start nginx")
	}
	return f.advise("nginx -t   # until it passes; the running nginx keeps the old configuration").
		advise("then: systemctl reload nginx, or start where it is down")
}

// nginxConfigStale: the running workers hold another configuration than the disk's, and that is why
// the public end fails.
func nginxConfigStale(v *view) (*finding, string) {
	if v.f.Offline {
		return staleByLines(v)
	}
	n := v.f.Nginx
	if n == nil || n.LoadedAt == 0 || n.ChangedAt == 0 {
		return nil, "when nginx loaded its configuration is not known"
	}
	switch {
	case n.ChangedAt <= n.LoadedAt:
		return nil, "nginx loaded the configuration after its last change"
	case n.Test != nil && !n.Test.OK:
		return nil, "what is on disk is invalid"
	case v.f.Public.Healthy():
		return nil, "changed since it was loaded, but it serves"
	case n.Disk == nil || len(n.Disk.Upstreams) == 0:
		return nil, "what is on disk is not known"
	}
	f := found(detect.NginxConfigStale, 60).about("unit", "nginx.service").
		because("nginx.loaded_at", "the workers started at %s, the configuration changed at %s", n.LoadedAt.Time().Format("15:04:05"), n.ChangedAt.Time().Format("15:04:05"))
	for _, d := range n.Diff {
		f.because("nginx.diff", "%s", d)
	}
	if at, ok := v.triedElsewhere(n.Disk); ok && v.f.Upstream.Healthy() && v.diskIsRight(n.Disk) {
		f.Confidence = 92
		f.because("line.ours", "our own probe went to %s, the disk names %s", at, n.Disk.Upstreams[0].Target)
		f.about("target", n.Disk.Upstreams[0].Target.String(), "loaded", at)
		if n.Elsewhere {
			f.Confidence = 75
			f.because("nginx.elsewhere", "the difference touches other sites too")
		}
	}
	return f.advise("nginx -t && systemctl reload nginx   # it loads all that was edited since, also what is half finished"), ""
}

// triedElsewhere is the upstream of our own probe's error line, where the disk names another.
func (v *view) triedElsewhere(disk *detect.SiteConf) (string, bool) {
	for _, l := range v.events[detect.EventConnectFailed] {
		if !l.Ours {
			continue
		}
		tried, err := detect.ParseTarget(target(l))
		if err != nil {
			continue
		}
		for _, u := range disk.Upstreams {
			if sameTarget(u.Target, tried) {
				return "", false
			}
		}
		return tried.String(), true
	}
	return "", false
}

// diskIsRight tells that the unit listens where the disk's configuration goes.
func (v *view) diskIsRight(disk *detect.SiteConf) bool {
	for _, b := range v.bound() {
		if sameTarget(disk.Upstreams[0].Target, b) {
			return true
		}
	}
	return false
}

func staleByLines(v *view) (*finding, string) {
	switch {
	case v.given("nginx_reload", "after_reload") != "":
		return found(detect.NginxConfigStale, 65).because("given", "a reload of nginx cures it").advise("nginx -t && systemctl reload nginx"), ""
	case v.movedAway():
		c := v.contacts()[0]
		return found(detect.NginxConfigStale, 65).contact(c).because("given", "the upstream's name now means another address").
			advise("nginx resolves names of proxy_pass once, when it loads: nginx -t && systemctl reload nginx"), ""
	}
	if c, ok := v.restartedElsewhere(); ok {
		return found(detect.NginxConfigStale, 62).contact(c).because("given", "%s", v.given("trigger")).
			advise("the container has another address since: nginx -t && systemctl reload nginx, or restart nginx's container too").
			lasts("for good: resolver 127.0.0.11; and a variable in proxy_pass"), ""
	}
	if f := v.curedByReload(); f != nil {
		return f, ""
	}
	if l, ok := v.refusedBind(); ok && v.nginxServes() && v.f.Offline {
		return found(detect.NginxConfigStale, 78).line(l).advise("the reload failed after it was reported done, and nginx keeps its old configuration").
			advise("%s", bindWhy(l, "systemctl reload nginx, and look at the error log")), ""
	}
	if f := v.diskDiffers(); f != nil {
		return f, ""
	}
	return nil, "nothing tells that nginx runs an older configuration"
}

// curedByReload: nginx went to where gunicorn no longer listened, was reloaded, and answered.
func (v *view) curedByReload() *finding {
	listens, ok := v.last(detect.EventListening)
	if reloads := v.nginx[detect.EventUnitReloaded]; !ok || len(reloads) == 0 || !v.answersAfter() {
		return nil
	}
	at, err := detect.ParseTarget(listens.Attr["target"])
	for _, c := range v.contacts() {
		if tried, bad := detect.ParseTarget(c.target); err == nil && bad == nil && !sameTarget(tried, at) {
			return found(detect.NginxConfigStale, 78).contact(c).line(listens).line(v.nginx[detect.EventUnitReloaded][0]).
				lasts("the reload of nginx mended it: reload nginx together with a change of the bind")
		}
	}
	return nil
}

// movedAway compares the address in the error lines with what the name is said to mean now.
func (v *view) movedAway() bool {
	cs := v.contacts()
	if len(cs) == 0 {
		return false
	}
	for k, addr := range v.f.Given {
		if strings.HasPrefix(k, "getent") && addr != "" && !strings.Contains(cs[0].target, addr) {
			return true
		}
	}
	return false
}

// diskDiffers: nginx_conf in the document goes to where the unit listens, the error lines do not.
func (v *view) diskDiffers() *finding {
	n := v.f.Nginx
	if n == nil || n.Disk == nil || len(n.Disk.Upstreams) == 0 {
		return nil
	}
	for _, c := range v.contacts() {
		tried, err := detect.ParseTarget(c.target)
		if err != nil || sameTarget(tried, n.Disk.Upstreams[0].Target) || n.Disk.Upstreams[0].Var {
			continue
		}
		if tried.IsUnix() != n.Disk.Upstreams[0].Target.IsUnix() || tried.IsUnix() || local(tried.Address) {
			return found(detect.NginxConfigStale, 78).contact(c).because("nginx.disk", "the configuration on disk names %s", n.Disk.Upstreams[0].Target).
				advise("nginx -t && systemctl reload nginx")
		}
	}
	return nil
}
