package evidence

import (
	"strings"

	"github.com/gatemend/gatemend/detect"
	"github.com/gatemend/gatemend/detect/signature"
)

// story follows PID 1's lines about one unit to its last state, for documents that show neither its properties
// nor its status.
type story struct {
	detect.Unit
	alive bool // gunicorn spoke as one that serves since the last start
	mixed bool // more than one unit is told of
}

// tell fills the unit's state from what PID 1 and gunicorn wrote, in their order.
func (d *document) tell(f *detect.Facts) {
	if f.Unit != nil && (f.Unit.Active != "" || f.Unit.Load != "") {
		return
	}
	var s story
	for _, text := range append(append([]string{}, d.SystemctlStatus...), d.GunicornJournal...) {
		if l, ok := signature.Text(detect.FromPaste, text); ok {
			s.hear(l)
		}
	}
	if s.mixed || s.Active == "" || s.Active == "active" && !s.alive {
		return
	}
	if f.Unit == nil {
		f.Unit = &detect.Unit{}
	}
	u := f.Unit
	if u.Name == "" {
		u.Name = s.Name
	}
	u.Active, u.Sub, u.Result, u.ExitCode, u.ExitStatus = s.Active, s.Sub, s.Result, s.ExitCode, s.ExitStatus
}

// hear takes the next line.
func (s *story) hear(l detect.Line) {
	switch l.Event {
	case detect.EventListening, detect.EventBooting:
		s.alive = true
		return
	}
	unit := l.Attr["unit"]
	if !strings.HasSuffix(unit, ".service") || strings.HasPrefix(unit, "nginx") || strings.HasPrefix(unit, "openresty") {
		return
	}
	if s.Name != "" && s.Name != unit {
		s.mixed = true
	}
	s.Name = unit
	s.turn(l)
}

// turn is what a line of PID 1's makes of the unit.
func (s *story) turn(l detect.Line) {
	switch l.Event {
	case detect.EventUnitStarting, detect.EventUnitStarted:
		s.Unit = detect.Unit{Name: s.Name, Active: "active", Sub: "running", Result: "success"}
		s.alive = false
	case detect.EventMainExited:
		s.ExitCode, s.ExitStatus = exitCode(l.Attr["code"]), number(leadingDigits(l.Attr["status"]))
	case detect.EventUnitFailed:
		s.Active, s.Sub, s.Result = "failed", "failed", l.Attr["result"]
	case detect.EventUnitDeactivated:
		s.Active, s.Sub, s.Result = "inactive", "dead", "success"
	case detect.EventUnitStopped:
		if s.Active != "failed" {
			s.Active, s.Sub, s.Result = "inactive", "dead", "success"
		}
	case detect.EventRestartScheduled:
		s.Active, s.Sub = "activating", "auto-restart"
	case detect.EventStartLimit:
		s.Active, s.Sub = "failed", "failed"
	}
}
