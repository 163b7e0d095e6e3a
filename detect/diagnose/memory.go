package diagnose

import (
	"strings"

	"github.com/gatemend/gatemend/detect"
)

// workerOOM: memory ran out. "Perhaps out of memory?" says nothing: gunicorn prints it for any
// SIGKILL, its own included, one second after a WORKER TIMEOUT.
func workerOOM(v *view) (*finding, string) {
	f := v.aboutUnit(found(detect.WorkerOOM, 0))
	if u := v.unit; u != nil && u.Result == "oom-kill" {
		f.Confidence = 95
		f.because("unit.result", "result oom-kill")
	}
	if l, ok := v.trusted(detect.EventUnitOOM); ok {
		f.Confidence = max(f.Confidence, 93)
		f.line(l)
	}
	if l, ok := v.killedByKernel(); ok {
		f.Confidence = max(f.Confidence, 88)
		f.line(l).about("pid", itoa(l.PID), "comm", l.Attr["comm"])
	}
	if h := v.f.Host; h != nil && h.OOMKills > 0 && f.Confidence > 0 {
		f.because("host.oom_kills", "%d OOM kills, %d MiB free of %d", h.OOMKills, h.MemFree>>20, h.MemTotal>>20)
	}
	if f.Confidence == 0 {
		return v.oomHints()
	}
	f.decisive(v.unit.Failed() && v.unit.Job == nil && !v.unit.RestartsItself())
	if u := v.unit; u != nil && u.MemoryMax > 0 && u.MemoryMax < 1<<60 {
		f.about("memory_max", itoa(int(u.MemoryMax>>20))+"M").lasts("MemoryMax=%dM of %s was reached: give it more, or run fewer --workers", u.MemoryMax>>20, u.Name)
	} else {
		f.lasts("free -m; ps -eo rss,pid,args --sort -rss | head   # who has it; fewer --workers, or more memory")
	}
	f.advise("%s, when there is memory again", v.restart())
	return v.leaks(v.outlivesWorker(f)), ""
}

// outlivesWorker is what lets a unit live on when the kernel ends one of its workers.
func (v *view) outlivesWorker(f *finding) *finding {
	directives := "OOMPolicy=continue"
	if u := v.unit; u == nil || u.Restart == "" || u.Restart == "no" {
		directives += " Restart=on-failure RestartSec=2"
	} else if u.OOMPolicy == "continue" {
		return f
	}
	return f.lasts("for good: %s   # one worker's end is not the service's", v.edit("Service", directives))
}

// leaks is what keeps a leak small. A recycled worker loses requests with --threads, see [workerRecycled].
func (v *view) leaks(f *finding) *finding {
	if u := v.unit; u != nil && u.WorkerClass == "gthread" {
		return f.lasts("with a leak: mend it in the app; --max-requests loses requests where gunicorn has --threads, as here")
	}
	return f.lasts("with a leak: %s", v.option("--max-requests 1000 --max-requests-jitter 100"))
}

// killedByKernel finds an OOM kill that hit the app: a worker of gunicorn or a Python process.
func (v *view) killedByKernel() (detect.Line, bool) {
	l, ok := v.trusted(detect.EventOOMKill)
	if !ok || l.Source != detect.FromKernel && !v.f.Offline {
		return l, false
	}
	for _, l := range v.events[detect.EventOOMKill] {
		comm := l.Attr["comm"]
		for _, word := range []string{"gunicorn", "python", "uwsgi", "uvicorn", "flask"} {
			if strings.Contains(comm, word) || strings.Contains(l.Attr["cgroup"], v.unitName()) && v.unitName() != "" {
				return l, true
			}
		}
		if comm == "" {
			return l, true
		}
	}
	return detect.Line{}, false
}

// oomHints: a MemoryError or a fork that got no memory, or a SIGKILL that nobody explains.
func (v *view) oomHints() (*finding, string) {
	for _, r := range v.raised() {
		if r.cause == detect.WorkerOOM {
			f := v.bootFinding(detect.WorkerOOM, r.Line, 78)
			f.lasts("free -m; systemctl show -p MemoryCurrent -p MemoryMax -p LimitAS %s   # what there is, and what it may have%s", v.unitOr(), at(place(r.Line)))
			return f.advise("fewer --workers, more memory, or a higher limit; then: %s", v.restart()), ""
		}
	}
	if l, ok := v.unexplainedKill(); ok {
		f := v.aboutUnit(found(detect.WorkerOOM, 45)).line(l)
		if v.has(detect.EventWorkerTimeout) {
			f.Confidence = 60
		}
		return f.
			lasts("journalctl -k -g 'oom|Killed process'   # a SIGKILL that gunicorn did not send: the kernel, or a person"), ""
	}
	if v.given("kernel_log") != "" && strings.Contains(v.given("kernel_log"), "oom") {
		return found(detect.WorkerOOM, 60).because("given", "%s", v.given("kernel_log")), ""
	}
	return nil, "memory did not run out"
}

// unexplainedKill is a SIGKILL of a worker without a WORKER TIMEOUT of the same worker.
func (v *view) unexplainedKill() (detect.Line, bool) {
	timeout, timedOut := v.last(detect.EventWorkerTimeout)
	for _, l := range v.events[detect.EventWorkerKilled] {
		if l.Attr["signal"] == "KILL" && !(timedOut && ownKill(timeout, l)) {
			return l, true
		}
	}
	return detect.Line{}, false
}

// ownKill tells gunicorn's own SIGKILL, which follows its WORKER TIMEOUT after one second; under memory
// pressure the kernel's came a minute later.
func ownKill(timeout, kill detect.Line) bool {
	return timeout.At == 0 || kill.At == 0 || kill.At.Sub(timeout.At) <= 2*second
}
