package cli

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/signal"
	"sync"
	"sync/atomic"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/gatemend/gatemend/agent"
	"github.com/gatemend/gatemend/agent/audit"
	"github.com/gatemend/gatemend/agent/baseline"
	"github.com/gatemend/gatemend/agent/config"
	"github.com/gatemend/gatemend/agent/notify"
	"github.com/gatemend/gatemend/agent/plans"
	"github.com/gatemend/gatemend/agent/status"
	"github.com/gatemend/gatemend/detect"
	"github.com/gatemend/gatemend/detect/nginxconf"
	"github.com/gatemend/gatemend/detect/proc"
	"github.com/gatemend/gatemend/detect/pulse"
	"github.com/gatemend/gatemend/detect/watch"
	"github.com/gatemend/gatemend/policy"
)

func runVerb(o *options) *cobra.Command {
	var dry bool
	var log string
	c := verb("run", "the agent: watch, and mend", none, func(c *cobra.Command, _ []string) error {
		logger, err := newLogger(o.errOut, log)
		if err != nil {
			return err
		}
		return o.runAgent(c.Context(), dry, logger)
	})
	c.Flags().BoolVar(&dry, "dry-run", false, "record and tell what would be done, and change nothing, whatever the configuration says")
	c.Flags().StringVar(&log, "log", "auto", "`how` to log: auto (pretty on a terminal, else json), pretty or json")
	return c
}

// runAgent starts everything or nothing, and returns when ctx ended and everything has.
func (o *options) runAgent(ctx context.Context, dry bool, logger *slog.Logger) error {
	if err := needHelper("run"); err != nil {
		return err
	}
	asked := make(chan os.Signal, 1)
	signal.Notify(asked, syscall.SIGHUP) // from now on: it would end us
	defer signal.Stop(asked)
	load := func() (*config.Config, error) {
		cfg, err := o.load()
		if dry && err == nil {
			cfg.Policy.Mode = policy.ModeDryRun
		}
		return cfg, err
	}
	cfg, err := load()
	if err != nil {
		return err
	}
	if err := o.become(o.run); err != nil {
		return err
	}
	d, err := o.daemon(ctx, cfg, logger)
	if err != nil {
		return err
	}
	d.asked, d.load, d.state = asked, load, o.state
	return errors.Join(d.run(ctx), d.close())
}

// daemon is the running agent with everything around it.
type daemon struct {
	*world
	agent   *agent.Agent
	record  *audit.Log
	tell    *notify.Notifier
	watcher *watch.Watcher
	control *status.Server
	pulses  pulse.Group // of every stage: see keepAlive
	plans   plans.Dir
	logger  *slog.Logger

	asked  <-chan os.Signal               // to reload
	load   func() (*config.Config, error) // with the flags' say
	state  string                         // the state directory
	senses atomic.Pointer[senses]         // what senses now
	conf   *nginxconf.Conf                // nginx's, as last read; nil: never
	force  atomic.Pointer[inForce]        // which configuration is in force, for status
}

// daemon acquires what the agent needs, the lock first.
func (o *options) daemon(ctx context.Context, cfg *config.Config, logger *slog.Logger) (d *daemon, err error) {
	d = &daemon{logger: logger, watcher: watch.New(), plans: plans.At(plansDir(o.state))}
	defer func() {
		if err != nil {
			err = errors.Join(err, d.close())
		}
	}()
	if d.record, err = audit.Open(auditDir(o.state), auditOptions(ctx, cfg.Policy)); err != nil {
		return d, err
	}
	store, err := baseline.Open(baselineDir(o.state), proc.Clock)
	if err != nil {
		return d, err
	}
	if d.world, err = o.world(ctx, cfg); err != nil {
		return d, err
	}
	if err := d.checked(ctx, cfg); err != nil {
		return d, err
	}
	d.force.Store(&inForce{Path: cfg.Path, Hash: cfg.Hash(), Since: now()})
	if d.tell, err = notifierOf(cfg, o.state, logger); err != nil {
		return d, err
	}
	d.senses.Store(d.sense(ctx, cfg.Sites, nil))
	d.collector.Traffic = func(site string) *detect.Traffic { return d.senses.Load().log.Traffic(site) }
	d.collector.Lines = func(site string, since detect.Time) []detect.Line { return d.senses.Load().log.Lines(site, since) }
	d.agent, err = d.world.build(parts{
		recorder: audit.Recorder{Log: d.record}, log: d.record, dir: auditDir(o.state), notifier: tellers{d.tell}, store: store, plans: d.plans,
		senses: d.senses.Load(), watcher: fixes{d.watcher}, logger: logger,
	})
	if err != nil {
		return d, err
	}
	d.control, err = status.Listen(o.socket(), d.answer)
	return d, err
}

// checked refuses a configuration that names what does not exist. What may be the outage itself
// (a missing socket) is no reason to stay away from it.
func (d *daemon) checked(ctx context.Context, cfg *config.Config) error {
	found, err := config.Check(ctx, cfg, d.world)
	if err != nil {
		return err
	}
	if bad := d.fatal(cfg, found); len(bad) > 0 {
		return usage(bad)
	}
	return nil
}

// answer is what the control socket serves.
func (d *daemon) answer(ctx context.Context, r status.Request) (any, error) {
	switch r.Verb {
	case status.Status:
		return seen{d.agent.Snapshot(ctx), d.tell.Standing(), d.force.Load().now()}, nil
	case status.Resend:
		return d.tell.Resend(ctx), nil
	case status.Heal:
		return d.heal(ctx, r)
	case status.Approve:
		return d.approve(ctx, r)
	case status.Plan:
		return d.agent.Examine(ctx, r.Site, true)
	case status.Resume:
		d.agent.Lifting(r.By)
		return nil, nil
	}
	return nil, fmt.Errorf("cannot %q: this agent knows status, plan, heal, approve, resume and resend", r.Verb)
}

// heal does what a person asks for: whatever helps, or one plan.
func (d *daemon) heal(ctx context.Context, r status.Request) (any, error) {
	if r.Plan == "" {
		return d.agent.Heal(ctx, r.Site, r.By)
	}
	p, err := d.plans.Read(r.Plan, now())
	if err != nil {
		return nil, err
	}
	return d.agent.HealPlan(ctx, p.Case, r.By)
}

// approve gives a person's word to the incident that the plan is of.
func (d *daemon) approve(ctx context.Context, r status.Request) (any, error) {
	p, err := d.plans.Read(r.Plan, now())
	if err != nil {
		return nil, err
	}
	if r.For <= 0 || r.For > longestApproval {
		return nil, fmt.Errorf("cannot approve for %s: %s at most", r.For, longestApproval)
	}
	return d.agent.Approve(ctx, p.Case, r.By, r.For)
}

// run starts every part and waits for all of them. One that fails ends the others.
func (d *daemon) run(ctx context.Context) error {
	ctx, cancel := context.WithCancelCause(pulse.With(ctx, &d.pulses))
	defer cancel(nil)
	d.watched()
	if err := d.collector.Prime(ctx); err != nil {
		d.logger.Warn("cannot read nginx's configuration yet", "err", err)
	}
	var all sync.WaitGroup
	start := func(name string, run func(context.Context) error) {
		all.Go(func() {
			if err := run(ctx); err != nil && ctx.Err() == nil {
				cancel(fmt.Errorf("%s ended: %w", name, err))
			}
		})
	}
	start("the watcher of files", d.watcher.Run)
	start("the notifier", d.deliver)
	start("the control socket", d.control.Serve)
	start("the watchdog", d.keepAlive)
	start("the trimmer", stayLean)
	start("the agent", d.agent.Run)
	start("the reader of the configuration", d.reloads)
	d.logger.Info("watching", "sites", len(d.sites()), "mode", d.cfg.Load().Policy.Mode, "version", Version())
	all.Wait()
	if err := context.Cause(ctx); !errors.Is(err, context.Canceled) {
		return err
	}
	return nil
}

func (d *daemon) close() error {
	var errs []error
	if d.world != nil {
		d.world.close()
	}
	if d.record != nil {
		errs = append(errs, d.record.Close())
	}
	return errors.Join(errs...)
}
