package diagnose

import (
	"fmt"
	"path"
	"strings"

	"github.com/gatemend/gatemend/detect"
)

// unitUserWrong: the unit's user or group does not exist, or may not read or write what it must.
func unitUserWrong(v *view) (*finding, string) {
	if step, l := v.stepOf(); step == "USER" || step == "GROUP" {
		f := v.aboutUnit(found(detect.UnitUserWrong, 95))
		if l.Event != "" {
			f.line(l)
		}
		if u := v.unit; u != nil {
			f.because("unit.exit_status", "%s: exit status %d: User=%s Group=%s", u.Name, u.ExitStatus, u.User, u.Group).watch(u.Fragment, "/etc/passwd", "/etc/group")
		}
		if v.groupMissing(step, l) {
			return v.groupAdvice(f), ""
		}
		return f.about("user", v.user()).advise("getent passwd %s   # the user or group that the unit names does not exist", v.user()).
			advise("%s   # or mend User= and Group= in %s", v.addUser(), v.unitFile()).
			advise("%s", v.reloaded()), ""
	}
	for _, l := range v.events[detect.EventConfigError] {
		if l.Attr["path"] != "" {
			return v.denied(l, l.Attr["path"], 90), ""
		}
	}
	if l, ok := v.last(detect.EventCommandDenied); ok {
		return v.denied(l, l.Attr["path"], 75), ""
	}
	if l, ok := v.atStart(detect.UnitUserWrong); ok {
		return v.denied(l, l.Attr["path"], 90), ""
	}
	return nil, "user and group are right"
}

// addUser makes the unit's user. useradd makes the group of that name too, and fails where that is there.
func (v *view) addUser() string {
	if u := v.unit; u != nil && u.Group != "" && u.Group == u.User {
		return fmt.Sprintf("groupadd -f --system %[1]s; useradd --system --no-create-home -g %[1]s %[1]s", u.User)
	}
	return "useradd --system --no-create-home " + v.user()
}

// pidFileIn tells the directory of gunicorn's --pid, in which it makes a file of another name first.
func (v *view) pidFileIn(file string) bool {
	return v.unit != nil && strings.HasPrefix(path.Base(file), "tmp") && path.Dir(pidFileOf(v.unit.Argv)) == path.Dir(file)
}

func pidFileOf(argv []string) string {
	for i, a := range argv {
		switch option, value, joined := strings.Cut(a, "="); {
		case option != "--pid" && option != "-p":
		case joined:
			return value
		case i+1 < len(argv):
			return argv[i+1]
		}
	}
	return ""
}

// groupMissing tells the step for Group= or SupplementaryGroups= from that for User=.
func (v *view) groupMissing(step string, l detect.Line) bool {
	return step == "GROUP" || strings.Contains(strings.ToUpper(l.Attr["step"]), "GROUP") || v.unit != nil && byStatus(v.unit) == "GROUP"
}

func (v *view) groupAdvice(f *finding) *finding {
	group := "GROUP"
	if v.unit != nil && v.unit.Group != "" {
		group = v.unit.Group
	}
	return f.about("group", group).advise("getent group %s   # Group= of the unit: where it exists, SupplementaryGroups= names one that does not", group).
		advise("groupadd --system %s   # or mend it in %s", group, v.unitFile()).
		advise("%s", v.reloaded())
}

func (v *view) denied(l detect.Line, file string, confidence detect.Confidence) *finding {
	f := v.bootFinding(detect.UnitUserWrong, l, confidence).about("path", file, "user", v.user()).watch(file)
	if v.pidFileIn(file) {
		return f.advise("%s may not make gunicorn's pid file in %s: %s of %s, systemd knows the process without it", v.user(), path.Dir(file), pidless(v.unit), v.unitFile()).
			advise("%s", v.reloaded())
	}
	if strings.Contains(l.Attr["message"], "FileNotFoundError") {
		f.advise("install -d -o %s %s   # the directory is not there", v.user(), path.Dir(file))
	} else if v.named("file", file) == "missing" {
		f.advise("touch %[2]s && chown %[1]s %[2]s   # it is not there, and the unit's user may not make it; where it is to be a directory: mkdir", v.user(), file)
	} else {
		f.advise("chown %s %s   # the unit's user may not use it; namei -l %[2]s shows where the way ends", v.user(), file)
	}
	if l.Attr["last"] != "" {
		f.advise("the log ends with %q; this came first", l.Attr["last"])
	}
	f.advise("then: %s", v.restart())
	if kind, name, ok := ownDirectory(file); ok {
		f.lasts("for good: %s   # systemd makes that directory for %s at each start", v.edit("Service", kind+name), v.user())
	}
	return f
}

// ownDirectory is the directive by which systemd makes the path's directory for the unit's user.
func ownDirectory(file string) (directive, name string, ok bool) {
	for dir, directive := range map[string]string{"/var/log/": "LogsDirectory=", "/var/lib/": "StateDirectory=", "/var/cache/": "CacheDirectory=", "/run/": "RuntimeDirectory="} {
		name, below := strings.CutPrefix(path.Dir(file), dir)
		if below && name != "" {
			return directive, name, true
		}
	}
	return "", "", false
}

// unitStale: the unit file changed, and systemd still goes by the old one.
func unitStale(v *view) (*finding, string) {
	u := v.unit
	l, told := v.trusted(detect.EventUnitChanged)
	reload := u != nil && u.NeedReload || v.given("unit_changed") == "true" && v.given("daemon_reload") != "true"
	switch {
	case !reload && !(told && u == nil):
		return nil, "the unit is as systemd loaded it"
	case v.up() && v.f.Upstream.Healthy():
		return nil, "changed on disk, but it serves"
	case !reload && !v.failedAtAll():
		return nil, "the warning alone says nothing of an outage"
	}
	f := v.aboutUnit(found(detect.UnitStale, 60))
	if reload && u != nil {
		f.because("unit.need_reload", "%s changed on disk after systemd loaded it", u.Name)
		f.watch(u.Fragment)
		switch {
		case v.down():
			f.Confidence = 86
			f.because("unit.state", "it is %s/%s", u.Active, u.Sub)
		case v.up() && v.listensHere():
			f.Confidence = explains - 10 // what runs was started by the older unit, and listens where nginx goes
		}
	}
	if told {
		f.line(l)
	}
	return f.advise("systemctl daemon-reload && %s", v.restart()), ""
}

// failedAtAll tells whether anything in the document shows a failure.
func (v *view) failedAtAll() bool {
	return len(v.contacts()) > 0 || v.has(detect.EventUnitFailed, detect.EventMainExited, detect.EventSpawnFailed, detect.EventUnitStartFailed)
}
