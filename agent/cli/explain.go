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
	var facts, trace bool
	c := verb("explain [FILE… | CAUSE]", "which cause log lines speak for; what a cause means", cobra.ArbitraryArgs,
		func(_ *cobra.Command, args []string) error {
			switch {
			case facts:
				return o.factNames()
			case len(args) == 1 && isCause(args[0]):
				return o.explainCause(detect.Cause(args[0]))
			}
			return o.explainFiles(args, trace)
		})
	c.Long = `explain reads pasted log lines, or an evidence document (a JSON object with any
of nginx_error, nginx_access, gunicorn_journal, systemctl_status, kernel,
nginx_conf, unit_file, unit_properties and facts), from files or standard
input, and says which cause they speak for, rule by rule. It asks nothing of
this machine, and its exit code says nothing of it either: 0 whatever the cause
is, 2 where there was nothing to read. With the label of a cause it says what
the cause means. The labels:
` + folded(labels())
	c.Flags().BoolVar(&facts, "facts", false, "list the names of facts that an evidence document may give")
	c.Flags().BoolVar(&trace, "trace", false, "show also the rules that did not hold, and why")
	c.ValidArgsFunction = causeNames
	return c
}

func causeNames(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
	if len(args) > 0 {
		return nil, cobra.ShellCompDirectiveDefault
	}
	return labels(), cobra.ShellCompDirectiveDefault
}

func labels() (all []string) {
	for _, i := range detect.Catalogue {
		all = append(all, string(i.Cause))
	}
	return all
}

func isCause(s string) bool {
	_, ok := detect.Info(detect.Cause(s))
	return ok
}

func (o *options) explainFiles(args []string, trace bool) error {
	if len(args) == 0 && isTerminal(o.in) {
		fmt.Fprintln(o.errOut, "paste log lines or an evidence document, then press Ctrl-D:")
	}
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
	e.render(o.sheet(8), trace)
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
			errs = append(errs, fmt.Errorf("cannot read %q, which is neither a file nor the label of a cause (gatemend explain --help lists them): %w", name, err))
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
		Also: []alsoCause{}, Evidence: nonNil(d.Primary.Evidence), Advice: nonNil(d.Primary.Advised()), Trace: nonNil(d.Trace),
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

func (e explained) render(s sheet, all bool) {
	info, _ := detect.Info(e.Cause)
	s.mark("cause", s.p.red(string(e.Cause)), fmt.Sprintf("(%.0f %% sure): %s", 100*e.Confidence, info.Title))
	s.each("evidence", texts(e.Evidence))
	for i, a := range e.Also {
		s.say(first(i, "also"), "%s (%.0f %%)", a.Cause, 100*a.Confidence)
	}
	s.say("action", "%s", e.Action)
	s.whole().each("advice", e.Advice)
	s.rules(e.Trace, all)
}

// rules are those that held, and on request why the others did not.
func (s sheet) rules(trace []detect.Step, all bool) {
	shown := 0
	for _, t := range trace {
		if !t.Held && !all {
			continue
		}
		m := note
		if t.Held {
			m = good
		}
		s.mark(first(shown, "rules"), s.p.sign(m), pad(t.Rule, 24)+"  "+cut(t.Why, lineWidth))
		shown++
	}
	if n := len(trace) - shown; n > 0 {
		s.say(first(shown, "rules"), "%s did not hold: --trace says why", several(n, "rule"))
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
	sh := o.sheet(7)
	fmt.Fprintf(o.out, "%s: %s\n\n%s\n\n", sh.p.bold(string(c)), info.Title, info.Meaning)
	sh.say("seen by", "%s", info.Seen)
	sh.say("done", "%s", strings.Join(ladder, " → "))
	sh.say("to mend", "%s", info.Mend)
	return nil
}

func (o *options) factNames() error {
	if o.json {
		return o.printJSON(evidence.Names())
	}
	var rows [][]cell
	for _, n := range evidence.Names() {
		rows = append(rows, []cell{plain(n.Name), plain(n.Meaning)})
	}
	table(o.out, "", rows)
	return nil
}
