package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"time"

	"github.com/spf13/cobra"

	"github.com/gatemend/gatemend/agent"
	"github.com/gatemend/gatemend/agent/audit"
	"github.com/gatemend/gatemend/agent/baseline"
	"github.com/gatemend/gatemend/agent/config"
	"github.com/gatemend/gatemend/agent/status"
	"github.com/gatemend/gatemend/detect/watch"
)

func healVerb(o *options) *cobra.Command {
	c := verb("heal [SITE]", "diagnose, act, verify and report: a person asks", atMostOne,
		func(c *cobra.Command, args []string) error { return o.heal(c.Context(), only(args)) })
	c.Long = `heal does now what the agent would do, for a person who asks: grace, cool-down, mode and a
person's stop do not hold it back. Others' holds, masks, a failing nginx -t and systemd's start
limit do. A running agent does it; without one, heal takes the agent's lock and does it itself.`
	return c
}

func (o *options) heal(ctx context.Context, site string) error {
	if err := needRoot("heal"); err != nil {
		return err
	}
	cfg, err := o.load()
	if err != nil {
		return err
	}
	if err := known(cfg, site); err != nil {
		return err
	}
	fmt.Fprintln(o.errOut, "gatemend: looking, acting and proving; this takes as long as the site needs to start, and the hold time of the proof")
	var results []agent.Result
	err = status.Ask(ctx, o.socket(), status.Request{Verb: status.Heal, Site: site}, &results)
	if errors.Is(err, status.ErrNoAgent) {
		results, err = o.healAlone(ctx, cfg, site)
	}
	if err != nil {
		return err
	}
	return o.reportHeal(results)
}

// healAlone is heal without a running agent: the same loop, walked once, under the agent's lock.
func (o *options) healAlone(ctx context.Context, cfg *config.Config, site string) ([]agent.Result, error) {
	log, err := audit.Open(auditDir(o.state), audit.Options{Window: windowOf(cfg.Policy)})
	if err != nil {
		return nil, err
	}
	defer log.Close()
	w, err := o.world(ctx, cfg)
	if err != nil {
		return nil, err
	}
	defer w.close()
	store, err := baseline.Open(baselineDir(o.state))
	if err != nil {
		return nil, err
	}
	tell, err := notifierOf(cfg, o.state, nil)
	if err != nil {
		return nil, err
	}
	a, err := w.build(parts{
		recorder: audit.Recorder{Log: log, Window: windowOf(cfg.Policy)}, log: log, notifier: tellers{tell},
		store: store, watcher: fixes{watch.New()}, logger: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		return nil, err
	}
	results, err := a.Once(ctx, site, person())
	_, flushErr := tell.Flush(ctx)
	if flushErr != nil {
		fmt.Fprintf(o.errOut, "gatemend: %v\n", flushErr)
	}
	return results, err
}

// person is who asks, as sudo says it: for the record.
func person() string {
	if u := os.Getenv("SUDO_USER"); u != "" {
		return u
	}
	return fmt.Sprintf("uid %d", os.Getuid())
}

func (o *options) reportHeal(results []agent.Result) error {
	code := Healthy
	for _, r := range results {
		code = max(code, healed(r))
	}
	if o.json {
		if err := o.printJSON(results); err != nil {
			return err
		}
		return ended(code)
	}
	for _, r := range results {
		renderResultOf(o.out, painter(o.out), r)
	}
	return ended(code)
}

// healed is the exit code of one result. An idle route is well: healed, or nothing was wrong.
func healed(r agent.Result) int {
	switch r.State {
	case agent.Idle, agent.Recovered:
		return Healthy
	case agent.Escalated:
		return NeedsHand
	}
	return NotWell
}

func renderResultOf(w io.Writer, p paint, r agent.Result) {
	i := &r.Incident
	fmt.Fprintf(w, "%s%s  ", p.bold(r.Site), safe(r.Route))
	switch {
	case r.State == agent.Idle && i.State == agent.Recovered:
		fmt.Fprintf(w, "%s: %s; clients were without it for %s\n", p.green("healed"), i.Cause(), i.Outage(i.Recovered).Duration().Round(time.Millisecond))
	case r.State == agent.Idle:
		fmt.Fprintf(w, "%s: nothing to do\n", p.green("healthy"))
	case r.Waits != "":
		fmt.Fprintf(w, "%s: %s\n", p.yellow("waiting"), safe(r.Waits))
	default:
		fmt.Fprintf(w, "%s: %s; %s\n", p.red(string(r.State)), i.Cause(), safe(decisionOf(i)))
	}
	for _, a := range i.Actions {
		for _, did := range a.Did {
			fmt.Fprintf(w, "    did     %s\n", safe(did))
		}
	}
	if i.Proof != nil {
		fmt.Fprintf(w, "    proof   %s: %s\n", i.Proof.Verdict, safe(i.Proof.Why))
	}
	if r.State == agent.Escalated {
		for _, a := range i.Diagnosis.Primary.Advice {
			fmt.Fprintf(w, "    advice  %s\n", safe(a))
		}
	}
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
