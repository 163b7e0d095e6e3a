package diagnose

import (
	"fmt"
	"strconv"

	"github.com/gatemend/gatemend/detect"
)

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
	if l, ok := v.trusted(detect.EventStartTimeout); ok && u.Result == "timeout" {
		return f.line(l).advise("%s", notReady(u)).
			advise("journalctl -u %[1]s -n 50 --no-pager; systemctl cat %[1]s   # mend that, then: %[2]s", u.Name, v.restart()), ""
	}
	if u.Result == "watchdog" {
		f.lasts("for good: %s   # gunicorn does not answer systemd's watchdog, which ends it each time", v.edit("Service", "WatchdogSec=0"))
	}
	return v.upAgain(f), ""
}

// notReady is why a start took longer than TimeoutStartSec=. gunicorn sends READY=1 before its workers import the
// app (arbiter.py, 20.1 and 23.0): only with --preload does an import hold it up.
func notReady(u *detect.Unit) string {
	if u.Type == "forking" {
		return "Type=forking waits for gunicorn to go into the background: --daemon, and --pid as PIDFile= says; or Type=notify, without them"
	}
	return "no READY=1 came within TimeoutStartSec=: a shell in ExecStart= that does not exec gunicorn, or, with --preload, a slow or hanging import"
}

// upAgain is what brings a unit up that died, and what is in the way of it.
func (v *view) upAgain(f *finding) *finding {
	u := v.unit
	if u.Load == "not-found" {
		return v.bringBack(f)
	}
	if u.Freezer != "" {
		if len(v.f.Processes) > 0 {
			f.advise("systemctl kill -s KILL %s   # the processes that are left: they keep it %s", u.Name, u.Freezer)
		}
		return f.advise("systemctl reset-failed %[1]s; systemctl disable %[1]s && systemctl enable --now %[1]s   # systemd starts no unit that was killed while %[2]s, until it has forgotten it; a unit file that is a link is enabled by its path", u.Name, u.Freezer)
	}
	if u.Load == "masked" {
		f.advise("%s   # it is masked: nothing can start it", v.unmask())
	}
	f.advise("%s", v.restart())
	return v.comesBack(f, "on-failure").
		lasts("journalctl -u %s -n 50 --no-pager   # what it said before it died", u.Name)
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
	case v.cutByStop(), v.f.Offline && v.endedUnclean():
		return 35
	case u.Result == "timeout" && v.has(detect.EventStopTimeout, detect.EventUnitStopping):
		return 60 // a stop that took too long, not a crash
	case u.Result == "timeout" && v.has(detect.EventStartTimeout):
		return 65 // a start that does not come to an end in time will not the next time either
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
	if s, ok := v.trusted(detect.EventUnitStarted); ok && s.At > l.At && !v.f.Offline {
		return nil, "it was started since it crashed"
	}
	if l.Attr["code"] == "killed" || l.Attr["code"] == "dumped" {
		f := v.aboutUnit(found(detect.GunicornCrashed, 75)).line(l)
		if v.unit != nil && !v.f.Offline {
			v.upAgain(f)
		}
		return f, ""
	}
	if s := l.Attr["status"]; s != "0" && s != "" && len(s) < 3 {
		return v.aboutUnit(found(detect.GunicornCrashed, 55)).line(l), ""
	}
	return nil, "the main process ended by itself"
}
