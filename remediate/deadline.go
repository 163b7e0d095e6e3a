package remediate

import (
	"time"

	"github.com/gatemend/gatemend/detect"
	"github.com/gatemend/gatemend/policy"
)

const (
	recheckTime = 15 * time.Second
	// lookTime is for looking at everything, which a plan that a person released takes.
	lookTime = time.Minute
	// jobSlack is what systemd may take beyond the unit's own limits (DESIGN, promise 15).
	jobSlack = 10 * time.Second
	// jobDefault is systemd's DefaultTimeoutStartSec= and DefaultTimeoutStopSec=, taken where a limit is not known.
	jobDefault = 90 * time.Second
	// jobLongest bounds a unit whose limits are infinity: somebody must be told in the end.
	jobLongest = 30 * time.Minute
	// effectSlack is what an effect needs around its job: the bus, nginx -t, proof of new workers.
	effectSlack = 20 * time.Second
)

// JobDeadline is how long a job on a unit may take: the unit's own TimeoutStop + TimeoutStart
// + 10 s. An unknown limit (0) counts as systemd's default, and infinity is bounded.
func JobDeadline(stop, start detect.Span) time.Duration {
	return min(limit(stop)+limit(start)+jobSlack, jobLongest)
}

func limit(s detect.Span) time.Duration {
	if s <= 0 {
		return jobDefault
	}
	return min(s.Duration(), jobLongest)
}

// StepDeadline is how long one step of the action may take, by the facts of the case.
func StepDeadline(c policy.Case, a policy.Action) time.Duration {
	if u := unitOf(c.Facts, a); u != nil {
		return JobDeadline(u.TimeoutStop, u.TimeoutStart) + effectSlack
	}
	return JobDeadline(0, 0) + effectSlack
}

// Deadline is how long [Executor.Execute] may take: every step, and what is checked and recorded
// around them.
func Deadline(c policy.Case, d policy.Decision) time.Duration {
	if d.Action == nil {
		return recheckTime
	}
	return time.Duration(len(Steps(*d.Action)))*StepDeadline(c, *d.Action) + 2*recheckTime + recheckLimit(c)
}

// recheckLimit is how long the last check may take.
func recheckLimit(c policy.Case) time.Duration {
	if c.Incident.Release != nil {
		return recheckTime + lookTime
	}
	return recheckTime
}

// unitOf is the unit in the facts that the action is about; nil where it is not known.
func unitOf(f detect.Facts, a policy.Action) *detect.Unit {
	switch a.Verb {
	case policy.StartSocket, policy.RestartSocket:
		return f.Socket
	case policy.StartNginx, policy.ReloadNginx:
		if f.Nginx == nil {
			return nil
		}
		return f.Nginx.Unit
	}
	return f.Unit
}
