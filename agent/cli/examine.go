package cli

import (
	"context"
	"time"

	"github.com/spf13/cobra"

	"github.com/gatemend/gatemend/agent"
	"github.com/gatemend/gatemend/detect"
	"github.com/gatemend/gatemend/policy"
)

// examineTime bounds diagnose and plan: each look has its own, shorter deadlines.
const examineTime = 3 * time.Minute

func diagnoseVerb(o *options) *cobra.Command {
	var try bool
	c := verb("diagnose [SITE]", "look at every layer from nginx to the app, name the cause, say what would be done", atMostOne,
		func(c *cobra.Command, args []string) error { return o.diagnose(c.Context(), only(args), try) })
	c.Flags().BoolVar(&try, "try-import", false, "also import the application as its unit would: same user, directory and environment, 30 s at most")
	return c
}

func planVerb(o *options) *cobra.Command {
	return verb("plan [SITE]", "show what heal would do now: steps, guards, before and after", atMostOne,
		func(c *cobra.Command, args []string) error { return o.plan(c.Context(), only(args)) })
}

func (o *options) diagnose(ctx context.Context, site string, try bool) error {
	exams, err := o.examine(ctx, "diagnose", site, false)
	if err != nil {
		return err
	}
	reports := []diagnosis{}
	for _, e := range exams {
		d := diagnosed(e)
		if try {
			d.Imported = tryImport(ctx, e.Case.Facts.Unit)
		}
		reports = append(reports, d)
	}
	if o.json {
		err = o.printJSON(reports)
	} else {
		for i, d := range reports {
			d.render(o.out, painter(o.out), exams[i])
		}
	}
	if err != nil {
		return err
	}
	return ended(worst(exams))
}

func (o *options) plan(ctx context.Context, site string) error {
	exams, err := o.examine(ctx, "plan", site, true)
	if err != nil {
		return err
	}
	plans := []plan{}
	for _, e := range exams {
		plans = append(plans, planned(e))
	}
	if o.json {
		err = o.printJSON(plans)
	} else {
		for i, p := range plans {
			p.render(o.out, painter(o.out), exams[i])
		}
	}
	if err != nil {
		return err
	}
	return ended(worst(exams))
}

// examine looks at the sites and decides, as the agent itself would.
func (o *options) examine(ctx context.Context, what, site string, person bool) ([]agent.Exam, error) {
	if err := needRoot(what); err != nil {
		return nil, err
	}
	cfg, err := o.load()
	if err != nil {
		return nil, err
	}
	if err := known(cfg, site); err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, examineTime)
	defer cancel()
	w, err := o.world(ctx, cfg)
	if err != nil {
		return nil, err
	}
	defer w.close()
	a, err := o.examiner(w)
	if err != nil {
		return nil, err
	}
	return a.Examine(ctx, site, person)
}

// worst is the exit code of several reports: a person needed, then something to do, then well.
func worst(exams []agent.Exam) int {
	code := Healthy
	for _, e := range exams {
		switch {
		case e.Case.Diagnosis.Health == detect.Healthy:
		case e.Decision.Do == policy.DoEscalate || e.Decision.Do == policy.DoAsk:
			code = max(code, NeedsHand)
		default:
			code = max(code, NotWell)
		}
	}
	return code
}
