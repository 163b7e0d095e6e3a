package evidence

import (
	"slices"
	"strings"

	"github.com/gatemend/gatemend/detect"
	"github.com/gatemend/gatemend/detect/signature"
)

// story follows PID 1's lines about one unit to its last state, for documents that show neither its properties
// nor its status.
type story struct {
	detect.Unit
	alive bool // gunicorn spoke as one that serves since the last start
	spoke bool // gunicorn spoke at all while this unit was the last that was started
}

// tell fills the unit's state from what PID 1 and gunicorn wrote, in their order.
func (d *document) tell(f *detect.Facts) {
	if f.Unit != nil && (f.Unit.Active != "" || f.Unit.Load != "") {
		return
	}
	var all stories
	for _, text := range append(append([]string{}, d.SystemctlStatus...), d.GunicornJournal...) {
		if l, ok := signature.Text(detect.FromPaste, text); ok {
			all.hear(l)
		}
	}
	s := all.subject()
	if s == nil {
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

// stories are those of all units that a journal tells of, in the order of their last start.
type stories []*story

// hear takes the next line.
func (all *stories) hear(l detect.Line) {
	switch l.Event {
	case detect.EventListening, detect.EventBooting:
		if n := len(*all); n > 0 {
			(*all)[n-1].alive, (*all)[n-1].spoke = true, true
		}
		return
	}
	unit := l.Attr["unit"]
	if !strings.HasSuffix(unit, ".service") || strings.HasPrefix(unit, "nginx") || strings.HasPrefix(unit, "openresty") {
		return
	}
	i := slices.IndexFunc(*all, func(s *story) bool { return s.Name == unit })
	if i < 0 {
		i = len(*all)
		*all = append(*all, &story{Unit: detect.Unit{Name: unit}})
	}
	s := (*all)[i]
	if l.Event == detect.EventUnitStarting || l.Event == detect.EventUnitStarted {
		*all = append(slices.Delete(*all, i, i+1), s)
	}
	s.turn(l)
}

// subject is the one unit that the document is about: not one that runs, as far as is told, without gunicorn in
// it (a timer's), and of several one that failed, or else the one that gunicorn spoke in. Where that leaves none
// or several, nothing is told.
func (all stories) subject() *story {
	left := keep(all, func(s *story) bool { return s.Active != "" && (s.Active != "active" || s.alive) })
	for _, better := range []func(*story) bool{
		func(s *story) bool { return s.Active == "failed" || s.Sub == "auto-restart" },
		func(s *story) bool { return s.spoke },
	} {
		if best := keep(left, better); len(left) > 1 && len(best) > 0 {
			left = best
		}
	}
	if len(left) != 1 {
		return nil
	}
	return left[0]
}

func keep(all stories, fits func(*story) bool) stories {
	return slices.DeleteFunc(slices.Clone(all), func(s *story) bool { return !fits(s) })
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
