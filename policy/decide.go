package policy

import (
	"fmt"

	"github.com/gatemend/gatemend/detect"
)

// Waits that no configuration changes.
const (
	secondLook  = 2 * second  // ambiguous evidence is looked at again after this
	settleAfter = 2 * second  // a unit going down is given this before its leftovers are ended
	quietFor    = minute      // an outage that may pass by itself is not told before this
	waitAtMost  = minute      // the rung `wait`
	limboAtMost = 30 * second // gunicorn's graceful_timeout: an exiting master takes so long
)

// Decide says what may be done about the case. It is total and pure: every case, however
// odd, gives a decision, and the same case the same bytes.
func Decide(c Case) Decision {
	if d, done := idle(&c); done {
		return d
	}
	t := newTurn(&c)
	if !t.climb() {
		return t.exhausted()
	}
	if t.rung.Verb == Wait {
		return t.waiting()
	}
	return t.conclude(t.judge())
}

// idle answers the cases in which no action is considered at all.
func idle(c *Case) (Decision, bool) {
	if c.Schema != Schema || c.Now <= 0 {
		why := fmt.Sprintf("the case has schema %d and time %d; this is schema %d", c.Schema, c.Now, Schema)
		return nobody(DoEscalate, Refusal{Code: FactsLacking, Why: why}), true
	}
	switch c.Diagnosis.Health {
	case detect.Sick:
		return Decision{}, false
	case detect.Healthy:
		return Decision{Do: DoNothing, Rung: -1, Why: "the site answers at both depths"}, true
	case detect.Degraded:
		return Decision{Do: DoNothing, Rung: -1, Why: "the site answers; errors that nginx made for clients are told, never acted on"}, true
	}
	r := Refusal{Code: NotConfirmed, Why: "too little is known to call the site sick"}
	if !aged(c) {
		r.Until = add(c.Now, secondLook)
		return nobody(DoWait, r), true
	}
	return nobody(DoEscalate, r), true
}

// aged tells whether the incident is older than an outage may stay untold.
func aged(c *Case) bool { return c.Now.Since(c.Incident.Opened) >= quietFor }

func nobody(do Do, r Refusal) Decision {
	return Decision{Do: do, Rung: -1, Refusals: []Refusal{r}, Until: r.Until, Why: r.Why}
}

// exhausted answers when no rung is left: a person is needed. Evidence that is not yet
// sure is looked at a second time before anybody is called.
func (t *turn) exhausted() Decision {
	d := Decision{Do: DoEscalate, Rung: -1, Ladder: t.ladder, Guards: t.guards, Refusals: t.skipped}
	switch {
	case len(t.ladder) == 0:
		d.Why = fmt.Sprintf("nothing safe helps against %s: a person is needed", t.d.Cause)
		d.Refusals = []Refusal{{Code: NothingSafe, Why: d.Why}}
	case len(t.c.Incident.Tried) > 0:
		d.Why = fmt.Sprintf("every remedy for %s was tried or does not fit: a person is needed", t.d.Cause)
		d.Refusals = append([]Refusal{{Code: LadderDone, Why: d.Why}}, t.skipped...)
	default:
		d.Why = fmt.Sprintf("no remedy for %s fits what was seen: a person is needed", t.d.Cause)
	}
	for _, v := range []verdict{atRest(t), youth(t), seenTwice(t)} {
		if v.kind == early && !t.overdue(v.Code) {
			d.Do, d.Until, d.Why = DoWait, v.Until, v.Why
			d.Refusals = append([]Refusal{v.Refusal}, d.Refusals...)
			break
		}
	}
	return d
}

func (t *turn) waiting() Decision {
	r := Refusal{Code: Waiting, Until: add(t.c.Incident.Since, waitAtMost)}
	if t.c.Incident.Since > t.now() {
		r.Until = add(t.now(), waitAtMost)
	}
	r.Why = fmt.Sprintf("%s may pass by itself: waiting %s", t.d.Cause, told(r.Until.Sub(t.now())))
	return Decision{Do: DoWait, Rung: t.at, Ladder: t.ladder, Guards: t.guards, Refusals: []Refusal{r}, Until: r.Until, Why: r.Why}
}
