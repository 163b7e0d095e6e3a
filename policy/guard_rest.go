package policy

import (
	"github.com/gatemend/gatemend/detect"
)

// lookAgain: a master that respawns failing workers makes no event, so a start is looked at
// this often.
const lookAgain = 5 * second

// atRest keeps a person from being called for a moment's picture. `systemctl restart` shows a
// unit in stop-sigterm with its socket gone, then one that runs and does not listen yet; why it
// stays down is known only when it has come to rest. A cause that is sure is told at once.
func atRest(t *turn) verdict {
	if t.d.Decisive || t.d.Confidence >= detect.ActAt {
		return notConcerned()
	}
	again := add(t.now(), secondLook)
	if n := t.f.Nginx; n != nil && n.Unit != nil && n.Unit.Job != nil {
		return refuses(early, ForeignJob, again, "a %s job is under way on %s: why it is down is seen when it is done", n.Unit.Job.Type, n.Unit.Name)
	}
	u := t.f.Unit
	switch {
	case u == nil, t.f.Upstream.Healthy():
		return notConcerned()
	case u.Job != nil:
		return refuses(early, ForeignJob, again, "a %s job is under way on %s: why it is down is seen when it is done", u.Job.Type, u.Name)
	case u.Active == "deactivating":
		return refuses(early, Settling, again, "%s is going down: why is seen when it is done", u.Name)
	case u.Active == "active", u.Active == "reloading", u.Active == "activating" && !underWay(u.Sub):
		return firstAnswerDue(t, u)
	}
	return passes("%s is at rest", u.Name)
}

// firstAnswerDue waits for the first answer of a start as long as the grace gives it, and as
// long as the diagnosis itself calls the unit starting.
func firstAnswerDue(t *turn, u *detect.Unit) verdict {
	if u.InactiveExit == 0 || answeredSince(t.f, u.InactiveExit) {
		return passes("%s answered after this start", u.Name)
	}
	grace, ago := graceOf(t), t.now().Since(u.InactiveExit)
	if ago < grace || t.d.Subject[detect.SubjectStarting] == "yes" {
		left := min(max(grace-min(ago, grace), secondLook), lookAgain)
		return refuses(early, StartGrace, add(t.now(), left), "%s was started %s ago: its first answer is waited for", u.Name, told(ago))
	}
	return passes("%s was started %s ago", u.Name, told(ago))
}
