package diagnose

import (
	"strings"

	"github.com/gatemend/gatemend/detect"
)

// startLimitHit: systemd does not start the unit again. Result mostly keeps the first failure's
// name (service_enter_dead), so PID 1's line or the counter tells.
func startLimitHit(v *view) (*finding, string) {
	f := v.aboutUnit(found(detect.StartLimitHit, 0))
	u, s := v.unit, v.f.Start
	if v.up() {
		return nil, "the unit runs"
	}
	switch {
	case u != nil && u.Result == "start-limit-hit":
		f.Confidence = 95
		f.because("unit.result", "result start-limit-hit")
	case s != nil && s.Refused != 0 && (u == nil || s.Refused >= u.ExecStart):
		f.Confidence = 93
		f.because("start.refused", "systemd refused the start at %s: start request repeated too quickly", s.Refused.Time().Format("15:04:05"))
	case u.Failed() && u.StartLimit > 0 && u.Restarts >= u.StartLimit && u.RestartsItself():
		f.Confidence = 85
		f.because("unit.restarts", "failed after %d restarts, StartLimitBurst=%d", u.Restarts, u.StartLimit)
	default:
		l, ok := v.trusted(detect.EventStartLimit)
		if !ok {
			l, ok = v.limitOfSocket()
		}
		if !ok {
			return nil, "no start was refused"
		}
		f.Confidence = 88
		f.line(l)
	}
	if v.crashedFromOutside() {
		f.Gone = true
		f.because("unit.result", "it was killed by a signal from outside; nothing of its own stands in the way")
	}
	if l, ok := v.atStart(detect.AppStartup); ok && v.named("port", outside(l)) == "listening" {
		f.Gone = true
		f.because("named.port", "%s answers again", outside(l))
	}
	if v.mended() {
		f.Gone = true
		f.because("quiet.changed", "the app or the unit was changed after the last failure")
	}
	f.decisive(u.Failed() && u.Job == nil)
	f.advise("systemctl reset-failed %s && systemctl start %s   # after the reason is mended", v.unitOr(), v.startName())
	if pause := v.slowEnough(); pause > 0 {
		f.lasts("for good: %s   # no short outage uses up %d starts in %s then", v.edit("Service", "RestartSec="+itoa(pause)), u.StartLimit, u.StartLimitSpan.Words())
	}
	return f, ""
}

// slowEnough is the RestartSec= in seconds with which the unit's own restarts never reach its start limit;
// 0 where it restarts nothing, or is slow enough.
func (v *view) slowEnough() int {
	u := v.unit
	if u == nil || u.StartLimit <= 0 || u.StartLimitSpan <= 0 || u.Restart == "no" || u.Restart == "" {
		return 0
	}
	pause := u.StartLimitSpan/detect.Span(u.StartLimit) + second
	if u.RestartSec >= pause {
		return 0
	}
	return int((pause + second - 1) / second)
}

// limitOfSocket is a .socket unit that failed since its service, or itself, was started too often.
func (v *view) limitOfSocket() (detect.Line, bool) {
	for _, l := range v.events[detect.EventUnitFailed] {
		if v.f.Offline && strings.HasSuffix(l.Attr["result"], "limit-hit") {
			return l, true
		}
	}
	return detect.Line{}, false
}

// mended tells that the app's files or the unit's were changed after it failed: the reason may be gone.
func (v *view) mended() bool {
	fell, q := v.fell(), v.f.Quiet
	return fell != 0 && q != nil && max(q.AppChanged, q.UnitChanged) > fell
}

// fell is when a unit that is not up ended; 0 where it is up, or that is not known.
func (v *view) fell() detect.Time {
	if v.unit == nil || v.up() {
		return 0
	}
	return max(v.unit.ExecExit, v.unit.InactiveEnter)
}

// crashedFromOutside: KILL, TERM and the like come from somebody else; SEGV, ABRT, ILL from itself.
func (v *view) crashedFromOutside() bool {
	u := v.unit
	if u == nil || u.ExitCode != killed {
		return false
	}
	switch u.ExitStatus {
	case 1, 2, 3, 9, 15:
		return !v.has(detect.EventOOMKill, detect.EventUnitOOM)
	}
	return false
}
