package policy

import (
	"strings"

	"github.com/gatemend/gatemend/detect"
)

const (
	graceMin = minute
	graceMax = 10 * minute
	slack    = 5 * second // systemd's own restart is given RestartUSec and this
)

func settled(t *turn) verdict {
	u := t.f.Unit
	if u == nil || !t.act.Verb.in(onUnit) || u.Active != "deactivating" {
		return notConcerned()
	}
	ago := t.now().Since(u.StateChange)
	if ago < settleAfter {
		return refuses(early, Settling, add(t.now(), settleAfter-ago), "%s has been going down for %s; what is left after %s is ended", u.Name, told(ago), told(settleAfter))
	}
	return passes("%s has been going down for %s", u.Name, told(ago))
}

// notInLimbo: a gunicorn that failed to boot unlinks its socket and then waits up to
// graceful_timeout while systemd still says active (running): it is about to exit.
func notInLimbo(t *turn) verdict {
	if t.d.Subject[detect.SubjectLimbo] != "yes" || !t.act.Verb.in(onUnit) {
		return notConcerned()
	}
	ago := t.now().Since(t.c.Incident.Since)
	if ago < limboAtMost {
		return refuses(early, Limbo, add(t.now(), limboAtMost-ago), "the master has been exiting for %s; it is given %s", told(ago), told(limboAtMost))
	}
	return passes("the master should have exited %s ago", told(ago-limboAtMost))
}

// graceOver is promise 15: a starting unit is left alone. A unit that answered since its
// start is not starting any more, a failed one neither.
func graceOver(t *turn) verdict {
	u := t.f.Unit
	if u == nil || !t.act.Verb.in(onUnit) || u.InactiveExit == 0 {
		return notConcerned()
	}
	if !isStarting(u) {
		return passes("%s is %s, not starting", u.Name, u.Active)
	}
	if t.c.Incident.Person {
		return passes("a person asks")
	}
	return startedLongAgo(t, u)
}

// youth leaves a unit that was just started the time to show what is wrong with it, where that
// is not known yet: until its first answer many causes look alike.
func youth(t *turn) verdict {
	u := t.f.Unit
	if t.d.Cause != detect.Unknown || u == nil || u.InactiveExit == 0 || !isStarting(u) {
		return notConcerned()
	}
	return startedLongAgo(t, u)
}

func isStarting(u *detect.Unit) bool {
	return u.Active == "activating" || u.Active == "active" || u.Active == "reloading"
}

func startedLongAgo(t *turn, u *detect.Unit) verdict {
	if answeredSince(t.f, u.InactiveExit) {
		return passes("it answered after this start")
	}
	grace, ago := graceOf(t), t.now().Since(u.InactiveExit)
	if ago < grace {
		return refuses(early, StartGrace, add(t.now(), grace-ago), "%s was started %s ago; it is left alone for %s", u.Name, told(ago), told(grace))
	}
	return passes("started %s ago, longer than the grace of %s", told(ago), told(grace))
}

// answeredSince does not count a baseline of the future: the clock was set back since.
func answeredSince(f *detect.Facts, start detect.Time) bool {
	return f.Baseline != nil && f.Baseline.At > start && f.Baseline.At <= f.At || f.Traffic != nil && f.Traffic.LastAnswer > start
}

func graceOf(t *turn) detect.Span { return Grace(t.c.Settings.StartGrace, t.f.Baseline) }

// Grace is how long a starting unit is left alone, and how long its first answer is waited
// for: as set, or (0, auto) three times the slowest start that was seen, within one and ten minutes.
func Grace(set detect.Span, b *detect.Baseline) detect.Span {
	if set > 0 {
		return set
	}
	var slowest detect.Span
	if b != nil {
		slowest = b.SlowestStart
	}
	return min(max(times(slowest, 3), graceMin), graceMax)
}

// systemdDone leaves systemd's own Restart= its turn.
func systemdDone(t *turn) verdict {
	u := t.unit
	if u == nil || !t.act.Verb.in(onUnit) && t.act.Verb != StartNginx || t.act.Verb == EndLeftoversRestart || t.act.Verb == StartSocket {
		return notConcerned()
	}
	turnEnds := add(max(u.StateChange, u.InactiveEnter), detect.Span(add(detect.Time(slack), u.RestartSec)))
	wait := refuses(early, SystemdFirst, max(turnEnds, add(t.now(), second)), "systemd itself restarts %s after %s", u.Name, told(u.RestartSec))
	switch {
	case underWay(u.Sub):
		return wait
	case u.Running() || u.Active == "activating":
		return notConcerned()
	case !u.RestartsItself():
		return passes("systemd does not restart it: Restart=%s", u.Restart)
	case gaveUp(t, u):
		return passes("systemd gave up restarting it")
	case t.f.Stop != nil && t.f.Stop.ByJob && u == t.f.Unit:
		return passes("systemd does not restart what a job stopped")
	case turnEnds > t.now():
		return wait
	}
	return passes("systemd did not restart it within %s", told(u.RestartSec+slack))
}

// underWay reads the sub-states of an automatic restart; the longer names are those of
// systemd 254 and later.
func underWay(sub string) bool {
	return strings.Contains(sub, "auto-restart")
}

func gaveUp(t *turn, u *detect.Unit) bool {
	if t.d.Cause == detect.StartLimitHit || u.Result == "start-limit-hit" {
		return true
	}
	return u == t.f.Unit && t.f.Start != nil && t.f.Start.Refused != 0 && t.f.Start.Refused >= u.InactiveEnter
}

// startsLeft: a running unit keeps two starts in hand, ours and one of systemd's own;
// past StartLimitBurst= systemd refuses every start, a person's too.
func startsLeft(t *turn) verdict {
	u := t.unit
	starts := t.act.Verb.in(onUnit) && !t.act.Verb.in(onSocket) || t.act.Verb == StartNginx
	if u == nil || !starts || t.act.Verb == ResetFailedStart {
		return notConcerned()
	}
	if u.StartLimit <= 0 || u.StartLimitSpan <= 0 {
		return passes("%s has no start limit", u.Name)
	}
	recent, last := recentStarts(t, u)
	need := 1
	if u.Running() {
		need = 2
	}
	if left := u.StartLimit - recent; left < need {
		until := max(add(last, u.StartLimitSpan), add(t.now(), second))
		return refuses(loud, SystemdStartLimit, until, "%d starts in %s of the %d that systemd allows; %d must be left", recent, told(u.StartLimitSpan), u.StartLimit, need)
	}
	return passes("%d starts in %s of the %d that systemd allows", recent, told(u.StartLimitSpan), u.StartLimit)
}

// recentStarts reads the journal's count; without it, NRestarts and our own bound it from
// above, and a start that is older than the interval proves that there was none since.
func recentStarts(t *turn, u *detect.Unit) (int, detect.Time) {
	if u == t.f.Unit && t.f.Start != nil {
		return t.f.Start.Recent, t.f.Start.Last
	}
	if u.InactiveExit == 0 || t.now().Since(u.InactiveExit) >= u.StartLimitSpan {
		return 0, u.InactiveExit
	}
	n := 1 + u.Restarts
	for _, e := range t.c.History {
		if e.Unit == u.Name && !shadow(e) && age(t.c, e) < u.StartLimitSpan && n < 1<<30 {
			n++
		}
	}
	return n, u.InactiveExit
}
