package diagnose

import (
	"cmp"
	"path"
	"regexp"
	"strings"

	"github.com/gatemend/gatemend/detect"
)

// macDenied: SELinux or AppArmor says no where the modes say yes.
func macDenied(v *view) (*finding, string) {
	if l, ok := v.denial(); ok {
		f := v.aboutUnit(found(detect.MACDenied, 90)).line(l)
		if c, ok := v.failed(eacces); ok {
			f.Confidence = 95
			f.contact(c)
		}
		return macAdvice(f, l), ""
	}
	if step, l := v.stepOf(); step == "APPARMOR" || step == "SELINUX_CONTEXT" {
		f := v.aboutUnit(found(detect.MACDenied, 90)).because("unit.exit_status", "systemd could not set the profile: step %s", step)
		if l.Event != "" {
			f.line(l)
		}
		return f.advise("AppArmorProfile= or SELinuxContext= of %s names what is not loaded: systemctl cat %[1]s; aa-status", v.unitOr()), ""
	}
	if l, ok := v.ownDirectoryRefused(); ok {
		return v.aboutUnit(found(detect.MACDenied, 62)).line(l).about("target", l.Attr["target"]).
			because("unit.runtime_directory", "systemd makes that directory for %s at each start, so no mode refuses it", v.user()).
			advise("journalctl -k -g 'avc|apparmor' -n 20   # what is left is AppArmor or SELinux"), ""
	}
	for _, l := range v.events[detect.EventUpstreamReset] {
		if l.Errno == eacces {
			return v.aboutUnit(found(detect.MACDenied, 55)).line(l).
				advise("the connection stands, and reading from it is denied: no mode is asked then, only SELinux, AppArmor or a seccomp filter").
				advise("ausearch -m avc -ts recent; journalctl -k -g apparmor; in a container, the host's"), ""
		}
	}
	c, ok := v.failed(eacces)
	if !ok {
		return nil, "nothing was denied"
	}
	if h := v.f.Host; !c.unix() && !v.f.Offline && h != nil && h.MAC != enforcing {
		return found(detect.NetUnreachable, 85).contact(c).about("target", c.target).
			advise("ip route get %s; ip rule   # a route that prohibits: no SELinux is enforcing here", host(c.target)), ""
	}
	if !c.unix() {
		return found(detect.MACDenied, 85).contact(c).about("target", c.target).
			advise("a TCP connect that is denied (13) is SELinux: setsebool -P httpd_can_network_connect 1, or semanage port").
			advise("ausearch -m avc -ts recent   # the denial itself"), ""
	}
	if h := v.f.Host; h != nil && h.MAC != "" && v.modesAllow() {
		return v.aboutUnit(found(detect.MACDenied, 80)).contact(c).because("host.mac", "%s", h.MAC).
			because("path", "every directory and the socket let %s in", v.workerUser()).
			advise("journalctl -k -g 'avc|apparmor' -n 20; ausearch -m avc -ts recent"), ""
	}
	if v.f.Offline && v.given("selinux", "getenforce", "mac") == "enforcing" {
		return found(detect.MACDenied, 70).contact(c).because("given", "SELinux is enforcing"), ""
	}
	return nil, "the modes explain the denial, or nothing enforces"
}

// enforcing is what the host says of an SELinux that refuses. What AppArmor refuses, the kernel tells.
const enforcing = "selinux enforcing"

// ownDirectoryRefused is a bind that fails, for no reason told or for EACCES, in the unit's own
// RuntimeDirectory=.
func (v *view) ownDirectoryRefused() (detect.Line, bool) {
	l, ok := v.bindLine()
	if !ok || !v.f.Offline || v.unit == nil || l.Errno != 0 && l.Errno != eacces {
		return detect.Line{}, false
	}
	for _, dir := range v.unit.RuntimeDirs {
		if t := l.Attr["target"]; path.Dir(strings.TrimPrefix(t, "unix:")) == "/run/"+dir && len(t) < 100 {
			return l, true
		}
	}
	return detect.Line{}, false
}

// denial is a line of the kernel about nginx or the app. Of an AVC each layer appears only after
// the one before is allowed.
func (v *view) denial() (detect.Line, bool) {
	for _, e := range []detect.Event{detect.EventAVCDenied, detect.EventAppArmor} {
		for _, l := range v.events[e] {
			if l.Source == detect.FromKernel || v.f.Offline {
				if v.concerns(l) {
					return l, true
				}
			}
		}
	}
	return detect.Line{}, false
}

// concerns leaves out other programs' denials.
func (v *view) concerns(l detect.Line) bool {
	all := l.Attr["comm"] + " " + l.Attr["profile"] + " " + l.Attr["name"] + " " + l.Text
	for _, word := range []string{"nginx", "gunicorn", "httpd_t", "python", "uwsgi", "uvicorn", strings.TrimSuffix(v.unitName(), ".service")} {
		if word != "" && strings.Contains(all, word) {
			return true
		}
	}
	return false
}

func (v *view) modesAllow() bool {
	if v.f.Path == nil {
		return false
	}
	for _, p := range v.f.Path.Parts {
		if p.WorkerMay != "yes" {
			return false
		}
	}
	return v.f.Path.Exists()
}

func macAdvice(f *finding, l detect.Line) *finding {
	if l.Event == detect.EventAppArmor {
		return appArmorAdvice(f, l)
	}
	f.about("perm", l.Attr["perm"], "class", l.Attr["tclass"], "path", l.Attr["path"]+l.Attr["name"])
	switch {
	case l.Attr["perm"] == "name_connect":
		f.advise("SELinux denies nginx to connect to port %s: setsebool -P httpd_can_network_connect 1", l.Attr["dest"])
	case l.Attr["tclass"] == "file" && strings.Contains(l.Attr["perm"], "execute"):
		f.advise("SELinux denies systemd to execute %s: restorecon -Rv on the virtual environment, or bin_t by semanage fcontext", l.Attr["name"])
	default:
		f.advise("SELinux denies { %s } on %s %s", l.Attr["perm"], l.Attr["tclass"], l.Attr["path"]+l.Attr["name"])
	}
	program, _, _ := strings.Cut(strings.TrimLeft(plain(l.Attr["comm"]), "_"), "_") // "gunicorn: worke", "(gunicorn)"
	module := program + "_" + plain(l.Attr["perm"])
	return f.advise("ausearch -m avc -c %s -ts recent | audit2allow -M %s && semodule -i %[2]s.pp   # read %[2]s.te before: it allows all that was denied to such programs", program, module).
		advise("one layer shows at a time: expect another denial after it, and a module of its own for that")
}

// plain is a word of a command: what another program was called may hold anything.
func plain(word string) string { return notPlain.ReplaceAllString(word, "_") }

var notPlain = regexp.MustCompile(`[^A-Za-z0-9]+`)

// appArmorAdvice is for a denial by a profile. A rule for a file allows no network and no program.
func appArmorAdvice(f *finding, l detect.Line) *finding {
	name := l.Attr["name"]
	f.about("profile", l.Attr["profile"], "path", name)
	f.advise("AppArmor's profile %s denies %s of %s", l.Attr["profile"], l.Attr["operation"], cmp.Or(name, "a socket"))
	if !strings.HasPrefix(name, "/") || l.Attr["operation"] == "exec" {
		return f.advise("aa-logprof   # of apparmor-utils: asks for each denial, and writes the rule")
	}
	return f.advise("add to that profile, or to its file in /etc/apparmor.d/local: %s rw,   then: apparmor_parser -r FILE of the profile", name)
}
