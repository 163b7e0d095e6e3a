package agent

import (
	"context"
	"time"

	"github.com/gatemend/gatemend/detect"
	"github.com/gatemend/gatemend/policy"
)

// Sensor tells of reasons to look. Run sends triggers until ctx ends (then nil) or the
// sensor is lost (then an error): it is started again with back-off and every site looks.
// A send must give up when ctx ends.
type Sensor interface {
	Name() string // one of detect.Sensor…
	Run(ctx context.Context, out chan<- detect.Trigger) error
}

// Prober is the slow probe for what makes no event.
type Prober interface {
	// Upstream asks the upstream alone, once.
	Upstream(ctx context.Context, site detect.Site, route detect.Route) *detect.Answer
	// Outside asks the site's external URL, once; nil where none is configured.
	Outside(ctx context.Context, site detect.Site, route detect.Route) *detect.Answer
}

// Collector looks at a route, read-only, each part with its own deadline. It is called from
// several goroutines.
type Collector interface {
	// Confirm asks once at both depths, at the same time.
	Confirm(ctx context.Context, site detect.Site, route detect.Route) (upstream, public *detect.Answer)
	// Collect takes a snapshot. Deep adds what takes a second or more (processes looked at
	// twice, nginx -t). Since bounds logs and journal; 0 leaves it to the collector.
	Collect(ctx context.Context, site detect.Site, route detect.Route, deep bool, since detect.Time) detect.Facts
}

// Executor carries a decision out: it checks the preconditions again, makes the intent
// durable, acts, and records the result. An error means that it could not even begin (the
// intent cannot be recorded): nothing was done.
type Executor interface {
	Execute(ctx context.Context, c policy.Case, d policy.Decision) (Report, error)
	// Deadline is how long Execute may take: jobs have the deadlines of their units.
	Deadline(c policy.Case, d policy.Decision) time.Duration
}

// Report is what became of an action. Recovery is not claimed here: only the verifier can.
type Report struct {
	Seq     int64       `json:"seq,omitempty"` // of the intent in the audit chain, 0 when none was written
	Verb    policy.Verb `json:"verb"`
	Unit    string      `json:"unit,omitempty"`
	Started detect.Time `json:"started"`
	Ended   detect.Time `json:"ended"`
	Did     []string    `json:"did,omitempty"`     // the steps, for a person
	Refused bool        `json:"refused,omitempty"` // a precondition no longer held, policy.Changed: nothing was done
	Failed  bool        `json:"failed,omitempty"`  // an effect failed: there is nothing to verify
	Would   bool        `json:"would,omitempty"`   // a rehearsal: recorded, nothing was done
	Why     string      `json:"why,omitempty"`
}

// Verifier proves recovery at two depths over a hold time. Started is when the action
// began, or when the incident was noticed if nothing was done. Only its proof closes an incident.
type Verifier interface {
	Verify(ctx context.Context, site detect.Site, route detect.Route, b *detect.Baseline, started detect.Time) Proof
}

// Proof is the verifier's answer.
type Proof struct {
	Verdict  policy.Verdict `json:"verdict"`
	FirstOK  detect.Time    `json:"first_ok,omitempty"` // the first answer below 500: not yet recovery
	At       detect.Time    `json:"at"`                 // of the last answer that counted
	Why      string         `json:"why,omitempty"`
	Upstream *detect.Answer `json:"upstream,omitempty"` // the last ones
	Public   *detect.Answer `json:"public,omitempty"`
}

// Recovered tells whether the verdict closes an incident.
func (p Proof) Recovered() bool {
	return p.Verdict == policy.VerdictRecovered || p.Verdict == policy.VerdictUpstream
}

// Recorder is the audit log. Append returns the record's place in the chain.
type Recorder interface {
	Append(ctx context.Context, kind, incident, site, route string, data any) (seq int64, err error)
	// History is our actions of the longest window the settings need, oldest first.
	History(ctx context.Context) ([]policy.Entry, error)
}

// Baselines remembers what a route looked like when last verified healthy. Get gives nil
// when it never was, under the present configuration of the route.
type Baselines interface {
	Get(site detect.Site, route detect.Route) (*detect.Baseline, error)
	Put(h Healthy) error
}

// Healthy is a route that the verifier proved healthy. Only [Proof.of] makes one, so a
// baseline cannot be written from anything else.
type Healthy struct {
	site    detect.Site
	route   detect.Route
	facts   detect.Facts
	slowest detect.Span
}

// of ties facts, taken right after the proof, to it; false when nothing was proven.
func (p Proof) of(site detect.Site, route detect.Route, f detect.Facts, slowest detect.Span) (Healthy, bool) {
	return Healthy{site, route, f, slowest}, p.Recovered() && f.Upstream.Healthy()
}

// Site and the following give what was proven.
func (h Healthy) Site() detect.Site { return h.site }

// Route is the route that was proven healthy.
func (h Healthy) Route() detect.Route { return h.route }

// Facts were taken right after the proof.
func (h Healthy) Facts() detect.Facts { return h.facts }

// SlowestStart is the longest time from start to first answer seen in this incident, 0 if none.
func (h Healthy) SlowestStart() detect.Span { return h.slowest }

// Notifier takes a message for a person. It must not block on a channel's delivery: it
// only makes the message durable.
type Notifier interface {
	Send(ctx context.Context, m Message) error
}

// Plans keeps what a person is told to approve, so that it can be said what moved since.
type Plans interface {
	Keep(c policy.Case, d policy.Decision) error
}

// Watcher tells which of the named things (paths, "tcp:host:port") changed, until ctx ends.
type Watcher interface {
	Watch(ctx context.Context, names []string, changed chan<- string) error
}

// Message is what a person is told about one transition. It is plain data: the notifier
// words, escapes and shortens it. Package notify has the same fields, so that a conversion
// is all the wiring there is.
type Message struct {
	ID       string       `json:"id"` // the same however often it is sent
	At       detect.Time  `json:"at"`
	Host     string       `json:"host"`
	Mode     string       `json:"mode"` // dry-run or act
	Site     string       `json:"site"`
	Route    string       `json:"route"`
	Incident string       `json:"incident,omitempty"`
	State    string       `json:"state"`          // one of Told…
	Symptom  string       `json:"symptom"`        // "502", "refused", "timeout"
	Outage   detect.Span  `json:"outage"`         // so far, or in all
	Cause    detect.Cause `json:"cause"`          // a label of detect
	Title    string       `json:"title"`          // the cause in words
	Changed  string       `json:"changed"`        // what changed before it broke
	Proof    string       `json:"proof"`          // the line or fact that proves it
	Did      string       `json:"did,omitempty"`  // what was done, or why nothing is
	Hold     string       `json:"hold,omitempty"` // whose hold is on, if any
	Advice   []string     `json:"advice,omitempty"`
	Command  string       `json:"command"` // to run next
	More     string       `json:"more"`    // where to read more
}

// What a message tells, in Message.State.
const (
	ToldSick     = "NOT healed"
	ToldWaiting  = "not healed yet"
	ToldHealed   = "healed"
	ToldDegraded = "degraded"
	ToldStill    = "STILL not healed" // a reminder
	ToldWould    = "DRY RUN"
	ToldFlapping = "flapping"
	ToldSensor   = "partly blind" // a sensor is switched off or lost
	ToldHeld     = "PAUSED"       // a hold that lasts
	ToldConfig   = "configuration refused"
)
