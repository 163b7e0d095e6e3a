package policy

import (
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
	switch {
	case ago < set.Tell:
		return refuses(early, PersonStopped, add(t.now(), set.Tell-ago), "stopped by a job that is not ours %s ago; told after %s", told(ago), told(set.Tell))
	case set.StartAfter == detect.Forever:
		return never(PersonStopped, "stopped by a job that is not ours %s ago; operator_stop.start_after is never", told(ago))
	case ago < set.StartAfter:
		return refuses(loud, PersonStopped, add(t.now(), set.StartAfter-ago), "stopped by a job that is not ours %s ago; started after %s", told(ago), told(set.StartAfter))
	}
	if t.f.Quiet != nil {
		for _, s := range t.f.Quiet.Sessions {
			if s.Since <= at {
				return refuses(loud, PersonStopped, add(t.now(), minute), "session %s of %s is open since before the stop", s.ID, s.User)
			}
		}
	}
	return passes("stopped by a job that is not ours %s ago, and nobody is at work", told(ago))
}

// stopJob is when a job stopped the unit. Where the journal does not tell how a unit that
// ended well came to rest, it may have been a person: absence of a line proves nothing
// (journald drops lines of a busy unit).
func stopJob(t *turn) (detect.Time, bool) {
	stop := t.f.Stop
	if t.act.Verb.in(onNginx) {
		stop = nil
		if t.f.Nginx != nil {
			stop = t.f.Nginx.Stop
		}
	}
	if stop != nil {
		return stop.At, stop.ByJob
	}
	u := t.unit
	cleanly := u != nil && u.Active == "inactive" && u.InactiveEnter != 0 && (u.Result == "success" || u.Result == "")
	if cleanly {
		return u.InactiveEnter, true
	}
	return 0, false
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
