package diagnose

import (
	"strconv"

	"github.com/gatemend/gatemend/detect"
)

// gunicornHung: it accepts and never answers, and no waiting will change that.
func gunicornHung(v *view) (*finding, string) {
	if v.f.Offline {
		return v.stoppedByHand()
	}
	if !v.up() {
		return nil, "the unit does not run"
	}
	if !v.silent() {
		return nil, "it is not silent after a connect"
	}
	if p, ok := v.frozen(); ok {
		f := v.aboutUnit(found(detect.GunicornHung, 95)).
			because("processes.state", "%d of %d processes are stopped (T) or frozen, in two looks", len(v.f.Processes), len(v.f.Processes)).
			because("upstream", "%s", answerText(v.f.Upstream))
		if v.unit.Freezer != "" {
			return f.because("unit.freezer", "systemd holds it %s", v.unit.Freezer).about("hung", "frozen").
				advise("systemctl thaw %s   # somebody froze it by systemctl freeze; a restart or a kill before that makes it worse", v.unitName()), ""
		}
		if p.Tracer != 0 {
			f.Confidence = 70
			return f.about("tracer", strconv.Itoa(p.Tracer)).advise("PID %d is being debugged by PID %d: detach it", p.PID, p.Tracer), ""
		}
		return f.about("pid", strconv.Itoa(p.PID), "hung", "frozen").decisive(true).
			advise("systemctl kill -s CONT %[1]s   # wakes it; else systemctl kill -s KILL %[1]s; systemctl restart %[1]s", v.unitName()), ""
	}
	return deadlocked(v)
}

// stoppedByHand: a document shows no processes, but PID 1 tells of a SIGSTOP that it was asked to send,
// and nginx of answers that never came.
func (v *view) stoppedByHand() (*finding, string) {
	late, ok := v.lateHeader()
	for _, l := range v.events[detect.EventSentSignal] {
		if l.Attr["signal"] == "STOP" && ok {
			return v.aboutUnit(found(detect.GunicornHung, 75)).line(l).line(late).about("hung", "frozen").
				advise("somebody stopped its processes with systemctl kill -s STOP: systemctl kill -s CONT %s wakes them", v.unitOr()), ""
		}
	}
	return nil, "a hung server shows in its processes only"
}

// silent tells that the last question was accepted and got no byte.
func (v *view) silent() bool {
	a := v.f.Upstream
	return a.Known() && a.Outcome == detect.TimedOut && a.Stage != "connect" && a.Status == 0
}

// frozen tells that every process but the master, which may sleep, is stopped in both looks.
func (v *view) frozen() (detect.Process, bool) {
	if len(v.f.Processes) == 0 {
		return detect.Process{}, false
	}
	var stopped detect.Process
	workers := 0
	for _, p := range v.f.Processes {
		if p.PID == v.unit.MainPID && len(v.f.Processes) > 1 {
			continue
		}
		workers++
		if p.Looked == 0 || !p.Frozen && (p.State != "T" && p.State != "t" || p.StateThen != "T" && p.StateThen != "t") {
			return detect.Process{}, false
		}
		stopped = p
	}
	return stopped, workers > 0
}

// deadlocked: no request was completed for longer than gunicorn would let one take, and no worker
// used the processor. Any completion in that time means slow, not hung, and so does a worker that gunicorn
// timed out: it starts another each time. Without an access log nobody can tell.
func deadlocked(v *view) (*finding, string) {
	t := v.f.Traffic
	patience := max(v.unit.TimeoutApp, 30*second) + 10*second
	switch {
	case t == nil || !t.Known:
		return nil, "it is silent, but without an access log nobody can tell slow from hung"
	case t.Window < patience && t.LastAnswer == 0:
		return nil, "the access log was watched for too short a time"
	case t.LastAnswer != 0 && v.f.At.Sub(t.LastAnswer) < patience:
		return nil, "a request was completed in the last " + patience.String()
	case v.unit.ExecStart != 0 && v.f.At.Sub(v.unit.ExecStart) < patience:
		return nil, "it was started too recently"
	case v.timedOutSince(v.f.At.Add(-patience)):
		return nil, "gunicorn itself ended a worker that did not answer, and started another: a restart does no more"
	case !v.idle():
		return nil, "a worker uses the processor, or no second look was taken"
	}
	f := v.aboutUnit(found(detect.GunicornHung, 86)).
		because("traffic.last_answer", "no request was completed for %s", patience).
		because("processes.ticks", "no process used the processor between two looks").
		because("upstream", "%s", answerText(v.f.Upstream))
	return f.about("hung", "deadlocked").advise("py-spy dump --subprocesses --pid %d   # before the restart, if it is there: where it hangs", v.unit.MainPID).
		advise("systemctl kill -s KILL %[1]s; systemctl restart %[1]s", v.unitName()).
		lasts("for good: a time-out on every lock and outside call; gunicorn's --timeout does not watch single requests of --threads"), ""
}

// timedOutSince tells that gunicorn timed a worker out after then.
func (v *view) timedOutSince(then detect.Time) bool {
	l, ok := v.last(detect.EventWorkerTimeout)
	return ok && l.At >= then
}

// housekeeping is the share of a processor, in percent, that a worker uses while it does nothing:
// gthread and gevent workers wake up every second to beat, and the kernel accounts in whole ticks of
// 10 ms, so that one that waits for ever was seen to have used 1 tick in a second.
const housekeeping = 2

// idle tells that no process did any work between the two looks.
func (v *view) idle() bool {
	for _, p := range v.f.Processes {
		if used := detect.Span(p.Ticks) * second / 100; p.Looked == 0 || used*100 > p.Looked*housekeeping {
			return false
		}
	}
	return len(v.f.Processes) > 0
}
