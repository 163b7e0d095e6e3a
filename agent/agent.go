package agent

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"sync/atomic"

	"github.com/gatemend/gatemend/detect"
	"github.com/gatemend/gatemend/detect/pulse"
	"github.com/gatemend/gatemend/policy"
)

// Options is everything the agent is made of. Every field is needed unless it says otherwise.
type Options struct {
	Ports
	Setup
}

// Ports are what the agent stands on for its whole life.
type Ports struct {
	Host string // as messages name this machine

	Diagnose    func(detect.Facts) detect.Diagnosis    // pure
	Decide      func(policy.Case) policy.Decision      // pure
	Fingerprint func(detect.Site) string               // of a site's configuration, pure
	Boot        func() (id string, uptime detect.Span) // this boot, suspended time included

	Prober    Prober
	Collector Collector
	Executor  Executor
	Rehearsal Executor // the same code over recording effects: mode dry-run
	Recorder  Recorder
	Past      Past
	Baselines Baselines
	Notifier  Notifier
	Watcher   Watcher
	Plans     Plans
	Holds     func(context.Context) []policy.Hold // as they stand now: read afresh
	Log       *slog.Logger                        // nil: silent
}

// Agent keeps every route of every site. Make one with [New]; [Agent.Run] runs it once.
type Agent struct {
	Ports
	setup   atomic.Pointer[Setup] // the present one
	turns   *turns
	sick    *sickList
	senses  *senses
	book    *holdBook
	changes chan change

	mu      sync.Mutex
	keepers []*keeper // in the order of the configuration
	refused []string  // what is wrong with a configuration that a person was told of
}

// New checks the options and makes the agent; nothing runs yet.
func New(o Options) (*Agent, error) {
	if err := errors.Join(o.Ports.validate(), o.Setup.validate()); err != nil {
		return nil, err
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	a := &Agent{
		Ports: o.Ports, turns: newTurns(o.Settings.Limits.Parallel), sick: newSickList(), senses: newSenses(), book: newHoldBook(),
		changes: make(chan change),
	}
	a.setup.Store(&o.Setup)
	places, all := o.assignments()
	for _, p := range places {
		a.keepers = append(a.keepers, newKeeper(a, *all[p]))
	}
	return a, nil
}

func (o *Ports) validate() error {
	var errs []error
	need := func(ok bool, what string) {
		if !ok {
			errs = append(errs, missing(what))
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
	need(o.Recorder != nil, "Recorder")
	need(o.Past != nil, "Past")
	need(o.Baselines != nil, "Baselines")
	need(o.Notifier != nil, "Notifier")
	need(o.Watcher != nil, "Watcher")
	need(o.Plans != nil, "Plans")
	need(o.Holds != nil, "Holds")
	return errors.Join(errs...)
}

// Run watches until ctx ends; all goroutines have ended when it returns.
func (a *Agent) Run(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	s := a.setup.Load()
	a.record(ctx, RecordStart, "", "", "", Started{At: now(), Mode: s.Settings.Mode, Silent: s.Silent, Holds: a.standing(ctx)})
	a.tellSilent(ctx, s.Silent)
	c := &crew{Agent: a, triggers: make(chan detect.Trigger, 64), sensing: map[Sensor]sensing{}}
	for _, k := range a.all() {
		c.keep(ctx, k)
	}
	for _, sensor := range s.Sensors {
		c.sense(ctx, sensor)
	}
	c.Go(func() { a.route(ctx, c.triggers) })
	c.Go(func() { a.keepHolds(ctx) })
	c.Go(func() { a.keepClock(ctx) })
	c.steer(ctx)
	c.Wait()
	a.record(ctx, RecordStop, "", "", "", Stopped{now()})
	return ctx.Err()
}

// all are the keepers of the present configuration.
func (a *Agent) all() []*keeper {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.keepers // replaced, never changed
}

// keepersOf are those of one site.
func (a *Agent) keepersOf(site string) (l []*keeper) {
	for _, k := range a.all() {
		if k.place.site == site {
			l = append(l, k)
		}
	}
	return l
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
			for _, k := range a.all() {
				if t.Site == "" || t.Lost || t.Site == k.place.site {
					k.mail.put(t)
				}
			}
		}
	}
}

// Served tells that a real client's request was answered below 500 at that time: it stands
// for a probe. Route "" means that the log cannot tell which. Any goroutine may call it.
func (a *Agent) Served(site, route string, at detect.Time) {
	l := a.keepersOf(site)
	for _, k := range l {
		if route == k.place.route || route == "" && len(l) == 1 {
			k.served.Store(int64(at))
		}
	}
}
