package cli

import (
	"context"
	"log/slog"
	"os"
	"time"

	"github.com/gatemend/gatemend/agent"
	"github.com/gatemend/gatemend/agent/audit"
	"github.com/gatemend/gatemend/agent/baseline"
	"github.com/gatemend/gatemend/agent/config"
	"github.com/gatemend/gatemend/agent/plans"
	"github.com/gatemend/gatemend/detect"
	"github.com/gatemend/gatemend/detect/diagnose"
	"github.com/gatemend/gatemend/detect/proc"
	"github.com/gatemend/gatemend/detect/watch"
	"github.com/gatemend/gatemend/policy"
)

// parts is what an agent is built from besides the world: who records, who tells, who senses.
type parts struct {
	recorder agent.Recorder
	log      *audit.Log // nil: nothing can be executed
	dir      string     // of the log
	notifier agent.Notifier
	store    *baseline.Store
	plans    plans.Dir
	senses   *senses // nil: none
	watcher  agent.Watcher
	logger   *slog.Logger
}

// build makes the agent; every verb that looks and decides goes through it, so that diagnose,
// plan, heal and run cannot differ in what they find.
func (w *world) build(p parts) (*agent.Agent, error) {
	host, err := os.Hostname()
	if err != nil {
		host = "this host"
	}
	o := agent.Options{Setup: w.setup(w.cfg.Load(), p.senses), Ports: agent.Ports{
		Host: host, Diagnose: diagnose.Diagnose, Decide: policy.Decide, Fingerprint: config.SiteFingerprint, Boot: proc.Clock,
		Prober: w.collector, Collector: looks{w.collector},
		Recorder: p.recorder, Past: before{p.log, p.dir}, Baselines: baselines{p.store}, Notifier: p.notifier, Watcher: p.watcher, Plans: shelf{p.plans},
		Holds: w.held, Log: p.logger,
	}}
	o.Executor, o.Rehearsal = refusing{}, refusing{}
	if p.log != nil {
		if o.Executor, o.Rehearsal, err = w.executors(p.log); err != nil {
			return nil, err
		}
		o.Decide = (&bundles{log: p.log, logger: o.Log}).decide
	}
	return agent.New(o)
}

// setup is what the configuration says to the loop. Who senses nothing is told of no silence.
func (w *world) setup(cfg *config.Config, s *senses) agent.Setup {
	out := agent.Setup{Sites: cfg.Sites, Settings: cfg.Policy, Remind: cfg.Remind, Verifier: verifierOf(cfg, w)}
	if s != nil {
		out.Sensors, out.Silent = s.all(), s.silent
	}
	return out
}

// examiner is an agent that looks and decides and can do nothing else: for diagnose and plan.
// Its history is read from the files, so that it needs no lock.
func (o *options) examiner(w *world) (*agent.Agent, error) {
	return w.build(parts{
		recorder: reading{auditDir(o.state), w.cfg.Load().Policy}, notifier: silentNotifier{}, store: w.baselines, watcher: fixes{watch.New()},
	})
}

// refusing executes nothing: an agent without a record may not act (promise 2).
type refusing struct{}

func (refusing) Execute(context.Context, policy.Case, policy.Decision) (agent.Report, error) {
	return agent.Report{}, audit.ErrLocked
}

func (refusing) Deadline(policy.Case, policy.Decision) time.Duration { return time.Second }

type silentNotifier struct{}

func (silentNotifier) Send(context.Context, agent.Message) error { return nil }

// reading is a record that is only read: what diagnose and plan see of the past.
type reading struct {
	dir      string
	settings policy.Settings
}

func (reading) Append(context.Context, string, string, string, string, any) (int64, error) {
	return 0, nil
}

func (r reading) History(context.Context) ([]policy.Entry, error) {
	if _, err := os.Stat(r.dir); err != nil {
		return nil, nil // no agent ran here yet
	}
	return audit.History(r.dir, windowOf(r.settings))
}

// windowOf is the longest window that the settings' budgets look at.
func windowOf(s policy.Settings) detect.Span {
	const day = detect.Span(24 * 3600 * 1_000_000)
	return max(day, s.Limits.RestartsPerSite.Per, s.Limits.RestartsPerHost.Per, s.Limits.ReloadsNginx.Per, s.Recurrence)
}
