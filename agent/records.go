package agent

import (
	"context"

	"github.com/gatemend/gatemend/detect"
	"github.com/gatemend/gatemend/policy"
)

// Kinds of records that the loop appends. Intents and results of actions are the executor's.
const (
	RecordStart    = "start"    // Started
	RecordIncident = "incident" // Incident, at each transition
	RecordOutcome  = "outcome"  // Judgement of an earlier intent
	RecordSensor   = "lost"     // SensorLoss
	RecordMessage  = "message"  // Message
	RecordHold     = "hold"     // HoldChange
	RecordPerson   = "person"   // Word
	RecordReload   = "reload"   // Reloaded
	RecordClock    = "clock"    // ClockSet
	RecordStop     = "stop"     // Stopped
	RecordFault    = "fault"    // a text: a fault of this program or of what it stands on
)

// Started is recorded when the agent starts.
type Started struct {
	At     detect.Time   `json:"at"`
	Mode   policy.Mode   `json:"mode"`
	Silent []Silence     `json:"silent,omitempty"`
	Holds  []policy.Hold `json:"holds,omitempty"` // that stand
}

// Stopped is recorded when the agent ends: until then the record knows both clocks.
type Stopped struct {
	At detect.Time `json:"at"`
}

// ClockSet is recorded when the clock was set.
type ClockSet struct {
	At detect.Time `json:"at"`
	By detect.Span `json:"by"`
}

// What can happen to a hold.
const (
	HoldPaused  = "paused"
	HoldRenewed = "renewed"
	HoldResumed = "resumed"
	HoldExpired = "expired"
)

// HoldChange is recorded when a person paused or resumed, or a hold ran out.
type HoldChange struct {
	At   detect.Time `json:"at"`
	What string      `json:"what"`
	By   string      `json:"by,omitempty"` // who did it; "" where that cannot be told
	Hold policy.Hold `json:"hold"`
}

// Word is recorded when a person says something about one plan, or that comes to nothing.
type Word struct {
	At    detect.Time `json:"at"`
	By    string      `json:"by"`
	What  string      `json:"what"`
	Plan  string      `json:"plan"`            // its ID
	Until detect.Time `json:"until,omitempty"` // of an approval
	Why   []string    `json:"why,omitempty"`
}

// What became of a person's word.
const (
	WordApproved = "approved"
	WordRefused  = "refused" // not done: see Why
	WordOver     = "over"    // an approval ended before it could be used
)

// Reloaded is recorded when the configuration was to be read anew: what it is now, or why it is still
// the old one.
type Reloaded struct {
	At      detect.Time `json:"at"`
	By      string      `json:"by,omitempty"`      // who asked; "" where that cannot be told
	Before  string      `json:"before"`            // hash of the text in force
	After   string      `json:"after,omitempty"`   // of the new one; "" where it could not be read
	Changes []string    `json:"changes,omitempty"` // in words
	Refused []string    `json:"refused,omitempty"` // what is wrong with the new one: the old one is kept
}

// Judgement is what became of an action in the end: the verifier's word on an intent. A
// later one about the same intent replaces it (recovered, then came back).
type Judgement struct {
	Seq     int64          `json:"seq"` // of the intent
	Outcome policy.Outcome `json:"outcome"`
	Verdict policy.Verdict `json:"verdict,omitempty"`
	Why     string         `json:"why,omitempty"`
	FirstOK detect.Time    `json:"first_ok,omitempty"`
}

// SensorLoss is recorded when a sensor ended.
type SensorLoss struct {
	Sensor string `json:"sensor"`
	Why    string `json:"why"`
	Losses int    `json:"losses"` // of this sensor since the start
}

// record appends and reports where it cannot: telling and healing go on, for an intent that
// cannot be recorded is the executor's to refuse (promise 2).
func (a *Agent) record(ctx context.Context, kind, incident, site, route string, data any) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), recordBound)
	defer cancel()
	if _, err := a.Recorder.Append(ctx, kind, incident, site, route, data); err != nil {
		a.Log.Error("cannot record", "kind", kind, "site", site, "err", err)
	}
}

// judge records what became of the actions whose outcome is still open.
func (k *keeper) judge(ctx context.Context, o policy.Outcome, p Proof) {
	for _, seq := range k.pending {
		k.record(ctx, RecordOutcome, k.inc.ID, k.site.Name, k.route.Path,
			Judgement{Seq: seq, Outcome: o, Verdict: p.Verdict, Why: p.Why, FirstOK: p.FirstOK})
	}
	k.pending, k.crashed = nil, nil
}

// history is our past actions; where they cannot be read nothing may be done, so the error
// matters to the caller.
func (k *keeper) history(ctx context.Context) ([]policy.Entry, error) {
	ctx, cancel := context.WithTimeout(ctx, recordBound)
	defer cancel()
	return k.Recorder.History(ctx)
}
