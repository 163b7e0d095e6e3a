package cli

import (
	"context"
	"fmt"
	"time"

	"github.com/gatemend/gatemend/agent"
	"github.com/gatemend/gatemend/agent/config"
	"github.com/gatemend/gatemend/detect"
	"github.com/gatemend/gatemend/policy"
)

// examineTime bounds diagnose and plan: each look has its own, shorter deadlines.
const examineTime = 3 * time.Minute

// examined is what diagnose and plan saw.
type examined struct {
	exams []agent.Exam
	reach reach
}

// examine looks at the sites and decides, as the agent itself would.
func (o *options) examine(ctx context.Context, what, site string, person bool) (examined, error) {
	cfg, err := o.askedOf(site, what)
	if err != nil {
		return examined{}, err
	}
	ctx, cancel := context.WithTimeout(ctx, examineTime)
	defer cancel()
	w, err := o.world(ctx, cfg)
	if err != nil {
		return examined{}, err
	}
	defer w.close()
	a, err := o.examiner(w)
	if err != nil {
		return examined{}, err
	}
	x := examined{reach: w.reach(ctx)}
	x.exams, err = o.look(ctx, a, sitesOf(cfg, site), person)
	return x, err
}

// askedOf is the configuration, for a verb that root, or the agent's user, asks of one site or of all.
func (o *options) askedOf(site, verb string) (*config.Config, error) {
	if err := needHelper(verb); err != nil {
		return nil, err
	}
	cfg, err := o.load()
	if err != nil {
		return nil, err
	}
	return cfg, known(cfg, site)
}

// look asks site by site, so that the person who waits is told for which.
func (o *options) look(ctx context.Context, a *agent.Agent, sites []detect.Site, person bool) ([]agent.Exam, error) {
	var exams []agent.Exam
	for i, s := range sites {
		what := fmt.Sprintf("site %s to answer, %s a request at most", s.Name, span(s.Probe.Timeout))
		if len(sites) > 1 {
			what += fmt.Sprintf(" (%d of %d)", i+1, len(sites))
		}
		done := o.waiting(ctx, func(context.Context) string { return what })
		found, err := a.Examine(ctx, s.Name, person)
		done()
		if err != nil {
			return exams, err
		}
		exams = append(exams, found...)
	}
	return exams, nil
}

// sitesOf is the site of that name, or all.
func sitesOf(cfg *config.Config, name string) []detect.Site {
	if s, ok := cfg.Site(name); ok {
		return []detect.Site{s}
	}
	return cfg.Sites
}

// known is one clear sentence for a misspelt site.
func known(cfg *config.Config, site string) error {
	if site == "" {
		return nil
	}
	if _, ok := cfg.Site(site); ok {
		return nil
	}
	var names []string
	for _, s := range cfg.Sites {
		names = append(names, s.Name)
	}
	return usage(fmt.Errorf("cannot find site %q in %q: it has %q", site, cfg.Path, names))
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
