package journal

import (
	"strings"

	"github.com/gatemend/gatemend/detect"
)

// Stops tells how the unit came to rest last, from its entries, oldest first; nil when they tell of no
// stop after the last start.
//
// ByJob is read from PID 1's own "Stopping" or "Stopped" with JOB_TYPE=stop. A restart writes the same
// messages with JOB_TYPE=restart, and so does every automatic restart; a TERM sent by kill(1) ends
// in "Deactivated successfully." without a job.
func Stops(unit string, entries []Entry) *detect.Stop {
	var stop *detect.Stop
	for _, e := range entries {
		if !e.ofUnit(unit) {
			continue
		}
		switch {
		case e.MessageID == Starting, e.MessageID == Started, e.MessageID == StartFailed:
			stop = nil
		case e.MessageID == Deactivated, e.MessageID == FailureResult, e.endsMain(unit):
			stop = &detect.Stop{At: e.At, ByJob: stop != nil && stop.ByJob}
		case (e.MessageID == Stopping || e.MessageID == Stopped) && e.Fields["JOB_TYPE"] == "stop":
			stop = &detect.Stop{At: e.At, ByJob: true}
		}
	}
	return stop
}

// Starts tells of the unit's starts within span before now, from its entries, oldest first. Every
// start that systemd counts toward its start limit writes "Starting" or, for Type=simple, "Started"
// alone.
func Starts(unit string, entries []Entry, now detect.Time, span detect.Span) *detect.Start {
	var s detect.Start
	begun := false // a "Starting" was counted whose "Started" is still to come
	for _, e := range entries {
		if !e.ofUnit(unit) {
			continue
		}
		switch {
		case e.MessageID == Starting, e.MessageID == Started && !begun:
			begun = e.MessageID == Starting
			s.Last = e.At
			if e.At >= now.Add(-span) {
				s.Recent++
			}
		case e.MessageID == Started, e.MessageID == StartFailed:
			begun = false
		case e.refusesStart(unit):
			s.Refused = e.At
		}
	}
	return &s
}

// ofUnit tells an entry of PID 1 about the unit. The app's own, which may claim any UNIT= and
// MESSAGE_ID=, are none.
func (e Entry) ofUnit(unit string) bool {
	return e.Source == detect.FromSystemd && e.Fields["UNIT"] == unit
}

// endsMain tells the end of the main process; that of an ExecReload= has the same message id.
func (e Entry) endsMain(unit string) bool {
	return e.MessageID == ProcessExit && strings.HasPrefix(e.Message, unit+": Main process exited")
}

// refusesStart tells systemd's start limit. The message has no id (src/core/unit.c, unit_test_start_limit).
func (e Entry) refusesStart(unit string) bool {
	return e.MessageID == "" && e.Message == unit+": Start request repeated too quickly."
}
