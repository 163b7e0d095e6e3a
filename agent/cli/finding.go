package cli

import (
	"fmt"
	"strings"

	"github.com/gatemend/gatemend/agent"
	"github.com/gatemend/gatemend/detect"
	"github.com/gatemend/gatemend/policy"
)

// sheet is one for standard output.
func (o *options) sheet(width int) sheet {
	return sheet{w: o.out, p: painter(o.out), width: width, columns: columnsOf(o.out)}
}

func (s sheet) gap() { fmt.Fprintln(s.w) }

// header names the route: public name, where nginx sends it, whose unit serves it.
func header(s sheet, e agent.Exam) {
	f := e.Case.Facts
	unit := f.Route.Unit
	if unit == "" {
		unit = "no unit"
	}
	fmt.Fprintf(s.w, "%s  %s → %s  %s\n\n", s.p.bold(safe(e.Site)), safe(f.Server+e.Route), safe(f.Route.Target.String()), safe(unit))
}

// item prints one line of the checklist; what it is about stands once in front of several.
func (s sheet) item(i item, before string) {
	label := i.What
	if label == before {
		label = ""
	}
	hang := len([]rune(s.indent)) + 2 + max(s.width, len([]rune(label))) + 2
	s.put(s.indent+s.p.sign(i.Mark)+" "+pad(label, s.width)+"  ", hang, hang, i.Seen)
}

// finding prints what is wrong, why it is believed, and what a person does about it.
func (s sheet) finding(d detect.Diagnosis) {
	fmt.Fprintf(s.w, "%s  %s\n", s.p.bold(pad("health", s.width)), s.p.health(d.Health))
	if f := d.Primary; f.Cause != "" {
		info, _ := detect.Info(f.Cause)
		s.mark("cause", s.p.red(string(f.Cause)), fmt.Sprintf("(%d %% sure): %s", f.Confidence, info.Title))
		s.each("evidence", texts(f.Evidence))
	}
	var also []string
	for _, a := range d.Also {
		text := fmt.Sprintf("%s (%d %%)", a.Cause, a.Confidence)
		if d.Primary.Cause == "" && len(a.Evidence) > 0 { // nothing else says what it is about
			text += ": " + a.Evidence[len(a.Evidence)-1].Text
		}
		also = append(also, text)
	}
	if len(also) > 0 {
		s.say("also", "%s", strings.Join(also, ", "))
	}
	s.whole().each("advice", d.Primary.Advised())
}

func texts(evidence []detect.Evidence) []string {
	var l []string
	for _, e := range evidence {
		l = append(l, e.Text)
	}
	return l
}

// decision prints what would be done, or why nothing is.
func (s sheet) decision(d policy.Decision) {
	switch {
	case d.Do == policy.DoNothing:
		s.say("decision", "nothing to do")
		return
	case d.Action != nil && (d.Do == policy.DoAct || d.Do == policy.DoAsk):
		s.mark("decision", s.p.yellow(string(d.Do)+":"), actionText(*d.Action))
	default:
		s.mark("decision", s.p.yellow(string(d.Do)+":"), d.Why)
	}
	refused := "refused"
	for _, r := range d.Refusals {
		if r.Why != d.Why {
			s.say(refused, "%s: %s", r.Code, r.Why)
			refused = ""
		}
	}
}

// guardMark: a rung that does not apply is no guard that refused.
func guardMark(g policy.GuardStep) mark {
	if strings.HasPrefix(g.Guard, "rung ") && !g.Pass {
		return note
	}
	return when(g.Pass)
}

// actionText is a verb with what it acts on.
func actionText(a policy.Action) string {
	return strings.Join(strings.Fields(string(a.Verb)+" "+a.Unit+" "+a.Path), " ")
}

// first is a label in front of the first of several lines.
func first(i int, label string) string {
	if i > 0 {
		return ""
	}
	return label
}
