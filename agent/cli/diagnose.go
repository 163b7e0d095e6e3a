package cli

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/gatemend/gatemend/agent"
	"github.com/gatemend/gatemend/detect"
	"github.com/gatemend/gatemend/policy"
)

func diagnoseVerb(o *options) *cobra.Command {
	var try bool
	c := verb("diagnose [SITE]", "every layer from nginx to the app, the cause, what would be done", atMostOne,
		func(c *cobra.Command, args []string) error { return o.diagnose(c.Context(), only(args), try) })
	c.Long = `diagnose asks every layer that a request passes, from nginx to the app, names
the cause of what is wrong, and says what the agent would do. It needs no
running agent, and changes nothing: nginx -t, which it runs, makes nginx's own
missing pid file, logs and temporary directories.`
	c.Flags().BoolVar(&try, "try-import", false, "also import the app as its unit would: same user, directory and environment, 30 s at most")
	c.ValidArgsFunction = o.siteNames
	return c
}

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

func (o *options) diagnose(ctx context.Context, site string, try bool) error {
	x, err := o.examine(ctx, "diagnose", site, false)
	if err != nil {
		return err
	}
	reports := []diagnosis{}
	code := worst(x.exams)
	for _, e := range x.exams {
		d := diagnosed(e)
		if why := x.reach.beyond(e.Case.Facts.Route); why != "" {
			d.Checklist = append(d.Checklist, item{note, "out of reach", why})
		}
		if u := e.Case.Facts.Unit; try && importable(u) {
			d.Imported = o.tryImport(ctx, u)
			code = max(code, d.Imported.code())
		}
		reports = append(reports, d)
	}
	if o.json {
		return o.ending(code, o.printJSON(reports))
	}
	for i, d := range reports {
		d.render(o.sheet(13), x.exams[i])
	}
	return ended(code)
}

func diagnosed(e agent.Exam) diagnosis {
	return diagnosis{
		Site: e.Site, Route: e.Route, Checklist: checklist(&e.Case.Facts),
		Diagnosis: e.Case.Diagnosis, Decision: e.Decision, TryImport: importCommand(e.Case.Facts.Unit),
	}
}

func (d diagnosis) render(s sheet, e agent.Exam) {
	header(s, e)
	list := sheet{w: s.w, p: s.p, indent: "  ", columns: s.columns}
	for _, i := range d.Checklist {
		list.width = max(list.width, len([]rune(i.What)))
	}
	before := ""
	for _, i := range d.Checklist {
		list.item(i, before)
		before = i.What
	}
	s.gap()
	s.finding(d.Diagnosis)
	s.decision(d.Decision)
	switch {
	case d.Imported != nil:
		d.Imported.render(s)
	case d.TryImport != "" && d.Diagnosis.Health != detect.Healthy:
		s.say("import test", "gatemend diagnose --try-import, or by hand:")
		s.whole().say("", "%s", d.TryImport)
	}
	s.gap()
}
