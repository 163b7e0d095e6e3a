package diagnose

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"github.com/gatemend/gatemend/detect"
)

// byStatus names systemd's own exit statuses for what failed before the program ran
// (src/shared/exit-status.h); an app may exit with these numbers too, so a spawn line confirms.
func byStatus(u *detect.Unit) string {
	if u == nil || u.ExitCode != exited {
		return ""
	}
	return spawnStep[u.ExitStatus]
}

var spawnStep = map[int]string{
	200: "CHDIR", 203: "EXEC", 208: "STDOUT", 209: "STDOUT", 210: "CHROOT", 216: "GROUP", 217: "USER", 222: "STDOUT", 226: "NAMESPACE",
	229: "SELINUX_CONTEXT", 231: "APPARMOR", 233: "RUNTIME_DIRECTORY", 238: "STATE_DIRECTORY", 239: "CACHE_DIRECTORY", 240: "LOGS_DIRECTORY",
	241: "CONFIGURATION_DIRECTORY", 243: "CREDENTIALS",
}

// stepOf is the step that failed, by PID 1's lines or by the exit status; with the line where there is one.
func (v *view) stepOf() (step string, line detect.Line) {
	for _, l := range v.events[detect.EventSpawnFailed] {
		if !v.f.Offline && l.Source != detect.FromSystemd {
			continue
		}
		switch s := strings.ToUpper(l.Attr["step"]); {
		case s != "":
			step, line = cmp.Or(preparing[s], s), l
		case step == "":
			step, line = "EXEC", l
		}
	}
	if step != "" {
		if v.up() && !v.f.Offline {
			return "", line
		}
		return step, line
	}
	if v.up() {
		return "", line
	}
	if s := byStatus(v.unit); s != "" {
		return s, line
	}
	for _, e := range []detect.Event{detect.EventMainExited, detect.EventStatusMain, detect.EventStatusProcess} {
		if l, ok := v.trusted(e); ok && spawnStep[status(l)] != "" {
			return spawnStep[status(l)], l
		}
	}
	return "", line
}

// status is the exit status that a line tells; -1 where it is none.
func status(l detect.Line) int {
	n, err := strconv.Atoi(l.Attr["status"])
	if err != nil {
		return -1
	}
	return n
}

// preparing are the words of systemd's child for a step, where they differ from the step's name.
var preparing = map[string]string{
	"CH": "CHDIR", "GROUP": "USER", "SUPPLEMENTARY GROUP": "USER", "MOUNT NAMESPACING": "NAMESPACE", "SPECIAL EXECUTION DIRECTORY": "RUNTIME_DIRECTORY",
	"STANDARD INPUT": "STDOUT", "STANDARD OUTPUT": "STDOUT", "STANDARD ERROR": "STDOUT", "STDIN": "STDOUT", "STDERR": "STDOUT",
}

// execPathWrong: the program or its directory cannot be entered.
func execPathWrong(v *view) (*finding, string) {
	step, l := v.stepOf()
	switch step {
	case "EXEC", "CHDIR":
		return v.spawnFinding(step, l), ""
	case "NAMESPACE", "STDOUT", "CREDENTIALS", "CHROOT":
		f := v.aboutUnit(found(detect.ExecPathWrong, 70)).because("unit.exit_status", "systemd could not prepare %s", step)
		return f.advise("a path that the unit names (ReadWritePaths=, StandardOutput=) is missing: systemctl cat %s", v.unitOr()), ""
	}
	if l, ok := v.atStart(detect.ExecPathWrong); ok {
		return v.bootFinding(detect.ExecPathWrong, l, 85).advise("Python does not find its own library: PYTHONHOME, or the virtual environment's path, is wrong"), ""
	}
	if l, ok := v.last(detect.EventCommandMissing); ok {
		f := v.bootFinding(detect.ExecPathWrong, l, 70).about("path", l.Attr["path"]).watch(l.Attr["path"])
		if u := v.unit; u != nil && slices.ContainsFunc(u.Argv, func(a string) bool { return strings.HasSuffix(a, l.Attr["path"]) }) {
			return f.advise("ExecStart= of %s names %s, which is not there: bring it back, or name the right one", v.unitFile(), l.Attr["path"]).
				advise("then: %s", v.restart()), ""
		}
		return f.advise("the start script runs %s, which is not there", l.Attr["path"]), ""
	}
	for _, l := range v.events[detect.EventConfigError] {
		if strings.HasPrefix(l.Attr["message"], "unrecognized arguments") && !ownArguments(l.Attr["message"]) {
			return v.bootFinding(detect.ExecPathWrong, l, 60).advise("ExecStart gives gunicorn arguments that it does not know: %s", l.Attr["message"]), ""
		}
	}
	if u := v.unit; u != nil && u.ExitCode == exited && u.ExitStatus == 127 && !v.up() {
		return v.aboutUnit(found(detect.ExecPathWrong, 70)).because("unit.exit_status", "exit status 127: a shell found no such command").
			advise("journalctl -u %s -n 20 --no-pager   # names the command; write its whole path in ExecStart= of %s", u.Name, v.unitFile()), ""
	}
	if v.given("venv_exists") == "false" {
		return found(detect.ExecPathWrong, 60).because("given", "the virtual environment does not exist"), ""
	}
	return nil, "the program was started"
}

func (v *view) spawnFinding(step string, l detect.Line) *finding {
	f := v.aboutUnit(found(detect.ExecPathWrong, 94))
	file := l.Attr["path"]
	if l.Event != "" {
		f.line(l)
	}
	if u := v.unit; u != nil {
		f.because("unit.exit_status", "%s: exit status %d, step %s", u.Name, u.ExitStatus, step)
		f.watch(u.Fragment)
		if file == "" || step == "CHDIR" {
			file = map[bool]string{true: u.WorkDir, false: v.executable()}[step == "CHDIR"]
		}
	}
	f.about("path", file, "step", step).watch(file)
	if step == "CHDIR" {
		if strings.HasPrefix(file, "/home/") || strings.HasPrefix(file, "/root/") {
			f.advise("systemctl show -P ProtectHome %s   # yes hides all homes from the unit: ProtectHome=no, or the app outside of them", v.unitOr())
		}
		return f.advise("WorkingDirectory=%s of %s cannot be entered as %s: namei -l %[1]s shows why", file, v.unitFile(), v.user()).
			advise("systemctl edit %[1]s   # [Service] WorkingDirectory= with the right one; then: %[2]s", v.unitOr(), v.restart())
	}
	v.execAdvice(f, file, l.Attr["reason"])
	return f.advise("mend it, then: %s", v.restart())
}

// execAdvice tells what is wrong with the file, by what it is now.
func (v *view) execAdvice(f *finding, file, reason string) {
	switch state := v.named("exec", file); {
	case state == "missing":
		f.because("named.exec", "%s does not exist", file).advise("%s does not exist: make the virtual environment there again, or name the right path in ExecStart= of %s", file, v.unitFile())
	case state == "crlf":
		f.because("named.exec", "%s has CRLF line ends", file).advise("its #! line ends in CR: sed -i 's/\\r$//' %s", file)
	case strings.Contains(reason, "temporarily unavailable"):
		f.advise("no process may be started for User=%s: LimitNPROC= or TasksMax= of %s is used up: systemctl show -p LimitNPROC -p TasksMax %[2]s; ps -Lu %[1]s | wc -l", v.user(), v.unitOr())
	case state == "not-executable" || strings.Contains(reason, "Permission denied"):
		f.advise("%s may not be executed: chmod +x, a parent directory that User=%s cannot enter, or a noexec mount", file, v.user())
	case state == "exists":
		v.interpreterAdvice(f, file)
	default:
		f.advise("%s, or the interpreter in its first line, does not exist", file)
	}
}

// interpreterAdvice is for a script that exists and whose first line names a program that does not.
func (v *view) interpreterAdvice(f *finding, file string) {
	for _, n := range v.f.Named {
		if n.Kind == "interpreter" && n.State == "missing" {
			f.because("named.interpreter", "%s, the interpreter of %s, does not exist", n.Name, file)
			f.advise("the first line of %s names %s, which does not exist: after an upgrade of Python make the virtual environment again", file, n.Name)
			return
		}
	}
	f.advise("%s exists, so its interpreter is missing: head -1 %[1]s", file)
}

// unitBad: systemd did not accept the unit at all.
func unitBad(v *view) (*finding, string) {
	u := v.unit
	l, told := v.trusted(detect.EventUnitBad)
	switch {
	case u != nil && (u.Load == "bad-setting" || u.Load == "error"):
	case told && (v.f.Offline || !v.up()):
	default:
		return nil, "systemd accepted the unit"
	}
	f := v.aboutUnit(found(detect.ExecPathWrong, 85))
	if u != nil && u.Load != "loaded" && u.Load != "" {
		f.because("unit.load", "%s: %s %s", u.Name, u.Load, u.LoadError).watch(u.Fragment)
	}
	if told {
		f.line(l).about("file", l.Attr["file"], "line", l.Attr["line"]).watch(l.Attr["file"])
	}
	return f.advise("systemd-analyze verify %s   # the unit file is not accepted; ExecStart= needs an absolute path, or a name without any slash", v.unitOr()).
		advise("%s", v.reloaded()), ""
}
