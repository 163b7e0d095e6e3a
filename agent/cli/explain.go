package cli

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/gatemend/gatemend/detect"
	"github.com/gatemend/gatemend/detect/diagnose"
	"github.com/gatemend/gatemend/detect/evidence"
	"github.com/gatemend/gatemend/policy"
)

// explained is the answer of `explain --json`.
type explained struct {
	Cause      detect.Cause      `json:"cause"` // a label, or unknown
	Also       []alsoCause       `json:"also"`
	Confidence float64           `json:"confidence"` // 0 to 1
	Action     policy.Verb       `json:"action"`     // the first rung that the evidence itself supports; none: a person
	Evidence   []detect.Evidence `json:"evidence"`
	Advice     []string          `json:"advice"`
	Trace      []detect.Step     `json:"trace"`
}

type alsoCause struct {
	Cause      detect.Cause `json:"cause"`
	Confidence float64      `json:"confidence"`
}

func explainVerb(o *options) *cobra.Command {
	var facts bool
	c := verb("explain [FILE… | CAUSE]", "say which cause log lines or an evidence document speak for, or what a cause means",
		cobra.ArbitraryArgs, func(_ *cobra.Command, args []string) error {
			switch {
			case facts:
				return o.factNames()
			case len(args) == 1 && isCause(args[0]):
				return o.explainCause(detect.Cause(args[0]))
			}
			return o.explainFiles(args)
		})
	c.Long = `explain reads pasted log lines, or an evidence document (a JSON object with any of nginx_error,
nginx_access, gunicorn_journal, systemctl_status, kernel, nginx_conf, unit_file, unit_properties
and facts), from files or standard input, and says which cause they speak for, rule by rule.
It asks nothing of this machine. With the label of a cause it says what the cause means.`
	c.Flags().BoolVar(&facts, "facts", false, "list the names of facts that an evidence document may give")
	return c
}

func isCause(s string) bool {
	_, ok := detect.Info(detect.Cause(s))
	return ok
}

func (o *options) explainFiles(args []string) error {
	in, done, err := o.inputs(args)
	if err != nil {
		return usage(err)
	}
	defer done()
	f, err := evidence.Read(in)
	if err != nil {
		return usage(err)
	}
	e := explain(f)
	if o.json {
		return o.printJSON(e)
	}
	e.render(o.out, painter(o.out))
	return nil
}

// inputs is all files one after the other, or standard input.
func (o *options) inputs(args []string) (io.Reader, func(), error) {
	if len(args) == 0 || len(args) == 1 && args[0] == "-" {
		return o.in, func() {}, nil
	}
	var files []*os.File
	var readers []io.Reader
	done := func() {
		for _, f := range files {
			f.Close()
		}
	}
	var errs []error
	for _, name := range args {
		f, err := os.Open(name)
		if err != nil {
			errs = append(errs, fmt.Errorf("cannot read %q, which is neither a file nor the label of a cause: %w", name, err))
			continue
		}
		files = append(files, f)
		readers = append(readers, f)
	}
	return io.MultiReader(readers...), done, errors.Join(errs...)
}

func explain(f detect.Facts) explained {
	d := diagnose.Diagnose(f)
	e := explained{
		Cause: d.Primary.Cause, Confidence: fraction(d.Primary.Confidence), Action: policy.FirstSafe(d, f),
		Also: []alsoCause{}, Evidence: nonNil(d.Primary.Evidence), Advice: nonNil(d.Primary.Advice), Trace: nonNil(d.Trace),
	}
	if e.Cause == "" {
		e.Cause = detect.Unknown
	}
	for _, a := range d.Also {
		e.Also = append(e.Also, alsoCause{a.Cause, fraction(a.Confidence)})
	}
	return e
}

func fraction(c detect.Confidence) float64 { return float64(c) / 100 }

func (e explained) render(w io.Writer, p paint) {
	label := func(s string) string { return p.bold(pad(s, 10)) }
	info, _ := detect.Info(e.Cause)
	fmt.Fprintf(w, "%s %s, %.0f %% sure: %s\n", label("cause"), p.bold(string(e.Cause)), 100*e.Confidence, info.Title)
	for i, ev := range e.Evidence {
		fmt.Fprintf(w, "%s %s\n", label(first(i, "evidence")), safe(ev.Text))
	}
	for i, a := range e.Also {
		fmt.Fprintf(w, "%s %s, %.0f %%\n", label(first(i, "also")), a.Cause, 100*a.Confidence)
	}
	fmt.Fprintf(w, "%s %s\n", label("action"), e.Action)
	for i, a := range e.Advice {
		fmt.Fprintf(w, "%s %s\n", label(first(i, "advice")), safe(a))
	}
	fmt.Fprintln(w)
	for _, s := range e.Trace {
		m := note
		if s.Held {
			m = good
		}
		fmt.Fprintf(w, "  %s %s  %s\n", p.sign(m), pad(s.Rule, 28), safe(s.Why))
	}
}

// explainCause prints the catalogue's entry and the default ladder.
func (o *options) explainCause(c detect.Cause) error {
	info, _ := detect.Info(c)
	var ladder []string
	for _, r := range policy.DefaultLadder(c) {
		ladder = append(ladder, string(r.Verb))
	}
	ladder = append(ladder, "a person")
	if o.json {
		return o.printJSON(map[string]any{
			"cause": c, "title": info.Title, "meaning": info.Meaning, "seen": info.Seen, "mend": info.Mend,
			"explained_by": nonNil(info.ExplainedBy), "shared": info.Shared, "ladder": ladder,
		})
	}
	p := painter(o.out)
	fmt.Fprintf(o.out, "%s: %s\n\n%s\n\n%s %s\n%s %s\n%s %s\n", p.bold(string(c)), info.Title, info.Meaning,
		p.bold("established by"), info.Seen, p.bold("done by default"), strings.Join(ladder, " → "), p.bold("to mend it for good"), info.Mend)
	return nil
}

func (o *options) factNames() error {
	if o.json {
		return o.printJSON(evidence.Names())
	}
	for _, n := range evidence.Names() {
		fmt.Fprintf(o.out, "%s  %s\n", pad(n.Name, 28), n.Meaning)
	}
	return nil
}
