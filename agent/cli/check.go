package cli

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"github.com/gatemend/gatemend/agent/config"
)

// checkTime bounds all questions of `check` to the machine.
const checkTime = 20 * time.Second

func checkVerb(o *options) *cobra.Command {
	c := verb("check", "validate the configuration: every problem at once", none, func(c *cobra.Command, _ []string) error {
		return o.check(c.Context())
	})
	c.Long = `check reads the configuration and compares it with this machine. Every problem
is shown at once, with its line and what to write instead. A socket that is
missing is a problem for a site that was never seen healthy; for one that was,
it may be the outage itself, and is a note. A channel to you that cannot work
is no reason not to start, but something to do. It exits with 2 when the agent
would not start with this configuration, and with 3 for a channel.`
	return c
}

// checked is what check found, as JSON.
type checked struct {
	Path     string          `json:"path"`
	Sites    int             `json:"sites"`
	Problems config.Problems `json:"problems"` // with these the agent does not start
	Outages  config.Problems `json:"outages"`  // what may be wrong now with a site that was healthy once
	Notes    []string        `json:"notes"`    // what the agent will not see, or cannot do
}

func (o *options) check(ctx context.Context) error {
	cfg, err := o.load()
	if err != nil && !errors.Is(err, fs.ErrPermission) { // what others may read they may check, as far as it goes
		return o.problems(err)
	}
	if err := needRoot("check"); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, checkTime)
	defer cancel()
	w, err := o.world(ctx, cfg)
	if err != nil {
		return err
	}
	defer w.close()
	found, err := config.Check(ctx, cfg, w)
	if err != nil {
		return err
	}
	c := checked{Path: cfg.Path, Sites: len(cfg.Sites), Problems: nonNil(w.fatal(cfg, found)), Outages: nonNil(w.outages(cfg, found))}
	conf, unread := nginxConf(ctx, w.looker)
	if unread == nil {
		c.Notes = append(unserved(cfg.Sites, conf), inWords(silenced(cfg.Sites, conf))...)
	}
	c.Notes = append(nonNil(c.Notes), w.beyondReach(ctx)...)
	c.Notes = append(append(c.Notes, overheard(cfg.Notify)...), w.closed()...)
	if unread != nil {
		c.Notes = append(c.Notes, unread.Error())
	}
	return o.reportCheck(cfg, c)
}

func (o *options) reportCheck(cfg *config.Config, c checked) error {
	if o.json {
		if err := o.printJSON(c); err != nil {
			return err
		}
		return ended(c.code())
	}
	for _, p := range append(c.Problems, c.Outages...) {
		fmt.Fprintln(o.errOut, p.Shown())
	}
	for _, n := range c.Notes {
		fmt.Fprintf(o.errOut, "note: %s\n", safe(n))
	}
	if n := len(c.Problems); n > 0 {
		fmt.Fprintf(o.errOut, "gatemend: %s: the agent does not start with it\n", several(n, "problem"))
		return ended(Usage)
	}
	fmt.Fprintf(o.out, "%s is valid: %s, mode %s\n", cfg.Path, several(c.Sites, "site"), cfg.Policy.Mode)
	return ended(c.code())
}

func (c checked) code() int {
	if len(c.Problems) > 0 {
		return Usage
	}
	if slices.ContainsFunc(c.Outages, func(p config.Problem) bool { return p.Telling }) {
		return NotWell
	}
	return Healthy
}

// fatal and outages part what Check finds: what was once healthy as it is configured now is
// not misspelt, whatever is missing.
func (w *world) fatal(cfg *config.Config, found config.Problems) config.Problems {
	return found.Fatal(func(site string) bool { return w.healthyOnce(cfg, site) })
}

func (w *world) outages(cfg *config.Config, found config.Problems) config.Problems {
	return found.Tolerated(func(site string) bool { return w.healthyOnce(cfg, site) })
}

// healthyOnce tells of a site whose every route was proven healthy as it is configured.
func (w *world) healthyOnce(cfg *config.Config, name string) bool {
	site, ok := cfg.Site(name)
	if !ok {
		return false
	}
	for _, r := range site.Routes {
		if b, err := w.baselines.Get(site.Name, r.Path); err != nil || b == nil || b.Config != config.SiteFingerprint(site) {
			return false
		}
	}
	return true
}

// load reads the configuration; whatever is wrong with it is the caller's: exit code 2.
func (o *options) load() (*config.Config, error) {
	cfg, err := config.Load(o.config)
	if ps, ok := errors.AsType[config.Problems](err); ok {
		err = fmt.Errorf("%w\ngatemend: %s: the agent does not start with it", err, several(len(ps), "problem"))
	}
	if err != nil {
		return nil, usage(err)
	}
	return cfg, nil
}

// problems prints a configuration's problems as JSON where asked.
func (o *options) problems(err error) error {
	ps, ok := errors.AsType[config.Problems](err)
	if !ok || !o.json {
		return err
	}
	return o.ending(Usage, o.printJSON(checked{Path: o.config, Problems: ps, Outages: config.Problems{}, Notes: []string{}}))
}

func nonNil[T ~[]E, E any](l T) T {
	if l == nil {
		return T{}
	}
	return l
}
