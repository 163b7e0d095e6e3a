package diagnose

import (
	"slices"
	"strings"

	"github.com/gatemend/gatemend/detect"
)

// What a document does not show decides which other causes would leave its lines. Each of these tells one such
// gap.

// nobodyTells: nginx finds nobody, and the document holds nothing of whoever should be there.
func nobodyTells(v *view) bool {
	_, missing := v.failed(enoent)
	_, refused := v.failed(econnrefused)
	return (missing || refused) && v.appSilent() && v.unit == nil
}

// appSilent: no line is the app's, its server's or PID 1's.
func (v *view) appSilent() bool {
	return !slices.ContainsFunc(v.f.Lines, func(l detect.Line) bool { return l.Source != detect.FromNginxError })
}

// endedMute: the main process ended with a status of its own, and nothing that it wrote is shown.
func endedMute(v *view) bool {
	u := v.unit
	return u != nil && u.ExitCode == exited && (u.ExitStatus == 1 || bootStatus(u)) && len(v.raised()) == 0 &&
		!v.has(detect.EventConfigError, detect.EventBindGaveUp, detect.EventBindRetry, detect.EventAddressInUse, detect.EventListening)
}

// settingsFail: Django's settings could not be loaded, and the exception is not shown.
func settingsFail(v *view) bool {
	return slices.ContainsFunc(v.events[detect.EventBootFrame], func(l detect.Line) bool { return l.Attr["settings"] != "" })
}

// thereUnasked: the socket is said to be there, and no connect to it is shown.
func thereUnasked(v *view) bool {
	return v.given("socket_exists") == "true" && len(v.f.Lines) == 0
}

// directoryMissing: the socket's path leads through a directory of its own below /run.
func directoryMissing(v *view) bool {
	c, ok := v.failed(enoent)
	dir, below := strings.CutPrefix(plainRun(detect.Unix(c.path())).Address, "/run/")
	return ok && below && strings.Contains(dir, "/") && nobodyTells(v)
}

// addressMoved: another host's address does not answer; containers and virtual machines change theirs.
func addressMoved(v *view) bool {
	for _, errno := range []int{113, 110, econnrefused} {
		c, ok := v.failed(errno)
		if ok && !c.unix() && (c.target == "" || !local(c.target)) && v.appSilent() {
			return true
		}
	}
	return false
}

// cutOff: a request was cut off, and the app's side is not shown.
func cutOff(v *view) bool { return v.has(detect.EventPrematureClose) && v.appSilent() }

// queueFull: connections wait, and nothing tells what the workers do.
func queueFull(v *view) bool {
	_, full := v.failed(eagain)
	return full || v.has(detect.EventBacklogFullApp)
}

// timedOutAlone: gunicorn timed a worker out, and neither nginx's side nor the place where it waited is shown.
func timedOutAlone(v *view) bool {
	_, named := v.abortedIn()
	return v.has(detect.EventWorkerTimeout) && !named && v.noRequestSeen()
}

// deafToAbort: gunicorn had to kill the worker that it timed out.
func deafToAbort(v *view) bool {
	_, timedOut := v.last(detect.EventWorkerTimeout)
	return timedOut && slices.ContainsFunc(v.events[detect.EventWorkerKilled], func(l detect.Line) bool { return l.Attr["signal"] == "KILL" })
}

// onlyAnswers: all that is shown is well, and nothing shows how long it took.
func onlyAnswers(v *view) bool {
	t := v.f.Traffic
	return t != nil && t.Requests > 0 && t.Answered == t.Requests && v.up() && v.quiet()
}

// listensElsewhere: gunicorn tells another address than nginx tried, and what is on disk is not shown.
func listensElsewhere(v *view) bool {
	l, ok := v.last(detect.EventListening)
	n := v.f.Nginx
	for _, c := range v.contacts() {
		if ok && (c.errno == enoent || c.errno == econnrefused) && !sameAddress(c.target, l.Attr["target"]) {
			return n == nil || n.Disk == nil
		}
	}
	return false
}

// originUnexpected: a CDN calls the answer of this machine unexpected.
func originUnexpected(v *view) bool { return v.given("cdn_status", "cdn_code", "code") == "520" }

// bindRefused: a bind failed with EACCES, or for a reason that gunicorn up to 22 does not tell.
func bindRefused(v *view) bool {
	l, ok := v.bindLine()
	return ok && (l.Errno == eacces || l.Errno == 0 && l.Event != detect.EventAddressInvalid)
}

// memoryTold: what a person noted beside slow workers is about memory.
func memoryTold(v *view) bool {
	if !v.has(detect.EventWorkerTimeout, detect.EventUpstreamTimeout, detect.EventPrematureClose) {
		return false
	}
	for k := range v.f.Given {
		if strings.Contains(k, "memory") || strings.Contains(k, "swap") || k == "rss" {
			return true
		}
	}
	return false
}
