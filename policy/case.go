package policy

import "github.com/gatemend/gatemend/detect"

// Schema is the version of Case and Decision as JSON.
const Schema = 1

// Case is everything a decision depends on.
type Case struct {
	Schema    int              `json:"schema"`
	Now       detect.Time      `json:"now"`
	Boot      string           `json:"boot,omitempty"`   // boot id; entries of the same boot age by uptime, not by the clock
	Uptime    detect.Span      `json:"uptime,omitempty"` // since boot, suspended time included
	Config    string           `json:"config,omitempty"` // fingerprint of the site's configuration now, compared with Baseline.Config
	Facts     detect.Facts     `json:"facts"`
	Diagnosis detect.Diagnosis `json:"diagnosis"` // diagnose.Diagnose(Facts), kept so that a case reads alone
	Incident  Incident         `json:"incident"`
	History   []Entry          `json:"history"` // oldest first, of all sites, the longest window of the settings
	Holds     []Hold           `json:"holds"`
	Settings  Settings         `json:"settings"`
}

// Incident is where the site's incident stands.
type Incident struct {
	ID     string      `json:"id"`
	Opened detect.Time `json:"opened"`
	Seen   int         `json:"seen"`             // how often in a row this primary cause was diagnosed (≥ 1)
	Since  detect.Time `json:"since"`            // of the present primary cause
	Tried  []Verb      `json:"tried,omitempty"`  // in this incident, oldest first
	Person bool        `json:"person,omitempty"` // `gatemend heal`: passes grace, cool-down and mode
	By     string      `json:"by,omitempty"`     // who, where Person: passes holds of the same owner
	// Release is a person's word on one plan. It narrows a heal to that plan, and lets go what is held for approval.
	Release *Release `json:"release,omitempty"`
	Mended  bool     `json:"mended,omitempty"` // resume after a person's fix: owed, not taken from the budget
	Other   []string `json:"other,omitempty"`  // other sites that are sick now
}

// Entry is one action of ours as the audit log remembers it.
type Entry struct {
	Seq      int64       `json:"seq"` // of the chain: the order, never the time
	At       detect.Time `json:"at"`  // by the clock as it is set now
	Boot     string      `json:"boot,omitempty"`
	Uptime   detect.Span `json:"uptime,omitempty"` // since boot; ages an entry within one boot
	Site     string      `json:"site"`
	Incident string      `json:"incident"`
	Verb     Verb        `json:"verb"`
	Unit     string      `json:"unit,omitempty"`
	Outcome  Outcome     `json:"outcome"`
	Mended   bool        `json:"mended,omitempty"`
	Shadow   bool        `json:"shadow,omitempty"` // of a dry run: spends the shadow budget only
}

// Moment is when it was, on both clocks.
func (e Entry) Moment() detect.Moment { return detect.Moment{At: e.At, Boot: e.Boot, Uptime: e.Uptime} }

// Outcome of an action as history counts it.
type Outcome string

// Outcomes. All but Recovered spend budget; CameBack is a recovery that did not last the recurrence window.
const (
	Recovered    Outcome = "recovered"
	CameBack     Outcome = "came-back"
	Failed       Outcome = "failed"
	Inconclusive Outcome = "inconclusive"
	OutcomeOpen  Outcome = "unknown" // an intent without a result: a crash in between
	Would        Outcome = "would"   // dry run
)

// Hold is maintenance: nothing is done, alerts go on.
type Hold struct {
	Site   string      `json:"site"` // "" for all
	Owner  string      `json:"owner"`
	Reason string      `json:"reason"`
	Until  detect.Time `json:"until"` // 0: until resumed
	Since  detect.Time `json:"since,omitempty"`
	Via    string      `json:"via,omitempty"` // the site that is held, where this follows from it: see [Spread]
}

// Verdict is what the verifier found. Only Recovered (and RecoveredUpstream, in those words) closes an incident.
type Verdict string

// The verdicts of DESIGN.md.
const (
	VerdictRecovered Verdict = "recovered"
	VerdictUpstream  Verdict = "recovered, upstream only"
	VerdictPublicBad Verdict = "upstream ok, public bad"
	VerdictFailed    Verdict = "failed"
	VerdictUnsure    Verdict = "inconclusive"
)
