package policy

import (
	"cmp"

	"github.com/gatemend/gatemend/detect"
)

// turn is one decision being made: the case, and the rung that is put before the guards.
type turn struct {
	c      *Case
	f      *detect.Facts
	d      *detect.Finding
	rung   Rung
	at     int // index of the rung in the ladder
	ladder []Verb
	act    Action
	unit   *detect.Unit // the unit acted on; nil when it is not known
	past   []Entry      // our actions that count in this mode, oldest first

	guards  []GuardStep
	skipped []Refusal
}

func newTurn(c *Case) *turn {
	return &turn{c: c, f: &c.Facts, d: &c.Diagnosis.Primary, at: -1, past: counting(c)}
}

// now is the case's moment. Guards read no other clock.
func (t *turn) now() detect.Time { return t.c.Now }

// climb finds the first rung that was not tried and that the evidence supports.
func (t *turn) climb() bool {
	rungs, remedies := ladderOf(t.c)
	for _, r := range rungs {
		t.ladder = append(t.ladder, r.Verb)
	}
	for i, r := range rungs {
		if why := t.fits(r, remedies[i]); why != nil {
			t.skipped = append(t.skipped, *why)
			t.guards = append(t.guards, GuardStep{Guard: "rung " + string(r.Verb), Why: why.Why})
			continue
		}
		t.rung, t.at = r, i
		t.act, t.unit = actionFor(r.Verb, t.c)
		return true
	}
	return false
}

func (t *turn) fits(r Rung, m remedy) *Refusal {
	if m.verb == "" {
		return unfit(NotAllowed, "%s cannot help against %s", r.Verb, t.d.Cause)
	}
	if !m.repeat && !t.c.Incident.Mended && r.Verb.in(t.c.Incident.Tried) {
		return unfit(LadderDone, "%s was tried in this incident", r.Verb)
	}
	if r.Verb == Wait && t.now().Since(t.c.Incident.Since) >= waitAtMost {
		return unfit(LadderDone, "waited for %s", told(waitAtMost))
	}
	for _, c := range []condition{m.fits, m.needs} {
		if c == nil {
			continue
		}
		if why := c(t.d, t.f); why != nil {
			return why
		}
	}
	return nil
}

// ladderOf pairs the rungs with the table's remedies; a remedy without a verb marks a rung
// that the table does not allow.
func ladderOf(c *Case) ([]Rung, []remedy) {
	var rungs []Rung
	var remedies []remedy
	cause := c.Diagnosis.Primary.Cause
	if resuming(c) {
		for _, m := range finish {
			rungs, remedies = append(rungs, Rung{Verb: m.verb}), append(remedies, m)
		}
		return rungs, remedies
	}
	configured, ok := c.Settings.Ladders[cause]
	if !ok {
		configured = DefaultLadder(cause)
	}
	for _, r := range configured {
		m, _ := remedyFor(cause, r.Verb)
		rungs, remedies = append(rungs, r), append(remedies, m)
	}
	return rungs, remedies
}

// actionFor completes the action; what it is done to comes from the configuration and
// from systemd, never from a log line.
func actionFor(v Verb, c *Case) (Action, *detect.Unit) {
	f := &c.Facts
	a := Action{Verb: v, Site: f.Site, Route: f.Route.Path, Cause: c.Diagnosis.Primary.Cause, Unit: f.Route.Unit}
	unit := f.Unit
	switch {
	case v.in(onNginx):
		a.Unit, unit = nginxUnit, nil
		if f.Nginx != nil && f.Nginx.Unit != nil {
			unit = f.Nginx.Unit
			a.Unit = cmp.Or(unit.Name, nginxUnit)
		}
	case v.in(onSocket):
		a.Unit, unit = f.Route.Socket, f.Socket
	case v == ResetFailedStart && socketDown(&c.Diagnosis.Primary, f) == nil:
		a.Socket = f.Route.Socket
	case v.in(setsMode):
		setMode(&a, &c.Diagnosis.Primary, f)
	}
	a.Takes = Reached(v, f.Route, unit, f.Unit)
	if v.in(stopping) {
		a.Cuts = cuts(v, unit)
	}
	if unit != nil && !v.in(setsMode) {
		a.Before, a.After = unit.Active+" ("+unit.Sub+")", "active (running)"
	}
	return a, unit
}

func cuts(v Verb, u *detect.Unit) string {
	switch {
	case v == EndLeftoversRestart:
		return "requests that the processes still serve"
	case u.Running():
		return "requests in flight"
	}
	return ""
}
