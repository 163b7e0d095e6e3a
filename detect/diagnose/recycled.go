package diagnose

import (
	"github.com/gatemend/gatemend/detect"
)

// workerRecycled: single requests die when gunicorn replaces a worker or closes an idle connection.
//
// What a recycled worker costs depends on its class. gunicorn/workers/gthread.py from 21 on hands an accepted
// connection to the poller first, and run() ends without those: with 23.0 and --max-requests 10, 181 of 2400
// POSTs were answered 502 where nginx kept no connection alive, and 0 of 1600 without --threads. 20.1 loses
// only what nginx keeps alive. A HUP ends workers the same way: with 23.0 and 2 workers of
// 8 threads, 6 HUPs lost 12 of 173 POSTs, and 12 of 186; with 20.1 none, with sync workers none.
func workerRecycled(v *view) (*finding, string) {
	if l, ok := v.last(detect.EventAutoRestart); ok && v.has(detect.EventPrematureClose, detect.EventUpstreamReset) {
		return v.aboutUnit(found(detect.WorkerRecycled, 80)).line(l).
			lasts("gunicorn ends a worker after --max-requests; one with --threads closes connections that it has accepted and not read, and the requests on them are lost").
			lasts("for good: without --max-requests in %s, or without --threads: a sync worker loses none; a restart helps nothing", v.unitFile()), ""
	}
	if g := v.given("max_requests"); g != "" && g != "0" {
		return found(detect.WorkerRecycled, 60).because("given", "max_requests %s", g), ""
	}
	if l, ok := v.restartedInOrder(); ok {
		return v.aboutUnit(found(detect.WorkerRecycled, 55)).line(l).
			lasts("the errors fell into an orderly restart, and requests are answered since: that third of a second is what a restart costs").
			lasts("systemctl reload %s (HUP, where the unit has ExecReload=) replaces the workers, and sync ones lose no request; with --threads gunicorn 21 and newer lose one of each worker", v.unitOr()), ""
	}
	if v.cutByStop() {
		l, _ := v.last(detect.EventStopTimeout)
		return v.aboutUnit(found(detect.WorkerRecycled, 50)).line(l).
			lasts("a stop cut off a request in flight: it took longer than gunicorn's --graceful-timeout and TimeoutStopSec= allow"), ""
	}
	if l, ok := v.oneOff(); ok {
		return v.aboutUnit(found(detect.WorkerRecycled, 42)).line(l).
			lasts("if nginx keeps connections to the upstream alive, gunicorn's --keep-alive (2 s unless set) must be longer than keepalive_timeout in upstream{} (60 s)"), ""
	}
	return nil, "nothing tells of a recycled worker"
}

// oneOff is a reset or early close with nothing at all said by the app.
func (v *view) oneOff() (detect.Line, bool) {
	l, ok := v.last(detect.EventUpstreamReset)
	if !ok || l.Errno != 104 && l.Errno != 32 || v.down() || v.has(detect.EventWorkerTimeout, detect.EventWorkerKilled, detect.EventMainExited, detect.EventOOMKill, detect.EventUnitOOM) {
		return detect.Line{}, false
	}
	if t := v.f.Traffic; t != nil && t.Answered == 0 || v.sick(v.f.Upstream) {
		return detect.Line{}, false // not one among others
	}
	return l, len(v.contacts()) == 0
}

// restartedInOrder tells a document whose refused connects all fell between gunicorn's orderly end and
// its next start, and in which requests were answered afterwards: a deploy, seen by nginx.
func (v *view) restartedInOrder() (detect.Line, bool) {
	if !v.f.Offline || !v.answersAfter() || v.has(detect.EventMainExited, detect.EventUnitFailed) {
		return detect.Line{}, false
	}
	end, ended := v.last(detect.EventShuttingDown)
	begin, begun := v.last(detect.EventGunicornStarting)
	listens, known := v.last(detect.EventListening)
	if !ended || !begun || !known || end.At == 0 || begin.At < end.At {
		return detect.Line{}, false
	}
	for _, l := range v.events[detect.EventConnectFailed] {
		inside := l.At >= end.At && l.At <= begin.At.Add(second)
		if l.Errno != enoent && l.Errno != econnrefused || !inside || !sameAddress(target(l), listens.Attr["target"]) {
			return detect.Line{}, false
		}
	}
	return end, v.has(detect.EventConnectFailed)
}

func sameAddress(a, b string) bool {
	x, errX := detect.ParseTarget(a)
	y, errY := detect.ParseTarget(b)
	return errX == nil && errY == nil && sameTarget(x, y)
}

// cutByStop tells a request that a stop cut off: PID 1 killed what would not end in time, and nginx was
// refused nothing before or after.
func (v *view) cutByStop() bool {
	return v.f.Offline && v.has(detect.EventStopTimeout) && v.has(detect.EventPrematureClose, detect.EventUpstreamReset) && len(v.contacts()) == 0
}
