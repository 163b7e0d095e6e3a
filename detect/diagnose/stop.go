package diagnose

import (
	"fmt"
	"strconv"

	"github.com/gatemend/gatemend/detect"
)

// gunicornStopped: the unit rests, and did not fail.
func gunicornStopped(v *view) (*finding, string) {
	u := v.unit
	if u == nil || u.Load == "" && u.Active == "" {
		return stoppedByLines(v)
	}
	switch {
	case u.Load == "masked" || u.Load == "not-found":
		return v.aboutUnit(found(detect.GunicornStopped, 90)).because("unit.load", "%s is %s", u.Name, u.Load).
			advise("systemctl unmask %s   # it is masked: a person decided that", u.Name).decisive(false), ""
	case u.Active == "active" && u.Sub == "exited":
		return v.aboutUnit(found(detect.GunicornStopped, 85)).because("unit.state", "%s is active (exited): no process of it is left", u.Name), ""
	case u.Active != "inactive":
		return nil, "the unit is " + u.Active
	case u.Result != "" && u.Result != "success":
		return nil, "the unit's result is " + u.Result
	}
	confidence, why := v.restConfidence()
	if confidence == 0 {
		return nil, why
	}
	f := v.aboutUnit(found(detect.GunicornStopped, confidence)).because("unit.state", "%s is inactive, result success", u.Name)
	f.decisive(u.Job == nil)
	v.howStopped(f)
	return f.advise("systemctl start %s", v.startName()), ""
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
	case nobody && told:
		return 88, ""
	case nobody:
		return 70, ""
	case told && v.noRequestSeen():
		return 60, ""
	}
	return 0, "the unit rests, but nginx did not fail for that"
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
		f.advise("systemctl enable %s   # it is disabled: it does not start at boot", v.startName())
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

// stoppedByLines judges where nothing is known of the unit.
func stoppedByLines(v *view) (*finding, string) {
	if !v.f.Offline {
		return nil, "nothing is known of the unit"
	}
	if g := v.given("webapp_container", "container", "process_running"); g == "exited" || g == "false" {
		return found(detect.GunicornStopped, 60).because("given", "the process is said not to run"), ""
	}
	if c, ok := v.failed(111); ok && !c.unix() {
		return found(detect.GunicornStopped, 60).contact(c).advise("systemctl status %s; ss -ltnp   # nobody listens on %s", v.unitOr(), c.target), ""
	}
	if c, ok := v.failed(2); ok && v.given("socket_exists") != "true" {
		return found(detect.GunicornStopped, 50).contact(c).advise("systemctl status %s; ls -l %s", v.unitOr(), c.path()), ""
	}
	if l, ok := v.last(detect.EventNoLive); ok {
		return found(detect.GunicornStopped, 45).line(l), ""
	}
	return nil, "no line tells of a missing listener"
}

// gunicornCrashed: the main process died, and no line says of what.
func gunicornCrashed(v *view) (*finding, string) {
	u := v.unit
	if u == nil {
		return crashedByLines(v)
	}
	switch u.Result {
	case "", "success", "start-limit-hit", "resources", "exec-condition", "oom-kill":
		return crashedByLines(v)
	}
	if u.Active == "active" && v.f.Upstream.Healthy() {
		return nil, "it runs again"
	}
	if byStatus(u) != "" {
		return nil, fmt.Sprintf("it never ran: exit status %d is systemd's %s", u.ExitStatus, byStatus(u))
	}
	f := v.aboutUnit(found(detect.GunicornCrashed, crashConfidence(v))).
		because("unit.result", "%s: result %s, %s", u.Name, u.Result, exitText(u))
	if l, ok := v.trusted(detect.EventMainExited); ok {
		f.line(l)
	}
	f.decisive(u.Failed() && u.Job == nil && !u.RestartsItself())
	if v.leftovers() {
		f.about(detect.SubjectLeftovers, "yes").because("unit.processes", "%d processes of it are left", len(v.f.Processes))
		f.decisive(u.Job == nil)
	}
	return f.advise("journalctl -u %s -n 50 --no-pager   # what it said before it died", u.Name).
		advise("systemctl restart %s", u.Name), ""
}

// leftovers tells processes that keep a unit from coming to rest: the master is dead, and a worker with a
// slow request holds everything up until TimeoutStopSec. Two seconds are given for an orderly end.
func (v *view) leftovers() bool {
	u := v.unit
	if len(v.f.Processes) == 0 || u.Active == "active" {
		return false
	}
	return u.Active != "deactivating" || u.StateChange != 0 && v.f.At.Sub(u.StateChange) >= 2*second
}

// crashConfidence: a signal or a timeout is a crash whatever came before; an exit code may have a
// reason that a restart does not mend (3 and 4 are gunicorn's own "could not load the app").
func crashConfidence(v *view) detect.Confidence {
	u := v.unit
	switch {
	case u.Result == "signal" || u.Result == "core-dump" || u.Result == "watchdog":
		return 92
	case u.Result == "timeout" && v.has(detect.EventStopTimeout, detect.EventUnitStopping):
		return 60 // a stop that took too long, not a crash
	case u.Result == "timeout":
		return 80
	case u.Result == "protocol":
		return 60
	case bootStatus(u):
		return 65
	}
	if v.f.Offline {
		return 70 // its reason may be in lines that were not shown
	}
	return 82
}

// bootStatus tells gunicorn's WORKER_BOOT_ERROR and APP_LOAD_ERROR; systemd prints LSB's names for them.
func bootStatus(u *detect.Unit) bool {
	return u != nil && u.ExitCode == exited && (u.ExitStatus == 3 || u.ExitStatus == 4)
}

// ExecMainCode is the si_code of the child: CLD_EXITED, CLD_KILLED, CLD_DUMPED.
const (
	exited = 1
	killed = 2
	dumped = 3
)

func exitText(u *detect.Unit) string {
	switch u.ExitCode {
	case exited:
		return "exit status " + strconv.Itoa(u.ExitStatus)
	case killed:
		return "killed by signal " + strconv.Itoa(u.ExitStatus)
	case dumped:
		return "dumped core, signal " + strconv.Itoa(u.ExitStatus)
	}
	return "nothing ran"
}

func crashedByLines(v *view) (*finding, string) {
	if l, ok := v.last(detect.EventMainLoop); ok && v.f.Offline {
		return found(detect.GunicornCrashed, 65).line(l), ""
	}
	l, ok := v.trusted(detect.EventMainExited)
	if !ok {
		return v.workerLost()
	}
	if v.up() && !v.f.Offline {
		return nil, "it runs again"
	}
	if l.Attr["code"] == "killed" || l.Attr["code"] == "dumped" {
		return v.aboutUnit(found(detect.GunicornCrashed, 75)).line(l), ""
	}
	if s := l.Attr["status"]; s != "0" && s != "" && len(s) < 3 {
		return v.aboutUnit(found(detect.GunicornCrashed, 55)).line(l), ""
	}
	return nil, "the main process ended by itself"
}

// workerLost: requests in flight were cut off while the master lived on, and nothing tells why.
func (v *view) workerLost() (*finding, string) {
	l, ok := v.last(detect.EventPrematureClose)
	if !ok || v.has(detect.EventWorkerTimeout, detect.EventWorkerKilled, detect.EventAutoRestart) || l.Attr["schema"] != "http" && l.Attr["schema"] != "" {
		return nil, "the main process is not known to have died"
	}
	f := v.aboutUnit(found(detect.GunicornCrashed, 42)).line(l)
	if v.isGunicorn() {
		f.Confidence = 50
	}
	return f.advise("a worker ended while it answered: os._exit(), a crash in a C library, or a kill"), ""
}

// workersCrash: the master stays, its workers die of a signal.
func workersCrash(v *view) (*finding, string) {
	l, ok := v.fatalSignal()
	if !ok {
		return nil, "no worker died of a fault"
	}
	f := v.aboutUnit(found(detect.GunicornCrashed, 70)).line(l)
	if v.f.Offline {
		f.Confidence = 76
	}
	return f.about("signal", l.Attr["signal"]).
		advise("coredumpctl info   # which library it died in").
		advise("a worker that dies of %s again and again is a broken binary package (wheel): a restart does not mend it", l.Attr["signal"]), ""
}

// fatalSignal finds a worker's death by a fault of its own: not TERM, not KILL, nor gunicorn's ABRT.
func (v *view) fatalSignal() (detect.Line, bool) {
	if l, ok := v.last(detect.EventSegfault); ok {
		l.Attr = with(l.Attr, "signal", "SEGV")
		return l, true
	}
	for _, l := range v.events[detect.EventWorkerKilled] {
		switch l.Attr["signal"] {
		case "SEGV", "ILL", "BUS", "FPE":
			return l, true
		}
	}
	return detect.Line{}, false
}

func with(m map[string]string, key, value string) map[string]string {
	out := map[string]string{key: value}
	for k, v := range m {
		out[k] = v
	}
	return out
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
