package policy

import (
	"fmt"
	"slices"

	"github.com/gatemend/gatemend/detect"
)

// kind is what a guard says of the action, from "nothing to say" to "never by us".
type kind int

const (
	aside kind = iota // the guard is not concerned
	pass
	early  // may pass by itself any moment, and nobody is told yet
	later  // passes with time; the incident is told already or will be
	loud   // passes with time, but a person is told now
	person // only a person can change it
)

// verdict of one guard.
type verdict struct {
	kind
	Refusal
}

func notConcerned() verdict { return verdict{} }

func passes(format string, args ...any) verdict {
	return verdict{pass, Refusal{Why: fmt.Sprintf(format, args...)}}
}

func refuses(k kind, code Code, until detect.Time, format string, args ...any) verdict {
	return verdict{k, Refusal{Code: code, Until: until, Why: fmt.Sprintf(format, args...)}}
}

func never(code Code, format string, args ...any) verdict {
	return refuses(person, code, 0, format, args...)
}

// guards are asked in this order, all of them, so that a person reads every reason at
// once: is it sure, is it ours to touch, does somebody else have the turn, is the verb
// safe as things stand, and is it within the limits.
var guards = []struct {
	name string
	look func(*turn) verdict
}{
	{"facts", factsKnown},
	{"confidence", confident},
	{"seen-twice", seenTwice},
	{"plan", asReleased},

	{"manage", managed},
	{"never-seen-healthy", seenHealthy},
	{"deny-list", notDenied},
	{"loadable", loadable},
	{"not-frozen", notFrozen},
	{"disabled", notDisabled},
	{"takes-along", takesNothingElse},
	{"reboot-action", noReboot},

	{"hold", notHeld},
	{"foreign-job", noForeignJob},
	{"package-lock", noPackageLock},
	{"files-changing", filesQuiet},
	{"stopped-by-person", notStoppedByPerson},

	{"settled", settled},
	{"limbo", notInLimbo},
	{"start-grace", graceOver},
	{"systemd-restarts", systemdDone},
	{"systemd-start-limit", startsLeft},

	{"nginx-test", testPassed},
	{"nginx-ports", portsFree},
	{"nginx-reload", reloadProven},
	{"mode", modeSafe},
	{"memory", memoryKnown},

	{"mended", mendedOnce},
	{"budget-site", siteBudget},
	{"budget-site-day", dayBudget},
	{"budget-host", hostBudget},
	{"budget-reload", reloadBudget},
	{"gap", gapPassed},
	{"others-proven", othersProven},
	{"cooldown", cooledDown},
	{"breaker", breakerClosed},
}

// judge asks every guard and keeps what refused, as it is to be heard: what may pass any
// moment falls silent only while the incident is young.
func (t *turn) judge() []verdict {
	var against []verdict
	for _, g := range guards {
		v := g.look(t)
		if v.kind == aside {
			continue
		}
		t.guards = append(t.guards, GuardStep{Guard: g.name, Pass: v.kind == pass, Why: v.Why})
		if v.kind == pass {
			continue
		}
		if v.kind == early && t.overdue(v.Code) {
			v.kind = loud
		}
		against = append(against, v)
	}
	return against
}

// overdue: promise 8, never silent for good. A start has its own bound.
func (t *turn) overdue(code Code) bool {
	bound := quietFor
	if code == StartGrace {
		bound = graceMax
	}
	return t.now().Since(t.c.Incident.Opened) >= bound
}

// conclude turns the verdicts into the decision. Something about to change by itself
// comes first: nobody is called for what the next two seconds may show to be different.
func (t *turn) conclude(against []verdict) Decision {
	d := Decision{Action: &t.act, Rung: t.at, Ladder: t.ladder, Guards: t.guards}
	if len(against) == 0 {
		return t.release(d)
	}
	rank := []kind{early, person, loud, later}
	slices.SortStableFunc(against, func(a, b verdict) int { return slices.Index(rank, a.kind) - slices.Index(rank, b.kind) })
	first := against[0].kind
	d.Do = DoWait
	if first == person || first == loud {
		d.Do = DoEscalate
	}
	for _, v := range against {
		d.Refusals = append(d.Refusals, v.Refusal)
		if first != person && (v.kind == first || first != early) {
			d.Until = max(d.Until, v.Until)
		}
	}
	d.Why = against[0].Why
	return d
}

// release lets the action go, or holds it for a person's approval.
func (t *turn) release(d Decision) Decision {
	ask := t.rung.Ask || t.f.Route.Manage == detect.ManageAsk
	if ask && !t.c.Incident.Person && !t.c.Incident.Release.stands(t.now()) {
		d.Do, d.Why = DoAsk, fmt.Sprintf("%s of %s waits for approval", t.act.Verb, subject(&t.act))
		d.Refusals = []Refusal{{Code: NeedsApproval, Why: d.Why}}
		return d
	}
	d.Do, d.Why = DoAct, fmt.Sprintf("%s of %s against %s", t.act.Verb, subject(&t.act), t.d.Cause)
	return d
}

func subject(a *Action) string {
	if a.Verb.in(setsMode) {
		return a.Path
	}
	return a.Unit
}
