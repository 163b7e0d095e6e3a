package policy

import (
	"slices"

	"github.com/gatemend/gatemend/detect"
)

// notStoppedByPerson is promise 9: after a stop job that is not ours we tell, and start
// only much later, when whoever stopped it is gone and their files are still.
func notStoppedByPerson(t *turn) verdict {
	if !t.act.Verb.in(onUnit) && t.act.Verb != StartNginx || t.unit.Running() {
		return notConcerned()
	}
	at, stopped := stopJob(t)
	if !stopped {
		return passes("no stop job")
	}
	if oursStopped(t, at) {
		return passes("the stop %s ago was ours", told(t.now().Since(at)))
	}
	if t.c.Incident.Person {
		return passes("stopped by a person, but a person asks")
	}
	return afterStop(t, at)
}

func afterStop(t *turn, at detect.Time) verdict {
	ago, set := t.now().Since(at), t.c.Settings.OperatorStop
	how, again := "stopped by a job that is not ours", set.Tell-ago
	if stopFact(t) == nil {
		how, again = "stopped, by whom the journal does not tell,", secondLook // it may yet: PID 1's lines take their time
	}
	switch {
	case ago < set.Tell:
		return refuses(early, PersonStopped, add(t.now(), again), "%s %s ago; told after %s", how, told(ago), told(set.Tell))
	case set.StartAfter == detect.Forever:
		return never(PersonStopped, "%s %s ago; operator_stop.start_after is never", how, told(ago))
	case ago < set.StartAfter:
		return refuses(loud, PersonStopped, add(t.now(), set.StartAfter-ago), "%s %s ago; started after %s", how, told(ago), told(set.StartAfter))
	}
	if t.f.Quiet != nil {
		for _, s := range t.f.Quiet.Sessions {
			if s.Since <= at {
				return refuses(loud, PersonStopped, add(t.now(), minute), "session %s of %s is open since before the stop", s.ID, s.User)
			}
		}
	}
	return passes("%s %s ago, and nobody is at work", how, told(ago))
}

// stopJob is when a job stopped the unit. Where the journal does not tell how a unit came to rest
// that a stop can have ended, it may have been a person: absence of a line proves nothing
// (journald drops lines of a busy unit, and a slow disk may not give them in time).
func stopJob(t *turn) (detect.Time, bool) {
	if stop := stopFact(t); stop != nil {
		return stop.At, stop.ByJob
	}
	u := t.unit
	if u == nil || u.InactiveEnter == 0 {
		return 0, false
	}
	cleanly := u.Active == "inactive" && (u.Result == "success" || u.Result == "")
	return u.InactiveEnter, cleanly || u == t.f.Unit && endsAStop(u) && !toldByPID1(t.f, u)
}

// stopFact is what the journal tells of how the unit that is acted on came to rest.
func stopFact(t *turn) *detect.Stop {
	switch {
	case !t.act.Verb.in(onNginx):
		return t.f.Stop
	case t.f.Nginx != nil:
		return t.f.Nginx.Stop
	}
	return nil
}

// endsAStop tells a failure that a stop can end in too: an app may answer TERM with an exit status of its own,
// and one that does not end in time is killed.
func endsAStop(u *detect.Unit) bool {
	return u.Active == "failed" && (u.Result == "exit-code" || u.Result == "timeout")
}

// toldByPID1 tells that the journal holds PID 1's word on how the unit came to rest: then it would hold its word
// on a stop job as well.
func toldByPID1(f *detect.Facts, u *detect.Unit) bool {
	return slices.ContainsFunc(f.Lines, func(l detect.Line) bool {
		of := l.Attr["unit"]
		return l.Source == detect.FromSystemd && (of == "" || of == u.Name || of == u.AliasOf) && l.At >= add(max(u.ActiveExit, u.ExecExit), -second)
	})
}

// oursStopped finds a restart of ours whose job can have made this stop. A restart stops before
// it starts: a stop of what was started since our action is somebody else's.
func oursStopped(t *turn, at detect.Time) bool {
	deadline := 10 * second
	if t.unit != nil {
		deadline = detect.Span(add(detect.Time(deadline), t.unit.TimeoutStop))
	}
	for _, e := range t.c.History {
		if e.Unit == t.act.Unit && e.Verb.in(stopping) && !shadow(e) && e.At <= add(at, second) && at.Since(e.At) <= deadline {
			if u := t.unit; u != nil && u.ExecStart > e.At && u.ExecStart < at {
				continue
			}
			return true
		}
	}
	return false
}
