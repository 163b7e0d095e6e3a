package diagnose

import (
	"cmp"
	"fmt"

	"github.com/gatemend/gatemend/detect"
)

// appError: the app itself answers 5xx.
func appError(v *view) (*finding, string) {
	a := v.f.Upstream
	if a.Known() && a.Outcome == detect.Answered && a.Status >= 500 {
		f := v.aboutUnit(found(detect.AppError, 95)).because("upstream", "%s, by the app itself", answerText(a))
		if l, ok := v.failedRequest(); ok {
			f.line(l).about("file", l.Attr["file"], "line", l.Attr["line"], "exception", l.Attr["kind"]).watch(l.Attr["file"])
			f.lasts("%s raises: %s", cmp.Or(place(l), "the app"), l.Text)
		}
		return f.lasts("mend the app, or go back to what ran before; a restart alone does not: journalctl -u %s -n 100 --no-pager", v.unitOr()), ""
	}
	if a.Healthy() && !v.f.Offline {
		return nil, "the app answers"
	}
	if l, ok := v.failedRequest(); ok && !v.down() {
		confidence := detect.Confidence(75)
		if l.Event == detect.EventBareException {
			confidence = 60
		}
		f := v.aboutUnit(found(detect.AppError, confidence)).line(l).about("file", l.Attr["file"], "line", l.Attr["line"], "exception", l.Attr["kind"]).watch(l.Attr["file"])
		return f.lasts("%s raises in this request: %s; a restart does not mend it", cmp.Or(place(l), "the app"), l.Text), ""
	}
	if l, ok := v.last(detect.EventRequestError); ok && v.f.Offline && !v.has(detect.EventWorkerTimeout) {
		return v.aboutUnit(found(detect.AppError, 65)).line(l).
			lasts("journalctl -u %s -n 100 --no-pager   # the traceback of that request; a restart does not mend it", v.unitOr()), ""
	}
	if t := v.f.Traffic; t != nil && t.App5xx > 0 && v.f.Offline {
		return found(detect.AppError, 70).because("traffic.app_5xx", "%d answers of 5xx were made by the app", t.App5xx).
			lasts("journalctl -u %s -n 100 --no-pager   # its tracebacks; a restart does not mend the app", v.unitOr()), ""
	}
	return nil, "the app made no error"
}

// failedRequest is an exception in a request; a timeout's SystemExit is none.
func (v *view) failedRequest() (detect.Line, bool) {
	for _, r := range v.raised() {
		if !r.boot && r.Attr["kind"] != "SystemExit" && r.Attr["phase"] != "master" {
			return r.Line, true
		}
	}
	return detect.Line{}, false
}

// passes is how many answers in a row are taken for health, as the verifier's default has it.
const passes = 3

// notLocal: here all is well at both depths; what people see fails in front of this machine.
func notLocal(v *view) (*finding, string) {
	if v.f.Offline {
		if s := v.inFront(); s != "" && len(v.contacts()) == 0 {
			return found(detect.NotLocal, 60).because("given", "the error was made by %s", s).
				advise("the answer came from in front of this machine: its own time-outs, health checks and limits"), ""
		}
		if t := v.f.Traffic; t != nil && v.up() && t.Answered >= passes && t.Answered == t.Requests && v.quiet() {
			return found(detect.NotLocal, 45).because("traffic.answered", "all %d requests were answered, and no log says otherwise", t.Answered).
				advise("ask what stands in front: the CDN's or balancer's own log and health check, DNS, the provider's firewall"), ""
		}
		return nil, "nothing tells of something in front"
	}
	a := v.f.Public
	if o := v.f.Outside; v.failsOutside() {
		return found(detect.NotLocal, 80).because("outside", "%s", answerText(o)).
			because("public", "here it answers at both depths: %s", answerText(a)).
			advise("%s, while nginx and the app answer here: look at DNS, the CDN or balancer, and the provider's firewall", outsideText(o)).
			advise("curl -sv -o /dev/null %s   # from another machine", o.URL), ""
	}
	return nil, "nothing fails that works here"
}

// failsOutside tells that the external URL fails while here all is well.
func (v *view) failsOutside() bool {
	return v.f.Upstream.Healthy() && v.f.Public.Healthy() && v.sick(v.f.Outside)
}

// outsideText says what a stranger gets.
func outsideText(a *detect.Answer) string {
	switch a.Outcome {
	case detect.Answered:
		return fmt.Sprintf("a stranger gets %d at %s", a.Status, a.URL)
	case detect.Unresolved:
		return "the name in " + a.URL + " does not resolve"
	}
	return fmt.Sprintf("a stranger gets no answer at %s (%s)", a.URL, a.Outcome)
}

// quiet tells that no line speaks of anything but starting, serving and stopping.
func (v *view) quiet() bool {
	for e := range v.events {
		switch e {
		case detect.EventGunicornStarting, detect.EventListening, detect.EventBooting, detect.EventHangUp, detect.EventWorkerExiting, detect.EventShuttingDown,
			detect.EventUnitStarting, detect.EventUnitStarted, detect.EventUnitStopping, detect.EventUnitStopped, detect.EventUnitDeactivated, detect.EventUnitReloaded:
		default:
			return false
		}
	}
	return true
}

// inFront is what a document says made the error: a balancer, or a CDN by its own statuses, 520 to 530; 521
// is the CDN's word for a refused connection, which is this machine's.
func (v *view) inFront() string {
	if s := v.given("502_from", "504_from"); s != "" {
		return s
	}
	s := v.given("cdn_status", "cdn_code", "code")
	if len(s) == 3 && s[:2] == "52" && s != "521" || s == "530" {
		return "a CDN's status " + s
	}
	return ""
}
