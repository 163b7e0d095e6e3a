package diagnose

import "github.com/gatemend/gatemend/detect"

// heldBack: PID 1 was asked to start the unit and did not: it is not there, it is masked, what it needs failed,
// or a condition is not met. Live the unit's own state tells of those that are not there or masked.
func heldBack(v *view) (*finding, string) {
	if l, ok := v.keptFromStarting(); ok {
		return v.aboutUnit(found(detect.GunicornStopped, unsure)).because("unit.state", "%s is %s, and systemd did not start it when it was asked to", v.unit.Name, v.unit.Active).
			line(l).watch(v.unit.Fragment).
			advise("systemctl list-dependencies %[1]s; systemctl cat %[1]s   # what it needs (Requires=, ConditionPathExists=) failed or is not there; systemctl --failed", v.unit.Name).
			advise("mend that, then: systemctl start %s", v.startName()), ""
	}
	if !v.f.Offline || v.up() {
		return nil, "no start was held back"
	}
	l, ok := v.trusted(detect.EventUnitHeldBack, detect.EventUnitNotFound, detect.EventUnitMasked)
	if !ok {
		return nil, "no start was held back"
	}
	f := found(detect.GunicornStopped, 65).line(l).about("unit", l.Attr["unit"])
	switch l.Event {
	case detect.EventUnitMasked:
		return f.advise("systemctl unmask %[1]s && systemctl start %[1]s   # it is masked: a person decided that", l.Attr["unit"]), ""
	case detect.EventUnitNotFound:
		return f.advise("no such unit is known: systemctl list-unit-files; bring its file back, then: systemctl daemon-reload"), ""
	}
	return f.advise("systemctl list-dependencies %s; systemctl cat %[1]s   # what it needs (Requires=, ConditionPathExists=) is not there", l.Attr["unit"]), ""
}

// unsure is the confidence of a finding whose remedy the unit itself would undo: told, never acted on.
const unsure = detect.ActAt - 4

// keptFromStarting is PID 1's newest word on a unit at rest: a start was asked for, and what it needs failed, or
// its condition is not met. Another start would be held back alike, until the unit is changed.
func (v *view) keptFromStarting() (detect.Line, bool) {
	l, ok := v.trusted(detect.EventUnitHeldBack)
	if !ok || v.unit == nil || v.unit.Active != "inactive" || v.mended() {
		return detect.Line{}, false
	}
	started, ok := v.trusted(detect.EventUnitStarted, detect.EventUnitStarting)
	return l, !ok || started.At <= l.At
}

// keeperTells: supervisord, not systemd, starts the server, and says that it does so no more.
func keeperTells(v *view) (*finding, string) {
	if !v.f.Offline {
		return nil, "systemd is asked"
	}
	if l, ok := v.last(detect.EventKeeperGaveUp); ok {
		return found(detect.StartLimitHit, 60).line(l).
			advise("supervisorctl tail %s stderr   # why it ended each time; mend that, then: supervisorctl start %[1]s", l.Attr["program"]), ""
	}
	if l, ok := v.last(detect.EventKeeperStopped); ok {
		return found(detect.GunicornStopped, 65).line(l).advise("supervisorctl start %s", l.Attr["program"]), ""
	}
	return nil, "no keeper speaks"
}

// noAppLoaded: uWSGI serves on without an app, and no exception says why.
func noAppLoaded(v *view) (*finding, string) {
	l, ok := v.last(detect.EventNoApp)
	if !ok || len(v.raised()) > 0 {
		return nil, "an app is loaded, or an exception says why not"
	}
	return v.bootFinding(detect.AppImportError, l, 65).
		advise("uWSGI found no application and answers every request with 500: module= and callable=, and the traceback above this line, tell"), ""
}

// scriptVariable: a start script, or supervisord's configuration, uses a variable that is not set.
func scriptVariable(v *view) (*finding, string) {
	l, ok := v.last(detect.EventVariableMissing)
	if frame, unset := v.last(detect.EventBootFrame); unset && settingsFail(v) && v.f.Offline && len(v.raised()) == 0 && v.given("manual_run") == "works" {
		return v.bootFinding(detect.EnvMissing, frame, 62).because("given", "by hand it works").
			advise("the same settings load by hand: what a shell sets does not reach the service: EnvironmentFile=, or environment= of supervisord"), ""
	}
	if !ok {
		return nil, "no script misses a variable"
	}
	return v.bootFinding(detect.EnvMissing, l, 80).about("variable", l.Attr["variable"]).
		advise("%s is not set where the server is started: Environment= or EnvironmentFile= of the unit, environment= of supervisord", l.Attr["variable"]), ""
}

// noSuchUser: gunicorn's own --user or --group does not exist.
func noSuchUser(v *view) (*finding, string) {
	l, ok := v.last(detect.EventNoSuchUser)
	if !ok {
		return nil, "gunicorn knows its user"
	}
	return v.bootFinding(detect.UnitUserWrong, l, 90).about("user", l.Attr["name"]).
		advise("gunicorn is told to run as the %s %s, which does not exist: getent passwd %[2]s; getent group %[2]s", l.Attr["kind"], l.Attr["name"]), ""
}

// ignoredVariable: PID 1 did not take a line of an environment file, and the app could not be loaded, for a reason
// that is not shown.
func ignoredVariable(v *view) (*finding, string) {
	l, ok := v.trusted(detect.EventEnvIgnored)
	if !ok || len(v.raised()) > 0 || !v.has(detect.EventWorkerBootFailed, detect.EventWorkerException) && !bootStatus(v.unit) {
		return nil, "no line of an environment file is missed"
	}
	return v.bootFinding(detect.EnvMissing, l, 68).about("variable", l.Attr["variable"], "path", l.Attr["path"]).
		advise("systemd reads no \"export\": take the word out in front of %s in %s; then: %s", l.Attr["variable"], l.Attr["path"], v.restart()), ""
}
