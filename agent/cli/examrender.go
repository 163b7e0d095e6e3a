package cli

import (
	"fmt"
	"io"
	"strings"

	"github.com/gatemend/gatemend/agent"
	"github.com/gatemend/gatemend/detect"
	"github.com/gatemend/gatemend/policy"
)

// diagnosis is one route's report of `diagnose`, as JSON and as text.
type diagnosis struct {
	Site      string           `json:"site"`
	Route     string           `json:"route"`
	Checklist []item           `json:"checklist"`
	Diagnosis detect.Diagnosis `json:"diagnosis"`
	Decision  policy.Decision  `json:"decision"`
	TryImport string           `json:"try_import,omitempty"` // the guide's last step, for this machine
	Imported  *imported        `json:"imported,omitempty"`
}

func diagnosed(e agent.Exam) diagnosis {
	return diagnosis{
		Site: e.Site, Route: e.Route, Checklist: checklist(&e.Case.Facts),
		Diagnosis: e.Case.Diagnosis, Decision: e.Decision, TryImport: importCommand(e.Case.Facts.Unit),
	}
}

func (d diagnosis) render(w io.Writer, p paint, e agent.Exam) {
	header(w, p, e)
	width := 0
	for _, i := range d.Checklist {
		width = max(width, len([]rune(i.What)))
	}
	for _, i := range d.Checklist {
		fmt.Fprintf(w, "  %s %s  %s\n", p.sign(i.Mark), pad(i.What, width), safe(i.Seen))
	}
	fmt.Fprintln(w)
	renderFinding(w, p, d.Diagnosis)
	renderDecision(w, p, d.Decision)
	if d.TryImport != "" && d.Diagnosis.Health == detect.Sick {
		fmt.Fprintf(w, "%s %s\n", p.bold(pad("import test", 12)), safe(d.TryImport))
	}
	if d.Imported != nil {
		d.Imported.render(w, p)
	}
	fmt.Fprintln(w)
}

func header(w io.Writer, p paint, e agent.Exam) {
	f := e.Case.Facts
	fmt.Fprintf(w, "%s  %s%s → %s (%s)\n\n", p.bold(e.Site), safe(f.Server), safe(e.Route), safe(f.Route.Target.String()), orUnknown(safe(f.Route.Unit)))
}

// renderFinding prints what is wrong, why it is believed, and what a person does about it.
func renderFinding(w io.Writer, p paint, d detect.Diagnosis) {
	label := func(s string) string { return p.bold(pad(s, 12)) }
	fmt.Fprintf(w, "%s %s\n", label("health"), p.health(d.Health))
	if d.Primary.Cause == "" {
		return
	}
	info, _ := detect.Info(d.Primary.Cause)
	fmt.Fprintf(w, "%s %s, %d %% sure: %s\n", label("cause"), p.red(string(d.Primary.Cause)), d.Primary.Confidence, info.Title)
	for i, e := range d.Primary.Evidence {
		fmt.Fprintf(w, "%s %s\n", label(first(i, "evidence")), safe(e.Text))
	}
	if len(d.Also) > 0 {
		var also []string
		for _, a := range d.Also {
			also = append(also, fmt.Sprintf("%s (%d %%)", a.Cause, a.Confidence))
		}
		fmt.Fprintf(w, "%s %s\n", label("also"), strings.Join(also, ", "))
	}
	for i, a := range d.Primary.Advice {
		fmt.Fprintf(w, "%s %s\n", label(first(i, "advice")), safe(a))
	}
}

func first(i int, label string) string {
	if i > 0 {
		return ""
	}
	return label
}

// renderDecision prints what would be done, or why nothing is.
func renderDecision(w io.Writer, p paint, d policy.Decision) {
	label := p.bold(pad("decision", 12))
	switch {
	case d.Do == policy.DoNothing:
		return
	case d.Action != nil && (d.Do == policy.DoAct || d.Do == policy.DoAsk):
		fmt.Fprintf(w, "%s %s: %s %s\n", label, d.Do, p.bold(string(d.Action.Verb)), safe(d.Action.Unit+" "+d.Action.Path))
	default:
		fmt.Fprintf(w, "%s %s: %s\n", label, p.yellow(string(d.Do)), safe(d.Why))
	}
	for _, r := range d.Refusals {
		fmt.Fprintf(w, "%s %s: %s\n", pad("", 12), r.Code, safe(r.Why))
	}
}
