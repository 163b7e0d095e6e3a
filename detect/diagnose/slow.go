package diagnose

import (
	"strings"

	"github.com/gatemend/gatemend/detect"
)

// workerTimeout: requests take longer than gunicorn or nginx waits for.
func workerTimeout(v *view) (*finding, string) {
	if l, ok := v.last(detect.EventWorkerTimeout); ok {
		f := v.aboutUnit(found(detect.WorkerTimeout, 85)).line(l)
		if t, ok := v.abortedIn(); ok {
			f.line(t).about("file", t.Attr["file"], "line", t.Attr["line"])
			f.lasts("it was waiting at %s:%s: a restart does not make that fast", t.Attr["file"], t.Attr["line"])
		}
		f.lasts("gunicorn ended it after %s; for work that must take longer: %s   # and a proxy_read_timeout above it", v.patience(), v.option("--timeout "+v.longer()))
		return v.slowAdvice(f).lasts("%s", v.reloaded()), ""
	}
	if l, ok := v.lateHeader(); ok {
		f := v.aboutUnit(found(detect.WorkerTimeout, 70)).line(l)
		if v.f.Offline && !v.up() && v.down() {
			return nil, "the unit does not run"
		}
		if v.workersComeAndGo() {
			f.Confidence = 50
		}
		f.lasts("nginx gave up on it (60 s unless set); for work that must take longer: %s", v.inLocation(spoken(l, waits(l))))
		return v.slowAdvice(f).lasts("%s", v.nginxLoads()), ""
	}
	if v.up() && v.silent() {
		return v.slowAdvice(v.aboutUnit(found(detect.WorkerTimeout, 60)).because("upstream", "%s", answerText(v.f.Upstream))), ""
	}
	if t := v.f.Traffic; t != nil && t.Gone > 0 && t.Nginx5xx == 0 && v.f.Offline && !v.down() {
		return v.slowAdvice(v.aboutUnit(found(detect.WorkerTimeout, 50)).because("traffic.gone", "%d clients went away before an answer (499)", t.Gone)), ""
	}
	if s := v.given("status"); s == "504" && v.given("after_s", "gunicorn_timeout") != "" {
		return v.slowAdvice(found(detect.WorkerTimeout, 60).because("given", "504 after a time limit")), ""
	}
	return nil, "nothing timed out"
}

// lateHeader is nginx giving up on an answer.
func (v *view) lateHeader() (detect.Line, bool) {
	for _, l := range v.events[detect.EventUpstreamTimeout] {
		if w := l.Attr["while"]; strings.Contains(w, "header") || strings.HasPrefix(w, "reading upstream") || strings.HasPrefix(w, "sending request") {
			return l, true
		}
	}
	return detect.Line{}, false
}

// waits is the directive by which nginx waited: while it sends a request it is another one.
func waits(l detect.Line) string {
	if strings.HasPrefix(l.Attr["while"], "sending request") {
		return "proxy_send_timeout 120s;"
	}
	return "proxy_read_timeout 120s;"
}

// abortedIn is the traceback that gunicorn 22 and newer write at a timeout: it ends in SystemExit and
// names the line that blocked.
func (v *view) abortedIn() (detect.Line, bool) {
	for _, l := range v.events[detect.EventTraceback] {
		if l.Attr["kind"] == "SystemExit" && l.Attr["file"] != "" {
			return l, true
		}
	}
	return detect.Line{}, false
}

func (v *view) workersComeAndGo() bool {
	return v.count(detect.EventBooting) >= bootsToLoop && !v.has(detect.EventWorkerTimeout)
}

func (v *view) slowAdvice(f *finding) *finding {
	if v.neverAnswered() {
		f.lasts("py-spy dump --subprocesses --pid %d   # nothing was answered since the start: it may hang while it is imported (py-spy is pip's, not Debian's)", v.unit.MainPID)
	}
	f.lasts("find the slow view, or the service that it waits for and give that call a time-out; a restart makes nothing faster")
	return f.lasts("so that it holds up nobody else: %s", v.more("8"))
}

// more is the option by which more requests are answered at once: gevent's and uvicorn's workers know no threads.
func (v *view) more(n string) string {
	if u := v.unit; u != nil && u.WorkerClass != "" && u.WorkerClass != "sync" && u.WorkerClass != "gthread" {
		return v.option("--workers " + n)
	}
	return v.option("--threads " + n)
}

// neverAnswered tells a server that runs, whose access log is known, and that answered nothing since it was
// started: one that hangs while it is imported looks so, and only a look into it tells it from a slow one.
func (v *view) neverAnswered() bool {
	u, t := v.unit, v.f.Traffic
	return !v.f.Offline && v.up() && u.MainPID != 0 && u.ExecStart != 0 && t != nil && t.Known && !v.answeredSince(u.ExecStart)
}

// patience is gunicorn's --timeout in words.
func (v *view) patience() string {
	if u := v.unit; u != nil && u.TimeoutApp > 0 && u.TimeoutApp != detect.Forever {
		return u.TimeoutApp.Words() + " (--timeout)"
	}
	return "its --timeout"
}

// longer is four times gunicorn's --timeout, in seconds.
func (v *view) longer() string {
	if u := v.unit; u != nil && u.TimeoutApp > 0 && u.TimeoutApp != detect.Forever {
		return itoa(int(4 * u.TimeoutApp / second))
	}
	return "120"
}

// backlogFull: the accept queue is full, at once and for everybody.
func backlogFull(v *view) (*finding, string) {
	f := v.aboutUnit(found(detect.BacklogFull, 90))
	c, full := v.failed(eagain)
	if !full {
		f.Confidence = 70
		c, full = v.turnedAway()
	}
	if full && c.unix() {
		f.contact(c).about("path", c.path())
		for _, l := range v.f.Listeners {
			if l.Ours && l.Backlog > 0 {
				f.because("listener.queue", "%d wait, %d may", l.Queue, l.Backlog)
			}
		}
		return f.lasts("more comes in than the workers answer, and a restart throws the waiting away: make the slow view fast").
			lasts("for good: %s   # more are answered at once; a longer --backlog only delays it", v.more("16")).
			lasts("%s", v.reloaded()), ""
	}
	if l, ok := v.last(detect.EventBacklogFullApp); ok {
		return found(detect.BacklogFull, 75).line(l).lasts("for good: more threads or processes; the queue's length (listen, --backlog) only delays it"), ""
	}
	for _, l := range v.events[detect.EventUpstreamTimeout] {
		if l.Attr["while"] == "connecting to upstream" && local(l.Attr["upstream"]) {
			confidence := detect.Confidence(65)
			if _, late := v.lateHeader(); late || v.has(detect.EventWorkerTimeout) || v.f.Traffic != nil && v.f.Traffic.Answered > 0 {
				confidence = 80
			}
			return v.aboutUnit(found(detect.BacklogFull, confidence)).line(l).
				lasts("a local connect that times out: the accept queue is full (ss -ltn: Recv-Q above Send-Q), or a firewall drops"), ""
		}
	}
	return nil, "the queue has room"
}

// turnedAway is a client whom nginx could not connect, while we, a moment later, could: where the queue is full
// and some are answered now and then, whoever asks just then gets a place.
func (v *view) turnedAway() (contact, bool) {
	if v.f.Offline || !v.silent() && !v.sick(v.f.Public) && !v.clientsSuffer() {
		return contact{}, false
	}
	for _, l := range v.events[detect.EventConnectFailed] {
		to, err := detect.ParseTarget(target(l))
		if l.Errno == eagain && err == nil && sameTarget(to, v.f.Route.Target) && l.At >= v.f.At.Add(-window) {
			return contact{errno: eagain, target: to.String(), text: l.Text, line: l}, true
		}
	}
	return contact{}, false
}
