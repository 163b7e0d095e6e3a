package agent

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/gatemend/gatemend/detect"
	"github.com/gatemend/gatemend/policy"
)

// world is a small host behind all of the agent's ports: sites that break and are mended,
// with the policy that is used in earnest.
type world struct {
	t        *testing.T
	mu       sync.Mutex
	sites    map[string]*siteState
	entries  []policy.Entry
	records  []recorded
	messages []Message
	acts     []action
	wouldDo  int
	probes   int
	collects int
	confirms int
	outside  int
	holds    []policy.Hold
	plans    map[string]policy.Case
	stored   map[string]*detect.Baseline
	watched  []string
	changed  chan string
	noAudit  error // History and intents fail
	noNotify error

	unfinished map[string]Incident // what the agent before left open
	happened   bool                // and whether its intent took place

	beforeCollect func(site string)
	beforeVerify  func(site string)
}

// siteState is what is true of a site.
type siteState struct {
	down      bool
	hangs     bool         // down by not answering: each probe stays in gunicorn's queue
	cause     detect.Cause // why
	decisive  bool
	gone      bool // the reason is gone
	degraded  bool
	usurped   bool          // another program answers in place of the unit
	elsewhere bool          // it answers here, and not from outside
	idle      bool          // nginx sends clients to another colour, which answers
	helps     []policy.Verb // that bring it up; nil: every verb
	unit      detect.Unit
	starts    detect.Time
	stop      *detect.Stop
	lastErr   detect.Time // for clients
}

type recorded struct {
	at             time.Time
	kind, site, id string
	data           any
}

type action struct {
	at   time.Time
	site string
	verb policy.Verb
	c    policy.Case
}

func newWorld(t *testing.T, sites ...string) *world {
	w := &world{t: t, sites: map[string]*siteState{}, stored: map[string]*detect.Baseline{}, changed: make(chan string, 8)}
	for _, s := range sites {
		w.sites[s] = &siteState{unit: runningUnit(s)}
		w.stored[s] = &detect.Baseline{At: now(), Status: 200, Config: "c1"}
	}
	return w
}

func runningUnit(site string) detect.Unit {
	long := now() - detect.Time(3600_000_000)
	return detect.Unit{
		Name: site + ".service", Load: "loaded", Active: "active", Sub: "running", Result: "success", FileState: "enabled",
		MainPID: 42, InactiveExit: long, ActiveEnter: long, StateChange: long, StartLimit: 5, StartLimitSpan: 10_000_000,
	}
}

// crash makes the site's gunicorn die.
func (w *world) crash(site string, cause detect.Cause) {
	w.set(site, func(s *siteState) {
		s.down, s.cause, s.decisive, s.lastErr = true, cause, true, now()
		s.unit.Active, s.unit.Sub, s.unit.Result, s.unit.MainPID = "failed", "failed", "signal", 0
		s.unit.InactiveEnter, s.unit.ExecExit, s.unit.StateChange = now(), now(), now()
		s.stop = &detect.Stop{At: now()}
	})
}

func (w *world) set(site string, f func(*siteState)) {
	w.mu.Lock()
	defer w.mu.Unlock()
	f(w.sites[site])
}

// mend brings the site up, whoever did it.
func (s *siteState) mend(site string) {
	s.down, s.hangs, s.gone, s.stop = false, false, false, nil
	s.unit = runningUnit(site)
}

func (w *world) isDown(site string) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.sites[site].down
}

func (w *world) answers(site string) (up, pub *detect.Answer) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.probes++
	if w.sites[site].idle {
		return &detect.Answer{At: now(), Outcome: detect.Refused},
			&detect.Answer{At: now(), Outcome: detect.Answered, Status: 200, Proof: "baseline"}
	}
	if w.sites[site].down && w.sites[site].hangs {
		return &detect.Answer{At: now(), Outcome: detect.TimedOut, Stage: "headers"}, &detect.Answer{At: now(), Outcome: detect.TimedOut}
	}
	if w.sites[site].down {
		return &detect.Answer{At: now(), Outcome: detect.Refused},
			&detect.Answer{At: now(), Outcome: detect.Answered, Status: 502, ByNginx: true}
	}
	return &detect.Answer{At: now(), Outcome: detect.Answered, Status: 200},
		&detect.Answer{At: now(), Outcome: detect.Answered, Status: 200, Proof: "upstream"}
}

// The ports.

func (w *world) Upstream(_ context.Context, s detect.Site, _ detect.Route) *detect.Answer {
	up, _ := w.answers(s.Name)
	return up
}

func (w *world) Outside(_ context.Context, s detect.Site, _ detect.Route) *detect.Answer {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.outside++
	if w.sites[s.Name].elsewhere {
		return &detect.Answer{At: now(), Outcome: detect.Answered, Status: 522}
	}
	return &detect.Answer{At: now(), Outcome: detect.Answered, Status: 200}
}

func (w *world) Confirm(_ context.Context, s detect.Site, _ detect.Route) (up, pub *detect.Answer) {
	w.mu.Lock()
	w.confirms++
	w.mu.Unlock()
	return w.answers(s.Name)
}

func (w *world) Collect(ctx context.Context, s detect.Site, r detect.Route, _ bool, _ detect.Time) detect.Facts {
	if w.beforeCollect != nil {
		w.beforeCollect(s.Name)
	}
	select { // as long as a real one takes
	case <-time.After(20 * time.Millisecond):
	case <-ctx.Done():
		return detect.Facts{}
	}
	up, pub := w.answers(s.Name)
	w.mu.Lock()
	defer w.mu.Unlock()
	w.collects++
	st := *w.sites[s.Name]
	f := detect.Facts{At: now(), Site: s.Name, Route: r, Upstream: up, Public: pub, Unit: &st.unit, Stop: st.stop, Quiet: &detect.Quiet{}}
	f.Given = map[string]string{"health": "healthy"}
	f.Traffic = &detect.Traffic{Known: true, LastError: st.lastErr}
	switch {
	case st.idle:
		f.Nginx = &detect.Nginx{Disk: &detect.SiteConf{Upstreams: []detect.ProxyTo{{Target: detect.Unix("/run/green/green.sock")}}}}
	case st.down:
		f.Given = map[string]string{"health": "sick", "cause": string(st.cause), "decisive": fmt.Sprint(st.decisive), "gone": fmt.Sprint(st.gone)}
	case st.elsewhere:
		f.Given["health"], f.Given["cause"] = "degraded", string(detect.NotLocal)
	case st.usurped:
		f.Given["health"], f.Given["cause"] = "degraded", string(detect.PortInUse)
	case st.degraded:
		f.Given["health"], f.Given["cause"] = "degraded", string(detect.WorkerRecycled)
	}
	return f
}

func diagnose(f detect.Facts) detect.Diagnosis {
	d := detect.Diagnosis{Health: detect.Health(f.Given["health"])}
	if d.Health == detect.Healthy {
		return d
	}
	d.Primary = detect.Finding{
		Cause: detect.Cause(f.Given["cause"]), Confidence: 95, Decisive: f.Given["decisive"] == "true", Gone: f.Given["gone"] == "true",
		Evidence: []detect.Evidence{{Fact: "unit.result", Text: "killed"}}, Watch: []string{"/srv/" + f.Site + "/app.py"},
	}
	return d
}

func (w *world) Execute(ctx context.Context, c policy.Case, d policy.Decision) (Report, error) {
	return w.execute(ctx, c, d, false)
}

// Keep is the agent's Plans.
func (w *world) Keep(c policy.Case, _ policy.Decision) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.plans == nil {
		w.plans = map[string]policy.Case{}
	}
	w.plans[policy.PlanID(policy.Fingerprint(c))] = c
	return nil
}

func (w *world) Deadline(policy.Case, policy.Decision) time.Duration { return 10 * time.Minute }

type rehearsal struct{ *world }

func (r rehearsal) Execute(ctx context.Context, c policy.Case, d policy.Decision) (Report, error) {
	return r.execute(ctx, c, d, true)
}

func (w *world) execute(ctx context.Context, c policy.Case, d policy.Decision, dry bool) (Report, error) {
	w.mu.Lock()
	if w.noAudit != nil {
		defer w.mu.Unlock()
		return Report{}, w.noAudit
	}
	site, started := c.Facts.Site, now()
	e := policy.Entry{Seq: int64(len(w.entries) + 1), At: started, Boot: c.Boot, Uptime: c.Uptime, Site: site, Incident: c.Incident.ID,
		Verb: d.Action.Verb, Unit: d.Action.Unit, Outcome: policy.OutcomeOpen, Mended: c.Incident.Mended, Shadow: dry}
	if dry {
		e.Outcome = policy.Would
		w.wouldDo++
	} else {
		w.acts = append(w.acts, action{time.Now(), site, d.Action.Verb, c})
	}
	w.entries = append(w.entries, e)
	w.mu.Unlock()
	select {
	case <-time.After(150 * time.Millisecond):
	case <-ctx.Done():
		return Report{}, ctx.Err()
	}
	if !dry {
		w.set(site, func(s *siteState) {
			if s.helps == nil || slices.Contains(s.helps, d.Action.Verb) {
				s.mend(site)
			}
		})
	}
	return Report{Seq: e.Seq, Verb: d.Action.Verb, Unit: d.Action.Unit, Started: started, Ended: now(), Would: dry}, nil
}

func (w *world) Verify(ctx context.Context, s detect.Site, _ detect.Route, _ *detect.Baseline, _ detect.Time) Proof {
	if w.beforeVerify != nil {
		w.beforeVerify(s.Name)
	}
	p := Proof{Verdict: policy.VerdictFailed, Why: "no answer"}
	if !w.isDown(s.Name) {
		p.FirstOK = now()
		select {
		case <-time.After(10 * time.Second):
		case <-ctx.Done():
			return Proof{Verdict: policy.VerdictUnsure, At: now(), Why: "ended"}
		}
		if !w.isDown(s.Name) {
			p.Verdict, p.Why = policy.VerdictRecovered, ""
		}
	}
	p.At = now()
	return p
}

func (w *world) Append(_ context.Context, kind, incident, site, _ string, data any) (int64, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.records = append(w.records, recorded{time.Now(), kind, site, incident, data})
	if j, ok := data.(Judgement); ok {
		for i := range w.entries {
			if w.entries[i].Seq == j.Seq {
				w.entries[i].Outcome = j.Outcome
			}
		}
	}
	return int64(len(w.records)), nil
}

func (w *world) Latest(site, _ string) (*Incident, detect.Time) {
	if i, ok := w.unfinished[site]; ok {
		return &i, now()
	}
	return nil, 0
}

func (w *world) Happened(context.Context, int64, detect.Facts) (bool, string) {
	if w.happened {
		return true, "took place"
	}
	return false, "did not take place"
}

func (w *world) History(context.Context) ([]policy.Entry, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Clone(w.entries), w.noAudit
}

func (w *world) Get(s detect.Site, _ detect.Route) (*detect.Baseline, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.stored[s.Name], nil
}

func (w *world) Put(h Healthy) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.sites[h.Site().Name].down {
		w.t.Error("a baseline was written of a site that is down")
	}
	w.stored[h.Site().Name] = &detect.Baseline{At: now(), Status: 200, Config: "c1", SlowestStart: h.SlowestStart()}
	return nil
}

func (w *world) Send(_ context.Context, m Message) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.noNotify != nil {
		return w.noNotify
	}
	w.messages = append(w.messages, m)
	return nil
}

func (w *world) Watch(ctx context.Context, names []string, changed chan<- string) error {
	w.mu.Lock()
	w.watched = names
	w.mu.Unlock()
	for {
		select {
		case <-ctx.Done():
			return nil
		case n := <-w.changed:
			select {
			case changed <- n:
			case <-ctx.Done():
				return nil
			}
		}
	}
}

// told are the states of the messages so far.
func (w *world) told() (l []string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, m := range w.messages {
		l = append(l, m.State)
	}
	return l
}

func (w *world) verbs() (l []policy.Verb) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, a := range w.acts {
		l = append(l, a.verb)
	}
	return l
}

func (w *world) asks() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.confirms
}
