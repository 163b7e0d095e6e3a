package agent

import (
	"context"
	"errors"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gatemend/gatemend/detect"
	"github.com/gatemend/gatemend/detect/pulse"
	"github.com/gatemend/gatemend/policy"
)

// options wires a world to an agent that acts.
func (w *world) options() Options {
	o := Options{
		Setup: Setup{
			Settings: policy.Defaults(), Verifier: w,
			Remind: []detect.Span{detect.For(15 * time.Minute), detect.For(time.Hour), detect.For(4 * time.Hour), detect.For(24 * time.Hour)},
		},
		Ports: Ports{
			Host: "box", Diagnose: diagnose, Decide: policy.Decide, Fingerprint: func(detect.Site) string { return "c1" },
			Boot:   func() (string, detect.Span) { return "b", detect.Span(now()) },
			Prober: w, Collector: w, Executor: w, Rehearsal: rehearsal{w}, Recorder: w, Past: w, Baselines: w, Notifier: w, Watcher: w, Plans: w,
			Holds: func(context.Context) []policy.Hold {
				w.mu.Lock()
				defer w.mu.Unlock()
				return slices.Clone(w.holds)
			},
		},
	}
	o.Settings.Mode = policy.ModeAct
	var names []string
	for s := range w.sites {
		names = append(names, s)
	}
	slices.Sort(names)
	for _, s := range names {
		o.Sites = append(o.Sites, site(s))
	}
	return o
}

func site(name string) detect.Site {
	return detect.Site{
		Name: name, Server: name + ".example.com",
		Probe:  detect.ProbeSpec{Path: "/", Every: 30_000_000, Timeout: 10_000_000, Public: "auto"},
		Routes: []detect.Route{{Path: "/", Target: detect.Unix("/run/" + name + "/" + name + ".sock"), Unit: name + ".service", Manage: detect.ManageAct}},
	}
}

// running is an agent under test with the means to trigger it.
type running struct {
	*Agent
	beat *pulse.Group
	out  chan<- detect.Trigger
	stop func()
}

// sensorFunc is a sensor by a function.
type sensorFunc struct {
	name string
	run  func(context.Context, chan<- detect.Trigger) error
}

func (s sensorFunc) Name() string { return s.name }
func (s sensorFunc) Run(ctx context.Context, out chan<- detect.Trigger) error {
	return s.run(ctx, out)
}

// start runs the agent, and lets it look at everything once.
func start(t *testing.T, o Options) *running {
	t.Helper()
	in := make(chan detect.Trigger)
	o.Sensors = append(o.Sensors, &sensorFunc{detect.SensorUnit, func(ctx context.Context, out chan<- detect.Trigger) error {
		for {
			select {
			case <-ctx.Done():
				return nil
			case tr := <-in:
				out <- tr
			}
		}
	}})
	a, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	beat := &pulse.Group{}
	ctx, cancel := context.WithCancel(pulse.With(t.Context(), beat))
	done := make(chan error, 1)
	go func() { done <- a.Run(ctx) }()
	r := &running{Agent: a, beat: beat, out: in, stop: func() {
		cancel()
		if err := <-done; !errors.Is(err, context.Canceled) {
			t.Errorf("run ended with %v", err)
		}
	}}
	pass(30 * time.Second)
	return r
}

func (r *running) trigger(site, sensor string) {
	r.out <- detect.Trigger{At: now(), Site: site, Sensor: sensor, Why: "test"}
}

// pass lets time pass, until every goroutine waits again.
func pass(d time.Duration) {
	time.Sleep(d)
	synctest.Wait()
}

func (w *world) requests() int { w.mu.Lock(); defer w.mu.Unlock(); return w.probes }
func (w *world) looks() int    { w.mu.Lock(); defer w.mu.Unlock(); return w.collects }
