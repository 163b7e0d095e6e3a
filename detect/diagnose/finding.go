package diagnose

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/gatemend/gatemend/detect"
)

// finding is a detect.Finding under construction.
type finding struct{ detect.Finding }

func found(c detect.Cause, confidence detect.Confidence) *finding {
	return &finding{detect.Finding{Cause: c, Confidence: confidence, Subject: map[string]string{}}}
}

// because adds evidence. Facts of lines begin with "line:", and with "pid1:" where PID 1 wrote
// them; everything else was looked at by ourselves.
func (f *finding) because(fact, format string, args ...any) *finding {
	f.Evidence = append(f.Evidence, detect.Evidence{Fact: fact, Text: detect.Clean(fmt.Sprintf(format, args...))})
	return f
}

// line adds a log line as evidence.
func (f *finding) line(l detect.Line) *finding {
	kind := "line:"
	if l.Source == detect.FromSystemd || l.Source == detect.FromKernel {
		kind = "pid1:"
	}
	text := l.Text
	if at := place(l); at != "" && !strings.Contains(text, at) {
		text += " (" + at + ")"
	}
	if l.Count > 1 {
		text = strconv.Itoa(l.Count) + " times: " + text
	}
	f.Evidence = append(f.Evidence, detect.Evidence{Fact: kind + string(l.Event), Text: text})
	return f
}

// place is the file:line that a line is about: what a person opens first.
func place(l detect.Line) string {
	if l.Attr["file"] == "" || l.Attr["line"] == "" {
		return ""
	}
	return l.Attr["file"] + ":" + l.Attr["line"]
}

// about sets what the finding is about; empty values are left out.
func (f *finding) about(pairs ...string) *finding {
	for i := 0; i+1 < len(pairs); i += 2 {
		if pairs[i+1] != "" {
			f.Subject[pairs[i]] = pairs[i+1]
		}
	}
	return f
}

// advise adds what a person does to end the outage.
func (f *finding) advise(format string, args ...any) *finding {
	f.Advice = append(f.Advice, detect.Advice{Text: detect.Clean(fmt.Sprintf(format, args...))})
	return f
}

// lasts adds what is worth doing when the site is well again too: why it happened, and what keeps it from
// coming back.
func (f *finding) lasts(format string, args ...any) *finding {
	f.Advice = append(f.Advice, detect.Advice{Text: detect.Clean(fmt.Sprintf(format, args...)), Lasting: true})
	return f
}

func (f *finding) watch(what ...string) *finding {
	for _, w := range what {
		if w != "" {
			f.Watch = append(f.Watch, w)
		}
	}
	return f
}

// decisive marks that nothing ambiguous is left, see detect.Finding.
func (f *finding) decisive(yes bool) *finding {
	f.Decisive = f.Decisive || yes
	return f
}

// why is the evidence in one line, for the trace.
func (f *finding) why() string {
	texts := make([]string, 0, len(f.Evidence))
	for _, e := range f.Evidence {
		texts = append(texts, e.Text)
	}
	return fmt.Sprintf("%d %%: %s", f.Confidence, strings.Join(texts, "; "))
}

// limit keeps promise 1 for every rule: with live facts, what rests on lines alone that a
// client or the app could have written is not enough to act. And while the unit starts, the
// path is expected to be shut: nothing seen then is decisive.
func limit(v *view, f *finding) {
	if v.f.Offline {
		if v.recovered() {
			f.Confidence = min(f.Confidence, detect.ActAt-5)
		}
		return
	}
	if !f.grounded() {
		f.Confidence = min(f.Confidence, detect.ActAt-10)
		f.Decisive = false
	}
	if atBootOnly[f.Cause] && !f.vouched() && (v.servedToItsEnd() || v.bootedBefore() || v.ofAnEarlierLife()) { // a log may tell any story of a start
		f.Confidence = min(f.Confidence, likely-10)
	}
	if v.f.Unrouted() && ofTheTarget[f.Cause] { // whatever is done to it, clients are sent elsewhere
		f.Confidence = min(f.Confidence, likely-10)
		f.Decisive = false
	}
	if v.starting() {
		f.Decisive = false
		if opensWhenUp[f.Cause] && !v.timedOut(f) {
			f.Confidence = min(f.Confidence, likely-10)
		}
	}
}

// recovered tells that the last requests of a document's access log were answered: what broke is over,
// and nothing is left to act on.
func (v *view) recovered() bool {
	return v.answersAfter() && v.f.Traffic.LastAnswer.Sub(v.f.Traffic.LastError) >= second
}

// answersAfter tells that an answer came after the last error, be it in the same second: with another
// address that failed, one answer is no recovery yet.
func (v *view) answersAfter() bool {
	t := v.f.Traffic
	return t != nil && t.Answered > 0 && t.LastAnswer > t.LastError && v.up()
}

// opensWhenUp are the causes that any start looks like for a while.
var opensWhenUp = map[detect.Cause]bool{
	detect.GunicornStopped: true, detect.GunicornCrashed: true, detect.GunicornHung: true, detect.SocketMissing: true,
	detect.SocketStale: true, detect.UpstreamMismatch: true, detect.WorkerTimeout: true, detect.BacklogFull: true,
}

// timedOut tells a worker whom gunicorn itself timed out in a request: no start looks like that.
func (v *view) timedOut(f *finding) bool {
	_, inRequest := v.abortedIn()
	return f.Cause == detect.WorkerTimeout && inRequest && v.has(detect.EventWorkerTimeout)
}

// ofTheTarget are the causes for which the route's own unit or socket is to blame.
var ofTheTarget = map[detect.Cause]bool{
	detect.GunicornStopped: true, detect.GunicornCrashed: true, detect.GunicornHung: true, detect.StartLimitHit: true,
	detect.SocketMissing: true, detect.SocketStale: true, detect.SocketPermission: true, detect.SocketDirPerm: true,
	detect.UnitStale: true, detect.WorkerOOM: true,
}

// atBootOnly are the causes that end gunicorn while it starts, with an exit status of its own, and that
// are read from what it wrote.
var atBootOnly = map[detect.Cause]bool{
	detect.AppImportError: true, detect.AppStartup: true, detect.EnvMissing: true, detect.UnitUserWrong: true, detect.BindDenied: true,
}

// servedToItsEnd tells a main process that answered after it was started, and then was killed, ended
// well or is being stopped: whatever its log says, it had started.
func (v *view) servedToItsEnd() bool {
	u := v.unit
	if u == nil || u.ExecStart == 0 || !v.down() && u.Active != "deactivating" || u.ExitCode == exited && u.ExitStatus != 0 {
		return false
	}
	return v.answeredSince(u.ExecStart)
}

// stories are the events by which a log tells of a failed start.
var stories = []detect.Event{detect.EventTraceback, detect.EventBareException, detect.EventWorkerBootFailed, detect.EventWorkerException, detect.EventAppLoadFailed}

// ofAnEarlierLife tells that the newest story of a failed start is older than the start that is under way,
// and that no life failed in between: whoever restarts a unit that serves is not called for what it printed.
func (v *view) ofAnEarlierLife() bool {
	l, ok := v.last(stories...)
	if !ok || !v.starting() || v.unit == nil || l.At >= max(v.unit.ExecStart, v.unit.InactiveExit) {
		return false
	}
	failed, ok := v.trusted(detect.EventUnitFailed, detect.EventMainExited)
	return !ok || failed.At < l.At
}

// bootedBefore tells a server that answered, and has a worker that was there before the newest story of
// a failed start was written: that worker booted. After a reload with broken code the old ones end.
func (v *view) bootedBefore() bool {
	u := v.unit
	if !v.up() || u.MainPID == 0 || u.ExecStart == 0 || !v.answeredSince(u.ExecStart) {
		return false
	}
	l, ok := v.last(stories...)
	return ok && slices.ContainsFunc(v.f.Processes, func(p detect.Process) bool {
		return p.PPID == u.MainPID && p.State != "Z" && p.Start != 0 && p.Start < l.At.Add(-second)
	})
}

// vouched tells whether PID 1 speaks for the finding.
func (f *finding) vouched() bool {
	return slices.ContainsFunc(f.Evidence, func(e detect.Evidence) bool { return strings.HasPrefix(e.Fact, "pid1:") })
}

// grounded tells whether anything but forgeable lines speaks for the finding.
func (f *finding) grounded() bool {
	for _, e := range f.Evidence {
		if !strings.HasPrefix(e.Fact, "line:") {
			return true
		}
	}
	return false
}
