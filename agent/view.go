package agent

import (
	"context"
	"runtime"
	"slices"
	"strings"

	"github.com/gatemend/gatemend/detect"
	"github.com/gatemend/gatemend/policy"
)

// Snapshot is what the running agent sees now: `gatemend status --json`.
type Snapshot struct {
	At      detect.Time   `json:"at"`
	Host    string        `json:"host"`
	Mode    policy.Mode   `json:"mode"`
	Routes  []View        `json:"routes"`
	Sensors []SensorView  `json:"sensors"`
	Silent  []Silence     `json:"silent,omitempty"`
	Holds   []policy.Hold `json:"holds,omitempty"`
	Budget  []Budget      `json:"budget,omitempty"`
	Faults  []string      `json:"faults,omitempty"` // what could not be read for this snapshot
	Running int           `json:"goroutines"`       // of this process: they must not grow
}

// View is one route as its keeper last published it.
type View struct {
	Site     string        `json:"site"`
	Route    string        `json:"route"`
	Server   string        `json:"server"`
	Target   string        `json:"target"`
	Unit     string        `json:"unit,omitempty"`
	Manage   detect.Manage `json:"manage"`
	State    State         `json:"state"`
	Waits    string        `json:"waits,omitempty"`    // why a suspicion is no incident yet
	LastOK   detect.Time   `json:"last_ok,omitempty"`  // the last answer known to be good
	Baseline detect.Time   `json:"baseline,omitempty"` // when last verified healthy
	Incident *Incident     `json:"incident,omitempty"` // open now
	Last     *Incident     `json:"last,omitempty"`     // the last one that was closed
}

// Budget is what is left of a site's restarts.
type Budget struct {
	Site string      `json:"site"` // "" is the host
	Left int         `json:"left"`
	Of   int         `json:"of"`
	Per  detect.Span `json:"per"`
}

// publish puts out what status shows of this route.
func (k *keeper) publish() {
	v := View{
		Site: k.site.Name, Route: k.route.Path, Server: k.site.Server, Target: k.route.Target.String(),
		Unit: k.route.Unit, Manage: k.route.Manage, State: k.inc.State, LastOK: k.lastOK,
	}
	if k.baseline != nil {
		v.Baseline = k.baseline.At
	}
	if k.inc.State == Suspected && k.inc.Decision != nil {
		v.Waits = k.inc.Decision.Why
	}
	if k.inc.ID != "" {
		inc := k.inc.clone()
		v.Incident = &inc
	}
	if k.last.ID != "" {
		last := k.last.clone()
		v.Last = &last
	}
	k.mu.Lock()
	k.view = v
	k.mu.Unlock()
}

// clone keeps a published incident from changing under its readers.
func (i Incident) clone() Incident {
	i.Tried, i.Actions = slices.Clone(i.Tried), slices.Clone(i.Actions)
	return i
}

// Snapshot may be called from any goroutine.
func (a *Agent) Snapshot(ctx context.Context) Snapshot {
	setup := a.setup.Load()
	s := Snapshot{Running: runtime.NumGoroutine(), At: now(), Host: a.Host, Mode: setup.Settings.Mode, Silent: setup.Silent, Holds: a.Holds(ctx)}
	for _, k := range a.all() {
		k.mu.Lock()
		s.Routes = append(s.Routes, k.view)
		k.mu.Unlock()
	}
	a.senses.mu.Lock()
	for _, v := range a.senses.all {
		s.Sensors = append(s.Sensors, v)
	}
	a.senses.mu.Unlock()
	slices.SortFunc(s.Sensors, func(x, y SensorView) int { return strings.Compare(x.Name, y.Name) })
	history, err := a.Recorder.History(ctx)
	if err != nil {
		s.Faults = append(s.Faults, err.Error())
		return s
	}
	s.Budget = setup.budget(a.pastOf(setup, history))
	return s
}

// pastOf is a case that holds what limits read, and no more.
func (a *Agent) pastOf(s *Setup, history []policy.Entry) policy.Case {
	c := policy.Case{Now: now(), History: history, Settings: s.Settings}
	c.Boot, c.Uptime = a.Boot()
	return c
}

// budget is what policy leaves each site and the host.
func (s *Setup) budget(c policy.Case) []Budget {
	left := func(site string, r policy.Rate) Budget { return Budget{site, policy.Left(c, site), r.N, r.Per} }
	l := []Budget{left("", s.Settings.Limits.RestartsPerHost)}
	for _, site := range s.Sites {
		l = append(l, left(site.Name, s.Settings.Limits.RestartsPerSite))
	}
	return l
}
