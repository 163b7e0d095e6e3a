package agent

import (
	"time"

	"github.com/gatemend/gatemend/detect"
	"github.com/gatemend/gatemend/policy"
)

// Incident is the record of one outage of one route. Its times tell the story: when the
// evidence says it began, when it was noticed, acted on, first answered, and recovered.
type Incident struct {
	ID     string         `json:"id,omitempty"` // given when it is confirmed
	Site   string         `json:"site"`
	Route  string         `json:"route"`
	State  State          `json:"state"`
	Reason detect.Trigger `json:"reason"` // the first trigger

	FirstBad  detect.Time `json:"first_bad,omitempty"` // by the evidence, e.g. when the process ended
	Noticed   detect.Time `json:"noticed"`
	Acted     detect.Time `json:"acted,omitempty"`    // the first action
	FirstOK   detect.Time `json:"first_ok,omitempty"` // the first answer below 500 that the proof counted
	Recovered detect.Time `json:"recovered,omitempty"`

	Symptom   string           `json:"symptom,omitempty"` // what a client saw: "502", "refused"
	Diagnosis detect.Diagnosis `json:"diagnosis"`         // the latest
	Decision  *policy.Decision `json:"decision,omitempty"`
	Seen      int              `json:"seen"`  // the primary cause in a row
	Since     detect.Time      `json:"since"` // of the primary cause
	seenAt    detect.Time      // of the look that Seen counted last
	Tried     []policy.Verb    `json:"tried,omitempty"`
	Actions   []Report         `json:"actions,omitempty"`
	Proof     *Proof           `json:"proof,omitempty"` // the latest
	Person    bool             `json:"person,omitempty"`
	By        string           `json:"by,omitempty"`      // the person
	Release   *policy.Release  `json:"release,omitempty"` // a person's word on one plan
	Mended    bool             `json:"mended,omitempty"`
	CameBack  bool             `json:"came_back,omitempty"` // within the recurrence window of the one before
	Plan      string           `json:"plan,omitempty"`      // of the decision, where it asks: what `approve` takes
	Told      detect.Time      `json:"told,omitempty"`      // the first message
	ToldAsk   string           `json:"told_ask,omitempty"`  // the action that a message said to wait for approval
	ToldOf    detect.Cause     `json:"told_of,omitempty"`
	Reminders int              `json:"reminders,omitempty"`
	Messages  int              `json:"messages,omitempty"` // sent so far
	Flaps     Flaps            `json:"flaps,omitzero"`     // of the route
}

// note adds what became of an action. One that is refused again and again, for days, is kept once: each
// record of the incident repeats it.
func (i *Incident) note(r Report) {
	if n := len(i.Actions); n > 0 && r.Refused {
		if last := i.Actions[n-1]; last.Refused && last.Verb == r.Verb && last.Unit == r.Unit {
			i.Actions = i.Actions[: n-1 : n-1] // a copy: status holds the old ones
		}
	}
	i.Actions = append(i.Actions, r)
}

// began is when the outage began, as far as is known.
func (i *Incident) began() detect.Time {
	if i.FirstBad != 0 {
		return i.FirstBad
	}
	return i.Noticed
}

// Outage is how long clients were without an answer: until the first 200, or until now.
func (i *Incident) Outage(now detect.Time) detect.Span {
	from := i.began()
	until := now
	if i.FirstOK > from && i.State == Recovered {
		until = i.FirstOK
	}
	return max(0, until.Sub(from))
}

// apart is how far two looks must lie apart to count as two: an event may wake us at once.
const apart = time.Second

// saw counts how often in a row the primary cause was the same: what is ambiguous must be
// seen twice before it counts. A healthy look ends the row, and keeps what was wrong: the
// incident is told and recorded by it. So does one at a unit on its way, in which nothing can
// be told: a person who mends it restarts it.
func (i *Incident) saw(l look) {
	d, at := l.diag, l.facts.At
	switch {
	case d.Health == detect.Healthy:
		i.Seen = 0
		return
	case i.Seen > 0 && d.Primary.Cause == detect.Unknown && onItsWay(l.facts.Unit, d):
		return
	}
	switch {
	case i.Seen == 0 || d.Primary.Cause != i.Diagnosis.Primary.Cause:
		i.Seen, i.Since, i.seenAt = 1, at, at
	case at.Sub(i.seenAt) >= detect.For(apart):
		i.Seen, i.seenAt = i.Seen+1, at
	}
	i.Diagnosis = d
}

// onItsWay tells a unit that goes up or down.
func onItsWay(u *detect.Unit, d detect.Diagnosis) bool {
	if u == nil {
		return false
	}
	return u.Job != nil || u.Active == "deactivating" || u.Active == "activating" || d.Primary.Subject[detect.SubjectStarting] == "yes"
}

// settledView tells whether nothing ambiguous is left: decisive, or seen twice.
func (i *Incident) settledView() bool { return i.Diagnosis.Primary.Decisive || i.Seen >= 2 }

// Asks is the ID of the plan that waits for a person's approval; "" where none does.
func (i *Incident) Asks() string {
	if i.Decision == nil || i.Decision.Do != policy.DoAsk {
		return ""
	}
	return i.Plan
}

// forPolicy is the part that decisions read.
func (i *Incident) forPolicy(other []string) policy.Incident {
	return policy.Incident{
		ID: i.ID, Opened: i.Noticed, Seen: i.Seen, Since: i.Since, Tried: i.Tried,
		Person: i.Person, By: i.By, Release: i.Release, Mended: i.Mended, Other: other,
	}
}

// firstBad dates the outage by evidence: the earliest moment, after the last answer known
// good and not after it was noticed, at which something is recorded to have gone wrong.
func firstBad(f detect.Facts, noticed, lastOK detect.Time) detect.Time {
	best, floor := noticed, lastOK
	if floor == 0 && f.Unit != nil {
		floor = f.Unit.ExecStart // what came before its last start may have been another outage
	}
	consider := func(t detect.Time) {
		if t > floor && t < best {
			best = t
		}
	}
	if f.Stop != nil {
		consider(f.Stop.At)
	}
	if u := f.Unit; u != nil && !u.Running() {
		consider(u.ExecExit)
		consider(u.ActiveExit)
	}
	for _, l := range f.Lines {
		if l.Source == detect.FromNginxError && l.Event != "" && l.At > 0 {
			consider(l.At)
		}
	}
	if lastOK == 0 && noticed.Sub(best) > maxUnknownOutage {
		return noticed // never seen healthy by us: an old line is no start of this outage
	}
	return best
}

// symptom is what a client sees, in a word.
func symptom(upstream, public *detect.Answer) string {
	for _, a := range []*detect.Answer{public, upstream} {
		if a.Known() && !a.Healthy() {
			if a.Outcome == detect.Answered {
				return statusText(a.Status)
			}
			return string(a.Outcome)
		}
	}
	return "no answer"
}
