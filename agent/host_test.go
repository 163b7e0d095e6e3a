package agent

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gatemend/gatemend/agent/audit"
	"github.com/gatemend/gatemend/detect"
	"github.com/gatemend/gatemend/policy"
)

// host is a world that outlives agents: they are restarted, killed, the machine reboots, sleeps, and
// has its clock set. What the agents know of their past they read from a real audit log.
type host struct {
	*world
	*rules
	clock  setClock
	dir    string // of the log
	log    *audit.Log
	boot   string
	booted time.Time // by truth
	dead   atomic.Bool
	mode   policy.Mode
	r      *running
	up     time.Time // since when it runs
}

// truth is a clock that nobody sets and that goes on while the machine sleeps.
func (h *host) truth() time.Time { return time.Now().Add(h.clock.slept()) }

func newHost(t *testing.T, sites ...string) *host {
	h := &host{world: newWorld(t, sites...), boot: "boot-1", booted: time.Now().Add(-time.Hour), mode: policy.ModeAct}
	h.rules = newRules(h)
	var err error
	if h.dir, err = os.MkdirTemp("/dev/shm", "gatemend-"); err != nil {
		h.dir = t.TempDir()
	}
	t.Cleanup(func() { wall = time.Now; _ = os.RemoveAll(h.dir) })
	wall = func() time.Time { return h.truth().Add(time.Duration(h.clock.by.Load())) }
	for name, b := range h.stored {
		b.At = detect.At(h.truth())
		h.stored[name] = b
	}
	h.start()
	return h
}

// clocks are this boot and the time since.
func (h *host) clocks() (string, detect.Span) { return h.boot, detect.For(h.truth().Sub(h.booted)) }

func (h *host) start() {
	var err error
	h.log, err = audit.Open(h.dir, audit.Options{Journal: filepath.Join(h.dir, "none"), Boot: h.clocks, Now: now})
	if err != nil {
		h.t.Fatal(err)
	}
	h.dead.Store(false)
	o := h.options()
	o.Boot, o.Settings.Mode = h.clocks, h.mode
	o.Recorder, o.Past, o.Executor, o.Rehearsal, o.Notifier, o.Collector, o.Baselines = h, h, h, dryHost{h}, h, h, h
	o.Decide = h.decide
	h.r, h.up = start(h.t, o), time.Now()
}

// stop ends the agent; killed it can do nothing more from this moment on.
func (h *host) stop(killed bool) {
	h.dead.Store(killed)
	h.r.stop()
	if err := h.log.Close(); err != nil {
		h.t.Fatal(err)
	}
}

func (h *host) reboot(killed bool, took time.Duration) {
	h.stop(killed)
	time.Sleep(took)
	h.boot, h.booted = h.boot+"'", h.truth()
	h.mu.Lock()
	for name, s := range h.sites {
		if s.down && (s.helps == nil || len(s.helps) > 0) {
			s.mend(name)
			h.wentUp(name)
		}
		s.starts = detect.At(h.truth())
	}
	h.mu.Unlock()
	h.start()
}

var errDead = errors.New("killed")

// Append is Recorder: a real log.
func (h *host) Append(ctx context.Context, kind, incident, site, route string, data any) (int64, error) {
	if h.dead.Load() {
		return 0, errDead
	}
	switch d := data.(type) {
	case Judgement:
		h.judged(d)
	case Incident:
		h.recorded(d)
	}
	if kind == RecordFault {
		h.fault("fault recorded: %v", data)
	}
	return audit.Recorder{Log: h.log}.Append(ctx, kind, incident, site, route, data)
}

// History is Recorder.
func (h *host) History(ctx context.Context) ([]policy.Entry, error) {
	return audit.Recorder{Log: h.log}.History(ctx)
}

// Latest is Past.
func (h *host) Latest(site, route string) (*Incident, detect.Time) {
	r, moved, ok := h.log.Latest(site, route)
	var i Incident
	if !ok || json.Unmarshal(r.Data, &i) != nil || i.ID == "" {
		return nil, 0
	}
	i.Move(moved)
	return &i, r.At.Add(moved)
}

// Happened is Past.
func (h *host) Happened(_ context.Context, seq int64, _ detect.Facts) (bool, string) {
	done := h.took(seq)
	return done, fmt.Sprintf("took place: %v", done)
}

// Send is Notifier.
func (h *host) Send(ctx context.Context, m Message) error {
	if h.dead.Load() {
		return errDead
	}
	if err := h.world.Send(ctx, m); err != nil {
		return err
	}
	h.heard(m)
	return nil
}

// Get is Baselines: dated by the clock as it is set now, as the real ones are.
func (h *host) Get(s detect.Site, r detect.Route) (*detect.Baseline, error) {
	b, err := h.world.Get(s, r)
	if b != nil {
		dated := *b
		dated.At = now().Add(b.At.Sub(detect.At(h.truth())))
		b = &dated
	}
	return b, err
}

// Put is Baselines: the store keeps them by truth.
func (h *host) Put(v Healthy) error {
	err := h.world.Put(v)
	h.mu.Lock()
	defer h.mu.Unlock()
	h.stored[v.Site().Name].At = detect.At(h.truth())
	return err
}

// Collect dates a unit as detect/unit does: by the clock as it is set now. The baseline is read each time.
func (h *host) Collect(ctx context.Context, s detect.Site, r detect.Route, deep bool, since detect.Time) detect.Facts {
	f := h.world.Collect(ctx, s, r, deep, since)
	f.Baseline, _ = h.Get(s, r) // a world's store never fails
	h.mu.Lock()
	defer h.mu.Unlock()
	if f.Unit != nil && h.sites[s.Name].starts != 0 {
		u := *f.Unit
		u.InactiveExit = now().Add(h.sites[s.Name].starts.Sub(detect.At(h.truth())))
		f.Unit = &u
	}
	return f
}

// Execute is Executor: the intent is in the log before the effect.
func (h *host) Execute(ctx context.Context, c policy.Case, d policy.Decision) (Report, error) {
	h.mayAct(c, d)
	return h.carryOut(ctx, c, d, false)
}

type dryHost struct{ *host }

func (h dryHost) Execute(ctx context.Context, c policy.Case, d policy.Decision) (Report, error) {
	return h.carryOut(ctx, c, d, true)
}

func (h *host) carryOut(ctx context.Context, c policy.Case, d policy.Decision, dry bool) (Report, error) {
	site, a := c.Facts.Site, d.Action
	seq, err := h.Append(ctx, "intent", c.Incident.ID, site, "/", map[string]any{
		"dry": dry, "action": a, "case": map[string]any{"incident": map[string]any{"id": c.Incident.ID, "mended": c.Incident.Mended}},
	})
	if err != nil {
		return Report{}, err
	}
	r := Report{Seq: seq, Verb: a.Verb, Unit: a.Unit, Started: now(), Would: dry}
	if dry {
		r.Ended = now()
		_, err = h.Append(ctx, "result", c.Incident.ID, site, "/", map[string]any{"seq": seq, "outcome": policy.Would})
		return r, err
	}
	h.did(seq, site, a.Verb, c.Incident.Mended)
	select {
	case <-time.After(150 * time.Millisecond):
	case <-ctx.Done():
		if seq%2 == 0 { // killed before its effect, or after it
			return r, ctx.Err()
		}
	}
	h.effect(seq, site, a.Verb)
	r.Ended = now()
	_, err = h.Append(ctx, "result", c.Incident.ID, site, "/", map[string]any{"seq": seq})
	return r, err
}

// effect restarts the unit, which helps or does not.
func (h *host) effect(seq int64, site string, v policy.Verb) {
	h.tookPlace(seq)
	h.set(site, func(s *siteState) {
		if s.helps == nil || slices.Contains(s.helps, v) {
			s.mend(site)
			h.wentUp(site)
		}
		s.starts = detect.At(h.truth())
	})
}

func (h *host) decide(c policy.Case) policy.Decision {
	d := policy.Decide(c)
	h.explained(c, d)
	return d
}
