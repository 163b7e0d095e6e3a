package policy

import "github.com/gatemend/gatemend/detect"

// noForeignJob: we decide only while no job of ours runs, so any job is another's turn.
func noForeignJob(t *turn) verdict {
	for _, u := range []*detect.Unit{t.unit, t.f.Unit} { // the unit of a .socket too
		if u == nil || u.Job == nil || t.act.Verb.in(onNginx) && u == t.f.Unit {
			continue
		}
		return refuses(early, ForeignJob, add(t.now(), secondLook), "a %s job of somebody else is under way on %s", u.Job.Type, u.Name)
	}
	return passes("no job of another")
}

// noPackageLock: a package manager restarts services itself when it is done. One that
// sits on its lock for longer than that (a prompt nobody answers) is not waited for.
func noPackageLock(t *turn) verdict {
	q := t.f.Quiet
	if q == nil {
		return notConcerned()
	}
	if q.PackageLock == "" {
		return passes("no package manager is at work")
	}
	from := q.LockSince
	if from == 0 {
		from = t.c.Incident.Opened
	}
	held, bound := t.now().Since(from), t.c.Settings.Quiet.PackageLockMax
	if held >= bound {
		return passes("%s is held for %s, longer than is waited for (%s)", q.PackageLock, told(held), told(bound))
	}
	until := add(t.now(), min(10*second, bound-held)) // its release makes no event: look again soon
	return refuses(later, PackageLock, until, "a package manager holds %s for %s; waited for %s at most", q.PackageLock, told(held), told(bound))
}

// filesQuiet: what we start or load must not be half of a deploy.
func filesQuiet(t *turn) verdict {
	q := t.f.Quiet
	if q == nil || t.act.Verb.in(setsMode) {
		return notConcerned()
	}
	changed, quiet, what := max(q.AppChanged, q.UnitChanged), t.c.Settings.Quiet.AfterChange, "the app's or the unit's files"
	if t.act.Verb.in(onNginx) {
		changed, quiet, what = q.NginxChanged, t.c.Settings.Quiet.Nginx, "nginx's configuration"
	}
	// A time far in the future is an unpacked archive's, not a change that goes on.
	if changed > add(t.now(), quiet) {
		return passes("times in the future of %s say nothing", what)
	}
	if ago := t.now().Since(changed); ago < quiet {
		return refuses(early, FilesChanging, add(t.now(), quiet-ago), "%s changed %s ago; nothing is done before they are still for %s", what, told(ago), told(quiet))
	}
	return passes("no change of %s in the last %s", what, told(quiet))
}
