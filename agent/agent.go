package agent

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"

	"github.com/gatemend/gatemend/detect"
	"github.com/gatemend/gatemend/detect/pulse"
	"github.com/gatemend/gatemend/policy"
)

// Options is everything the agent is made of. Every field is needed unless it says otherwise.
type Options struct {
	Host     string // as messages name this machine
	Sites    []detect.Site
	Settings policy.Settings
	Remind   []detect.Span // reminders while an incident is open; the last one repeats
	Silent   []Silence     // sources that the host switches off; may be empty

	Diagnose    func(detect.Facts) detect.Diagnosis    // pure
	Decide      func(policy.Case) policy.Decision      // pure
	Fingerprint func(detect.Site) string               // of a site's configuration, pure
	Boot        func() (id string, uptime detect.Span) // this boot, suspended time included

	Sensors   []Sensor
	Prober    Prober
	Collector Collector
	Executor  Executor
	Rehearsal Executor // the same code over recording effects: mode dry-run
	Verifier  Verifier
	Recorder  Recorder
	Past      Past
	Baselines Baselines
	Notifier  Notifier
	Watcher   Watcher
	Plans     Plans
	Holds     func(context.Context) []policy.Hold // as they stand now: read afresh
	Log       *slog.Logger                        // nil: silent
}

// Silence is a source that the host's configuration switches off, and what that costs.
type Silence struct {
	Site   string         `json:"site"`
	Sensor string         `json:"sensor"`
	Why    string         `json:"why"` // access_log off; error_log goes to syslog …
	Costs  []detect.Cause `json:"costs,omitempty"`
}

// Agent keeps every route of every site. Make one with [New]; [Agent.Run] runs it once.
type Agent struct {
	Options
	keepers []*keeper
	turns   *turns
	sick    *sickList
	senses  *senses
	book    *holdBook
}

// New checks the options and makes the agent; nothing runs yet.
func New(o Options) (*Agent, error) {
	if err := o.validate(); err != nil {
		return nil, err
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	a := &Agent{Options: o, turns: newTurns(o.Settings.Limits.Parallel), sick: newSickList(), senses: newSenses(), book: newHoldBook()}
	for _, s := range o.Sites {
		for _, r := range s.Routes {
			a.keepers = append(a.keepers, newKeeper(a, s, r))
		}
	}
	return a, nil
}

func (o *Options) validate() error {
	var errs []error
	need := func(ok bool, what string) {
		if !ok {
			errs = append(errs, fmt.Errorf("cannot make the agent: %s is missing", what))
		}
	}
	need(o.Diagnose != nil, "Diagnose")
	need(o.Decide != nil, "Decide")
	need(o.Fingerprint != nil, "Fingerprint")
	need(o.Boot != nil, "Boot")
	need(o.Prober != nil, "Prober")
	need(o.Collector != nil, "Collector")
	need(o.Executor != nil, "Executor")
	need(o.Rehearsal != nil, "Rehearsal")
	need(o.Verifier != nil, "Verifier")
	need(o.Recorder != nil, "Recorder")
	need(o.Past != nil, "Past")
	need(o.Baselines != nil, "Baselines")
	need(o.Notifier != nil, "Notifier")
	need(o.Watcher != nil, "Watcher")
	need(o.Plans != nil, "Plans")
	need(o.Holds != nil, "Holds")
	for _, s := range o.Sites {
		need(s.Probe.Every >= detect.Span(5_000_000), "a probe interval of at least 5s for site "+s.Name)
	}
	return errors.Join(errs...)
}

// Run watches until ctx ends; all goroutines have ended when it returns.
func (a *Agent) Run(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	a.record(ctx, RecordStart, "", "", "", Started{At: now(), Mode: a.Settings.Mode, Silent: a.Silent, Holds: a.standing(ctx)})
	a.tellSilent(ctx)
	var wg sync.WaitGroup
	triggers := make(chan detect.Trigger, 64)
	for _, s := range a.Sensors {
		wg.Go(func() { a.supervise(ctx, s, triggers) })
	}
	for _, k := range a.keepers {
		k.pulse.Join(ctx)
		wg.Go(func() { k.run(ctx) })
	}
	wg.Go(func() { a.route(ctx, triggers) })
	wg.Go(func() { a.keepHolds(ctx) })
	wg.Wait()
	return ctx.Err()
}

// route hands triggers to the keepers of their site; one that names no site, or tells of a
// loss, is a reason for all.
func (a *Agent) route(ctx context.Context, in <-chan detect.Trigger) {
	beat := pulse.Begin(ctx, "the router of triggers")
	defer beat.End()
	for {
		select {
		case <-ctx.Done():
			return
		case answered := <-beat.Ping():
			close(answered)
		case t := <-in:
			if t.Sensor == detect.SensorHold { // a reason to read the holds, not to look at a site
				a.book.ring()
				continue
			}
			for _, k := range a.keepers {
				if t.Site == "" || t.Lost || t.Site == k.site.Name {
					k.mail.put(t)
				}
			}
		}
	}
}

// Served tells that a real client's request was answered below 500 at that time: it stands
// for a probe. Route "" means that the log cannot tell which. Any goroutine may call it.
func (a *Agent) Served(site, route string, at detect.Time) {
	for _, k := range a.keepers {
		if k.site.Name == site && (route == k.route.Path || route == "" && len(k.site.Routes) == 1) {
			k.served.Store(int64(at))
		}
	}
}
