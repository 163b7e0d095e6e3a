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
			f.advise("it was waiting at %s, line %s", t.Attr["file"], t.Attr["line"])
		}
		return v.slowAdvice(f), ""
	}
	if l, ok := v.lateHeader(); ok {
		f := v.aboutUnit(found(detect.WorkerTimeout, 70)).line(l)
		if v.f.Offline && !v.up() && v.down() {
			return nil, "the unit does not run"
		}
		if v.workersComeAndGo() {
			f.Confidence = 50
		}
		return v.slowAdvice(f), ""
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
		if w := l.Attr["while"]; strings.Contains(w, "header") || strings.HasPrefix(w, "reading upstream") {
			return l, true
		}
	}
	return detect.Line{}, false
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
	f.advise("a restart does not make a slow request fast")
	if u := v.unit; u != nil && u.TimeoutApp > 0 {
		f.advise("gunicorn waits %s (--timeout), nginx proxy_read_timeout 60s by default", u.TimeoutApp)
	}
	return f.advise("find the slow view or the service it waits for; more workers, or --worker-class gthread --threads, keep others alive meanwhile")
}

// backlogFull: the accept queue is full, at once and for everybody.
func backlogFull(v *view) (*finding, string) {
	if c, ok := v.failed(eagain); ok && c.unix() {
		f := v.aboutUnit(found(detect.BacklogFull, 90)).contact(c).about("path", c.path())
		for _, l := range v.f.Listeners {
			if l.Ours && l.Backlog > 0 {
				f.because("listener.queue", "%d wait, %d may", l.Queue, l.Backlog)
			}
		}
		return f.advise("more comes in than the workers answer: a restart throws the waiting away").
			advise("raise --workers or --threads; --backlog together with net.core.somaxconn only delays it"), ""
	}
	if l, ok := v.last(detect.EventBacklogFullApp); ok {
		return found(detect.BacklogFull, 75).line(l), ""
	}
	for _, l := range v.events[detect.EventUpstreamTimeout] {
		if l.Attr["while"] == "connecting to upstream" && local(l.Attr["upstream"]) {
			confidence := detect.Confidence(65)
			if _, late := v.lateHeader(); late || v.has(detect.EventWorkerTimeout) || v.f.Traffic != nil && v.f.Traffic.Answered > 0 {
				confidence = 80
			}
			return v.aboutUnit(found(detect.BacklogFull, confidence)).line(l).
				advise("a local connect that times out: the accept queue is full (ss -ltn: Recv-Q above Send-Q), or a firewall drops"), ""
		}
	}
	return nil, "the queue has room"
}
