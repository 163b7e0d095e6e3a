package cli

import (
	"cmp"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/gatemend/gatemend/agent"
	"github.com/gatemend/gatemend/agent/audit"
	"github.com/gatemend/gatemend/detect"
	"github.com/gatemend/gatemend/policy"
)

// timeline prints one incident: evidence → cause → guards → action → proof.
func (o *options) timeline(id string) error {
	var records []audit.Record
	for r, err := range audit.Timeline(auditDir(o.state), id) {
		if err != nil {
			fmt.Fprintf(o.errOut, "gatemend: %v\n", err)
			continue
		}
		records = append(records, r)
	}
	if len(records) == 0 {
		return usage(fmt.Errorf("cannot find incident %q: gatemend incidents lists them", id))
	}
	if o.json {
		return o.printJSON(records)
	}
	s := &story{sheet: o.sheet(9)}
	s.headline(records)
	for _, r := range records {
		s.tell(r)
	}
	return nil
}

// story tells an incident once: each record repeats what those before it said.
type story struct {
	sheet
	began   detect.Time
	cause   detect.Cause
	decided string // the last decision that was told
	advised string // the last advice that was told
	actions int    // how many were told
	proven  bool   // the proof was told
}

// line is one step: when it was, how long after the incident was noticed, what happened.
func (s *story) line(at detect.Time, label, format string, args ...any) {
	after := "+" + span(max(0, at.Sub(s.began)))
	s.indent = fmt.Sprintf("%s  %s  ", at.Time().Local().Format("15:04:05.000"), pad(after, 12))
	s.say(label, format, args...)
	s.indent = pad("", 12+2+12+2)
}

// headline says in three lines how it stands, from the newest record of the incident.
func (s *story) headline(records []audit.Record) {
	var i agent.Incident
	for _, r := range records {
		if r.Kind == agent.RecordIncident {
			_ = json.Unmarshal(r.Data, &i)
		}
	}
	s.began = i.Noticed
	info, _ := detect.Info(i.Cause())
	fmt.Fprintf(s.w, "%s  %s  %s\n", s.p.bold(i.ID), safe(i.Site+i.Route), s.p.state(i.State)(string(i.State)))
	fmt.Fprintf(s.w, "%s: %s\n", s.p.bold(string(i.Cause())), info.Title)
	p := past{i, records[len(records)-1].At}
	fmt.Fprintf(s.w, "noticed %s, clients without an answer for %s", clock(i.Noticed), p.outage())
	if i.Recovered > i.FirstOK && i.FirstOK != 0 {
		fmt.Fprintf(s.w, ", proven %s after the first", span(i.Recovered.Sub(i.FirstOK)))
	}
	fmt.Fprint(s.w, "\n\n")
}

func (s *story) tell(r audit.Record) {
	switch r.Kind {
	case agent.RecordIncident:
		s.step(r)
	case audit.KindIntent:
		s.intent(r)
	case audit.KindResult:
		s.result(r)
	case audit.KindOutcome:
		s.verdict(r)
	case agent.RecordMessage:
		var m agent.Message
		_ = json.Unmarshal(r.Data, &m)
		s.line(r.At, "told", "%s: %s", m.State, m.Cause)
	case agent.RecordPerson:
		var w agent.Word
		_ = json.Unmarshal(r.Data, &w)
		s.line(r.At, "person", "%s, plan %s: %s%s", w.By, w.Plan, w.What, upTo(w.Until))
		s.each("", w.Why)
	default:
		s.line(r.At, string(r.Kind), "%s", cut(string(r.Data), 300))
	}
}

// step is a transition: what is new since the one before.
func (s *story) step(r audit.Record) {
	var i agent.Incident
	if err := json.Unmarshal(r.Data, &i); err != nil {
		s.line(r.At, "unread", "%v", err)
		return
	}
	if s.cause == "" {
		s.line(i.Noticed, "noticed", "%s: %s", i.Reason.Why, i.Symptom)
	}
	s.diagnosis(r.At, i)
	s.actionsOf(r.At, i)
	s.decide(r.At, i)
	switch i.State {
	case agent.Verifying:
		s.line(r.At, "asking", "whether it answers for good, at the upstream and at the public endpoint")
	case agent.Recovered:
		if i.Proof != nil && !s.proven {
			s.proven = true
			s.line(i.Recovered, "proof", "%s: %s", i.Proof.Verdict, i.Proof.Why)
		}
	case agent.Escalated:
		s.advise(r.At, i.Diagnosis.Primary.Advised())
	}
}

// advise tells a person what to do, once: a message makes another record of the same.
func (s *story) advise(at detect.Time, advice []string) {
	if all := strings.Join(advice, "\n"); all != s.advised {
		s.advised = all
		s.line(at, "advice", "a person is needed:")
		s.whole().each("", advice)
	}
}

func (s *story) diagnosis(at detect.Time, i agent.Incident) {
	f := i.Diagnosis.Primary
	if f.Cause == s.cause || f.Cause == "" {
		return
	}
	s.cause = f.Cause
	for n, e := range f.Evidence {
		if n == 0 {
			s.line(at, "evidence", "%s", e.Text)
			continue
		}
		s.say("", "%s", e.Text)
	}
	info, _ := detect.Info(f.Cause)
	s.line(at, "cause", "%s (%d %% sure): %s", f.Cause, f.Confidence, info.Title)
}

// decide tells a decision once.
func (s *story) decide(at detect.Time, i agent.Incident) {
	d := i.Decision
	if d == nil || d.Do == policy.DoNothing || string(d.Do)+d.Why == s.decided {
		return
	}
	s.decided = string(d.Do) + d.Why
	s.passed(at, d.Guards)
	if d.Action != nil && d.Do == policy.DoAct {
		s.line(at, "decision", "%s: %s", d.Do, actionText(*d.Action))
		return
	}
	s.line(at, "decision", "%s: %s", d.Do, d.Why)
	if command := approval(&i); command != "" {
		s.say("", "release it: %s", command)
	}
}

// passed tells the guards that passed as a number, and each of the others.
func (s *story) passed(at detect.Time, guards []policy.GuardStep) {
	n := 0
	for _, g := range guards {
		if g.Pass {
			n++
		}
	}
	if len(guards) > 0 {
		s.line(at, "guards", "%d of %d passed", n, len(guards))
	}
	for _, g := range guards {
		if !g.Pass {
			s.mark("", s.p.sign(guardMark(g)), g.Guard+": "+g.Why)
		}
	}
}

// actionsOf tells what was done since the last step. What was refused has no end of its own.
func (s *story) actionsOf(at detect.Time, i agent.Incident) {
	for ; s.actions < len(i.Actions); s.actions++ {
		a := i.Actions[s.actions]
		switch {
		case a.Refused:
			s.line(cmp.Or(a.Ended, at), "not done", "%s: %s", a.Verb, a.Why)
		case a.Would:
			s.line(a.Ended, "dry run", "nothing was changed")
		}
		for _, did := range a.Did {
			s.line(a.Ended, "did", "%s", did)
		}
	}
}

// intent is on the disk before the first effect.
func (s *story) intent(r audit.Record) {
	var i struct {
		Dry    bool          `json:"dry"`
		Action policy.Action `json:"action"`
		Case   struct {
			Incident policy.Incident `json:"incident"`
		} `json:"case"`
	}
	_ = json.Unmarshal(r.Data, &i)
	text := actionText(i.Action)
	if i.Action.Before != "" {
		text += ": " + i.Action.Before + " → " + i.Action.After
	}
	if i.Dry {
		text = "would " + text
	}
	s.line(r.At, "intent", "%s", text)
	s.each("", releasedBy(i.Case.Incident))
	if i.Action.Cuts != "" {
		s.say("", "cuts %s", i.Action.Cuts)
	}
}

// releasedBy is the person for whom it was done, in a line; none for what policy decided alone.
func releasedBy(i policy.Incident) []string {
	switch {
	case i.Release != nil:
		return []string{fmt.Sprintf("released by %s: plan %s", i.Release.By, policy.PlanID(i.Release.Plan))}
	case i.Person:
		return []string{"asked for by " + i.By}
	}
	return nil
}

func upTo(t detect.Time) string {
	if t == 0 {
		return ""
	}
	return " until " + clock(t)
}

// result is told where it is not what was intended: the steps follow with the transition.
func (s *story) result(r audit.Record) {
	var data struct {
		Outcome policy.Outcome `json:"outcome"`
		Why     string         `json:"why"`
	}
	_ = json.Unmarshal(r.Data, &data)
	if data.Outcome != "" && data.Outcome != policy.Would {
		s.line(r.At, "result", "%s: %s", data.Outcome, data.Why)
	}
}

// verdict is the verifier's word on an action.
func (s *story) verdict(r audit.Record) {
	var j agent.Judgement
	_ = json.Unmarshal(r.Data, &j)
	if j.FirstOK != 0 {
		s.line(j.FirstOK, "answered", "for the first time")
	}
	switch j.Outcome {
	case policy.Recovered:
		s.proven = true
		s.line(r.At, "proof", "%s: %s", j.Verdict, j.Why)
	default:
		s.line(r.At, "verdict", "%s: %s", j.Outcome, j.Why)
	}
}
