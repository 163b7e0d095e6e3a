package diagnose

import (
	"cmp"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/gatemend/gatemend/detect"
)

// appStartup: the app is found, and fails while it starts.
func appStartup(v *view) (*finding, string) {
	l, ok := v.atStart(detect.AppStartup)
	if !ok {
		return toldError(v)
	}
	f := v.bootFinding(detect.AppStartup, l, 88)
	if l.Attr["phase"] == "" && v.f.Offline && !v.bootTold() {
		f.Confidence = 60
	}
	if service := outside(l); service != "" {
		f.about("outside", service)
		f.watch("tcp:" + service)
		f.advise("%s must answer before the app can start; then: %s", service, v.restart())
		f.Gone = f.Gone || v.named("port", service) == "listening"
		return v.comesBack(f, "on-failure"), ""
	}
	if at := place(l); at != "" {
		f.advise("%s raises: %s", at, strings.TrimSpace(l.Text))
	} else {
		f.advise("it raises while it is imported: %s", strings.TrimSpace(l.Text))
	}
	f.advise("mend that, then: %s", v.restart())
	if l.Errno == econnrefused || l.Errno == 110 {
		v.comesBack(f, "on-failure") // whatever it needs was not there yet
	}
	return f, ""
}

// toldError: with --preload a RuntimeError of the app is printed as gunicorn's own "Error: text".
func toldError(v *view) (*finding, string) {
	for _, l := range v.events[detect.EventConfigError] {
		m := l.Attr["message"]
		switch {
		case l.Attr["path"] != "" || strings.HasPrefix(m, "unrecognized arguments"):
		case strings.Contains(m, "class uri") || strings.Contains(m, "requires"):
			return v.bootFinding(detect.AppImportError, l, 80).advise("the worker class needs a package that is not installed: %s", m), ""
		default:
			return v.bootFinding(detect.AppStartup, l, 84).advise("%s", m), ""
		}
	}
	if l, ok := v.last(detect.EventWaiting); ok && !v.has(detect.EventListening) {
		return v.bootFinding(detect.AppStartup, l, 70).about("outside", l.Attr["service"]).
			advise("the start script waits for %s: it must answer first", l.Attr["service"]), ""
	}
	if l, ok := v.last(detect.EventBootFrame); ok && v.f.Offline && len(v.raised()) == 0 {
		return v.bootFinding(detect.AppStartup, l, 60).
			advise("it fails while it is loaded; the line that says why was not pasted: journalctl -u %s -n 100 --no-pager", v.unitOr()), ""
	}
	if f := v.stuckBeforeServing(); f != nil {
		return f, ""
	}
	return v.everyWorkerTimesOut()
}

// stuckBeforeServing: gunicorn 22 and newer never times out a worker that hangs in import (workertmp.py
// compares two clocks until the first heartbeat) and says nothing. What shows it: a stop that waits all of
// --graceful-timeout for more workers than requests ever came.
func (v *view) stuckBeforeServing() *finding {
	begin, end, ok := v.slowEnd()
	t := v.f.Traffic
	stuck := v.count(detect.EventBooting) - v.count(detect.EventWorkerExiting)
	if !ok || t == nil || t.Answered > 0 || stuck <= t.Requests {
		return nil
	}
	return v.aboutUnit(found(detect.AppStartup, 65)).line(begin).line(end).
		because("workers", "%d workers did not end when told to, and only %d requests ever came: they hang before they serve", stuck, t.Requests).
		advise("the app hangs while it is imported (a connect without a time-out, a lock): py-spy dump --pid PID of a worker shows where (py-spy is pip's, not Debian's)")
}

// slowEnd is the stop that gunicorn waited long for: told to end, and done ten seconds later or more.
func (v *view) slowEnd() (begin, end detect.Line, ok bool) {
	for _, l := range v.events[detect.EventShuttingDown] {
		if l.Attr["signal"] == "term" {
			begin = l
		} else if begin.At != 0 && l.At.Sub(begin.At) >= 10*second {
			return begin, l, v.f.Offline
		}
	}
	return begin, end, false
}

// everyWorkerTimesOut: workers that never get to answer are timed out at boot, one after the other. Where gunicorn
// says of which request it was, the app was loaded: 22 and newer answer that with a 500 of their own, so that
// nginx has no line, and time out nobody who hangs in import.
func (v *view) everyWorkerTimesOut() (*finding, string) {
	n, boots := v.count(detect.EventWorkerTimeout), v.count(detect.EventBooting)
	if t := v.f.Traffic; n < bootsToLoop || n < boots-3 || t != nil && t.Answered > 0 || v.has(detect.EventPrematureClose, detect.EventRequestError) {
		return nil, "no exception at start"
	}
	l, _ := v.last(detect.EventWorkerTimeout)
	return v.aboutUnit(found(detect.AppStartup, 70)).line(l).
		advise("every worker is timed out before it answers once: the app hangs while it is imported").
		advise("py-spy dump --pid PID of a worker shows where (py-spy is pip's, not Debian's); a time-out on that call, then %s", v.restart()), ""
}

// bootTold tells whether gunicorn or PID 1 said that the start failed.
func (v *view) bootTold() bool {
	return v.has(detect.EventWorkerBootFailed, detect.EventWorkerException, detect.EventMainExited, detect.EventUnitFailed) || v.down()
}

var serverPort = regexp.MustCompile(`(?:server (?:on|at) |host ")'?"?([\w.-]+)"?'?[^\n]*?port:? (\d+)`)

// outside is the host:port of a service that the exception says it could not reach.
func outside(l detect.Line) string {
	if m := serverPort.FindStringSubmatch(l.Attr["message"]); m != nil {
		return m[1] + ":" + m[2]
	}
	return ""
}

// named is the present state of a thing that lines name.
func (v *view) named(kind, name string) string {
	for _, n := range v.f.Named {
		if n.Kind == kind && n.Name == name {
			return n.State
		}
	}
	return ""
}

// Boots in the window, with no answer in between, that make a loop: one "Booting worker" now and
// then is max_requests.
const bootsToLoop = 4

// bootLoop: workers start again and again without a word: the app exits, or is killed, or hangs
// while it is imported. gunicorn 20.1 logs nothing of it, and the unit stays active (running).
func bootLoop(v *view) (*finding, string) {
	n := v.count(detect.EventBooting) - v.count(detect.EventAutoRestart) // --max-requests replaces them
	if _, fault := v.fatalSignal(); n < bootsToLoop || fault || v.has(detect.EventWorkerTimeout) {
		return nil, "no loop of booting workers"
	}
	if v.f.Traffic != nil && v.f.Traffic.Answered > 0 && v.f.Offline {
		return nil, "requests were answered in between"
	}
	starts := max(v.count(detect.EventListening), 1) + v.count(detect.EventHangUp)
	l, _ := v.last(detect.EventBooting)
	batch, _ := strconv.Atoi(l.Attr["batch"])
	if n < bootsToLoop*starts || n-batch*starts < bootsToLoop/2 {
		return nil, "the workers of a start, or of several"
	}
	if alive := len(v.f.Processes) - 1; n-alive < bootsToLoop {
		return nil, "the workers that booted are there"
	}
	f := v.aboutUnit(found(detect.AppStartup, 65)).line(l)
	if e, ok := v.last(detect.EventWorkerExited); ok {
		f.Confidence = 85
		f.line(e).about("code", e.Attr["code"])
	}
	if v.up() && v.f.Upstream.Known() && !v.f.Upstream.Healthy() {
		f.because("upstream", "the unit is active, %d workers booted, and none answers", n)
	}
	return f.advise("the app ends while it is imported, without a traceback").
		advise("gatemend diagnose --try-import   # imports it as the unit would: same user, directory and environment"), ""
}

func (v *view) user() string {
	if v.unit != nil && v.unit.User != "" {
		return v.unit.User
	}
	return "root"
}

// envMissing: a variable, or the file that should set it.
func envMissing(v *view) (*finding, string) {
	if l, ok := v.trusted(detect.EventEnvFileMissing); ok {
		return v.envFile(l), ""
	}
	l, ok := v.atStart(detect.EnvMissing)
	if !ok {
		return nil, "no variable is missing"
	}
	name := l.Attr["variable"]
	f := v.bootFinding(detect.EnvMissing, l, 92).about("variable", name)
	lost := v.lost(name)
	if lost != "" {
		f.because("change.envfile", "%s set %s when the site was last healthy, and no longer does", lost, name)
	}
	if ignored, ok := v.trusted(detect.EventEnvIgnored); ok {
		f.line(ignored).about("path", ignored.Attr["path"])
		f.advise("systemd reads no \"export\": take the word out in front of %s in %s", name, ignored.Attr["path"])
	}
	const notTheShell = "; what a shell sets does not reach systemd"
	if u := v.unit; u != nil && len(u.EnvFiles) > 0 {
		for _, file := range u.EnvFiles {
			f.watch(strings.TrimPrefix(file, "-"))
		}
		file := cmp.Or(lost, strings.TrimPrefix(u.EnvFiles[0], "-"))
		f.about("file", file)
		return f.advise("add a line for %s to %s: the app needs that variable%s", name, file, notTheShell).
			advise("then: %s", v.restart()), ""
	}
	return f.advise("systemctl edit %s   # [Service] Environment= with a value for %s: the app needs that variable%s", v.unitOr(), name, notTheShell).
		advise("then: %s; a secret belongs into a file of mode 0600, named by EnvironmentFile=", v.restart()), ""
}

// lost is the environment file that set the variable when the site was last healthy, and does not now.
func (v *view) lost(name string) string {
	for _, c := range v.f.Changes {
		if slices.Contains(c.Lost, name) {
			return c.Name
		}
	}
	return ""
}

// envFile: EnvironmentFile= without "-" names a file that is not there; nothing ran.
func (v *view) envFile(l detect.Line) *finding {
	f := v.aboutUnit(found(detect.EnvMissing, 95)).line(l)
	if u := v.unit; u != nil {
		for _, file := range u.EnvFiles {
			if !strings.HasPrefix(file, "-") {
				f.watch(file)
				if v.named("envfile", file) != "exists" {
					f.about("file", file).because("unit.env_files", "EnvironmentFile=%s", file)
				}
			}
		}
		if u.Result == "resources" {
			f.because("unit.result", "result resources: nothing was started")
		}
		f.watch(u.Fragment)
	}
	file := cmp.Or(f.Subject["file"], "the file")
	return f.advise("bring %s back: EnvironmentFile= of %s names it, and nothing is started without it", file, v.unitFile()).
		advise("then: %s", v.restart()).
		lasts("for good, where the app can do without: a minus in front of its name, EnvironmentFile=-%s", file)
}
