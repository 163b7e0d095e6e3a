package diagnose

import (
	"fmt"
	"slices"

	"github.com/gatemend/gatemend/detect"
)

// gunicornStopped: the unit rests, and did not fail.
func gunicornStopped(v *view) (*finding, string) {
	u := v.unit
	if u == nil || u.Load == "" && u.Active == "" {
		return stoppedByLines(v)
	}
	switch {
	case u.Load == "masked":
		return v.aboutUnit(found(detect.GunicornStopped, v.personsChoice())).because("unit.load", "%s is masked", u.Name).
			advise("%s && systemctl start %s   # it is masked: a person decided that", v.unmask(), u.Name).decisive(false), ""
	case u.Load == "not-found":
		return v.bringBack(v.aboutUnit(found(detect.GunicornStopped, 90)).because("unit.load", "%s is not-found", u.Name)), ""
	case u.Active == "active" && u.Sub == "exited":
		return v.aboutUnit(found(detect.GunicornStopped, 85)).because("unit.state", "%s is active (exited): no process of it is left", u.Name).
			advise("%s", v.restart()).
			lasts("for good: Type=notify in %s, and neither RemainAfterExit= nor --daemon: they hide that gunicorn ended", v.unitFile()), ""
	case u.Active != "inactive":
		return nil, "the unit is " + u.Active
	case u.Result != "" && u.Result != "success":
		return nil, "the unit's result is " + u.Result
	}
	confidence, why := v.restConfidence()
	if confidence == 0 {
		return nil, why
	}
	if _, held := v.keptFromStarting(); held {
		return nil, "its start was held back"
	}
	if !v.f.Offline && daemonized(u) {
		return v.aboutUnit(found(detect.GunicornStopped, unsure)).because("unit.argv", "%s starts gunicorn with --daemon, and systemd takes its end for the service's", u.Name).
			watch(u.Fragment).advise("take --daemon out of ExecStart= of %s: systemd keeps it in the background itself", v.unitFile()).
			advise("%s", v.reloaded()), ""
	}
	f := v.aboutUnit(found(detect.GunicornStopped, confidence)).because("unit.state", "%s is inactive, result success", u.Name)
	f.decisive(u.Job == nil)
	v.howStopped(f)
	f.advise("systemctl start %s", v.startName())
	if s := v.f.Stop; s != nil && !s.ByJob {
		v.comesBack(f, "always")
	}
	return f, ""
}

// unmask is what takes the mask away: one that lasts until the next boot is not taken by unmask alone.
func (v *view) unmask() string {
	if v.unit.FileState == "masked-runtime" {
		return "systemctl unmask --runtime " + v.unit.Name
	}
	return "systemctl unmask " + v.unit.Name
}

// bringBack is for a unit whose file is gone: nothing can start it.
func (v *view) bringBack(f *finding) *finding {
	return f.advise("%[1]s has no unit file: bring /etc/systemd/system/%[1]s back, or name the right unit in gatemend.yaml", v.unit.Name).
		advise("then: systemctl daemon-reload && systemctl start %s", v.unit.Name).decisive(false)
}

// daemonized tells a gunicorn that leaves its unit at once: it forks, and its first process ends well.
func daemonized(u *detect.Unit) bool {
	return u.WSGI == "gunicorn" && u.Type != "forking" && (slices.Contains(u.Argv, "--daemon") || slices.Contains(u.Argv, "-D"))
}

// personsChoice is how sure it is that a masked unit is the cause: live a guard keeps everybody from starting it,
// a document's answer must not tell anyone to.
func (v *view) personsChoice() detect.Confidence {
	if v.f.Offline {
		return detect.ActAt - 2
	}
	return 90
}

// restConfidence is how sure it is that a unit at rest is what requests fail for. Live that is asked;
// a document may show the state of another moment, or of a unit that serves something else: then
// nginx must have found nobody where a stop is told of too.
func (v *view) restConfidence() (detect.Confidence, string) {
	if !v.f.Offline {
		return 92, ""
	}
	nobody := len(v.contacts()) > 0
	for _, c := range v.contacts() {
		nobody = nobody && (c.errno == enoent || c.errno == econnrefused)
	}
	_, told := v.trusted(detect.EventUnitStopped, detect.EventUnitStopping, detect.EventUnitDeactivated)
	switch {
	case nobody && v.endedLater():
		return 0, "it was stopped after the requests had failed"
	case nobody && told && v.toldToQuit():
		return 78, ""
	case nobody && told:
		return 88, ""
	case nobody && v.undated():
		return 35, ""
	case nobody:
		return 70, ""
	case told && v.noRequestSeen():
		return 60, ""
	}
	return 0, "the unit rests, but nginx did not fail for that"
}

// endedLater tells that gunicorn was told to end, or had ended, after the newest refused connect: that end is
// not what was refused for. Only an access log tells the zone in which nginx writes its errors.
func (v *view) endedLater() bool {
	if v.f.Traffic == nil {
		return false
	}
	end, ended := v.last(detect.EventShuttingDown)
	newest := detect.Time(0)
	for _, c := range v.contacts() {
		newest = max(newest, c.line.At)
	}
	return ended && newest != 0 && end.At > newest && !v.endedBefore(newest)
}

// endedBefore tells an end at that time or before it.
func (v *view) endedBefore(t detect.Time) bool {
	return slices.ContainsFunc(v.events[detect.EventShuttingDown], func(l detect.Line) bool {
		return l.At != 0 && (l.At <= t || l.Since != 0 && l.Since <= t)
	})
}

// undated tells a state of rest without any date, and no line of the unit: it may be of any other moment,
// and nothing shows that the unit ever served.
func (v *view) undated() bool {
	return v.f.Offline && v.lacks(detect.UnitHistory) && !v.has(detect.EventStatusActive)
}

// toldToQuit tells gunicorn's quick end by QUIT or INT without a stop job: systemd sends neither, so
// somebody meant it, and it is for them to start it again.
func (v *view) toldToQuit() bool {
	for _, l := range v.events[detect.EventShuttingDown] {
		if s := l.Attr["signal"]; (s == "quit" || s == "int") && !v.has(detect.EventUnitStopping) {
			return true
		}
	}
	return false
}

// noRequestSeen tells a document without nginx's side.
func (v *view) noRequestSeen() bool {
	if v.f.Traffic != nil {
		return false
	}
	for _, l := range v.f.Lines {
		if l.Source == detect.FromNginxError {
			return false
		}
	}
	return true
}

// howStopped adds who or what stopped it.
func (v *view) howStopped(f *finding) {
	u, s := v.unit, v.f.Stop
	switch {
	case s != nil && s.ByJob:
		f.because("stop.by_job", "stopped by a stop job at %s: a person or a program ran systemctl stop", s.At.Time().Format("15:04:05"))
		f.about("by_job", "yes", "who", s.Who)
	case s != nil:
		f.because("stop.by_job", "it ended by itself or by a signal from outside, without a stop job")
	case v.f.Booted != 0 && u.ExecStart == 0:
		f.because("unit.never_started", "it was not started since boot; it is %s", u.FileState)
	}
	if u.FileState == "disabled" {
		f.lasts("systemctl enable %s   # it is disabled: it does not start at boot", v.startName())
	}
	if s == nil && v.toldToQuit() {
		f.lasts("it was sent QUIT or INT, which systemd does not do: somebody ended it on purpose")
	}
	if l, ok := v.trusted(detect.EventUnitStopping); ok && s == nil {
		f.line(l)
	}
}

// startName is what is started: the .socket where the unit is socket-activated.
func (v *view) startName() string {
	if s := v.f.Route.Socket; s != "" {
		return s
	}
	return v.unitOr()
}

// socketAnew is what makes the socket's file anew. systemd starts no .socket whose service runs, and a restart of
// the .socket takes the service down first only where that requires it.
func (v *view) socketAnew() string {
	socket, service := v.startName(), v.unitOr()
	if socket == service || v.f.Socket.TakesAlong(service) {
		return "systemctl restart " + socket
	}
	return fmt.Sprintf("systemctl stop %[1]s %[2]s && systemctl start %[1]s", socket, service)
}

// stoppedByLines judges where nothing is known of the unit.
func stoppedByLines(v *view) (*finding, string) {
	if !v.f.Offline {
		return nil, "nothing is known of the unit"
	}
	if f, _ := v.leftInTheWay(); f != nil {
		return nil, "it cannot start: its socket's path is taken"
	}
	if g := v.given("webapp_container", "container", "process_running"); g == "exited" || g == "false" && !thereUnasked(v) {
		return found(detect.GunicornStopped, 60).because("given", "the process is said not to run"), ""
	}
	if c, ok := v.failed(111); ok && !c.unix() {
		return found(detect.GunicornStopped, 60).contact(c).advise("systemctl status %s; ss -ltnp   # nobody listens on %s", v.unitOr(), c.target), ""
	}
	if c, ok := v.failed(2); ok && v.given("socket_exists") != "true" {
		return found(detect.GunicornStopped, 56).contact(c).advise("systemctl status %s; ls -l %s", v.unitOr(), c.path()), ""
	}
	if l, ok := v.last(detect.EventNoLive); ok {
		return found(detect.GunicornStopped, 45).line(l), ""
	}
	return nil, "no line tells of a missing listener"
}

// aboutUnit sets what policy asks of a finding about the unit.
func (v *view) aboutUnit(f *finding) *finding {
	f.about("unit", v.unitName(), "socket", v.f.Route.Socket)
	if v.f.Route.Socket != "" {
		f.about("via_socket", "yes")
	}
	if u := v.unit; u != nil {
		f.about("state", u.Active+"/"+u.Sub)
	}
	return f
}
