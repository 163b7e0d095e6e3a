package policy

import "github.com/gatemend/gatemend/detect"

// Decision is the answer to a Case. It holds no id and no duration of ours, so that the
// same case gives the same bytes.
type Decision struct {
	Do       Do          `json:"do"`
	Action   *Action     `json:"action,omitempty"` // for act, ask and would-be plans
	Rung     int         `json:"rung"`             // index in the ladder, -1 when there is none
	Ladder   []Verb      `json:"ladder,omitempty"`
	Refusals []Refusal   `json:"refusals,omitempty"` // why not, most important first
	Guards   []GuardStep `json:"guards,omitempty"`   // every guard that looked, in order
	Until    detect.Time `json:"until,omitempty"`    // wait, and escalate where it can pass by itself: look again then
	Why      string      `json:"why"`                // one sentence
}

// Do is what a decision says.
type Do string

// The decisions.
const (
	DoAct      Do = "act"
	DoAsk      Do = "ask"      // the action is held for `gatemend approve`
	DoWait     Do = "wait"     // a guard passes with time: see Until
	DoEscalate Do = "escalate" // a person is needed
	DoNothing  Do = "nothing"  // healthy, or degraded and told
)

// Refusal is one typed reason for not doing the action.
type Refusal struct {
	Code  Code        `json:"code"`
	Why   string      `json:"why"`             // one sentence with the numbers
	Until detect.Time `json:"until,omitempty"` // when it may pass by itself, 0 when only a person can change it
}

// GuardStep is one line of the trace of guards.
type GuardStep struct {
	Guard string `json:"guard"`
	Pass  bool   `json:"pass"`
	Why   string `json:"why"`
}

// Code is a typed reason; the vocabulary of refusals in reports and metrics.
type Code string

// The reasons.
const (
	NothingSafe       Code = "nothing-safe"     // the cause has no safe remedy
	LadderDone        Code = "ladder-exhausted" // every rung was tried
	LowConfidence     Code = "low-confidence"   // below detect.ActAt
	SeenOnce          Code = "seen-once"        // ambiguous: must be seen twice
	NotManaged        Code = "not-managed"      // manage: observe, with the reason
	NeverHealthy      Code = "never-seen-healthy"
	Denied            Code = "deny-list"
	TakesAlong        Code = "takes-along"   // units not allowed by name
	RebootAction      Code = "reboot-action" // StartLimitAction, FailureAction
	Masked            Code = "masked"
	Disabled          Code = "disabled"
	Frozen            Code = "frozen" // by systemctl freeze
	Held              Code = "hold"
	ForeignJob        Code = "foreign-job"
	PackageLock       Code = "package-lock"
	FilesChanging     Code = "files-changing"
	PersonStopped     Code = "stopped-by-person"
	StartGrace        Code = "start-grace"
	SystemdFirst      Code = "systemd-restarts-first"
	SystemdStartLimit Code = "systemd-start-limit"
	BudgetSite        Code = "budget-site"
	BudgetDay         Code = "budget-site-day"
	BudgetHost        Code = "budget-host"
	BudgetReload      Code = "budget-reload"
	Gap               Code = "gap"
	Cooldown          Code = "cooldown"
	Unproven          Code = "others-unproven" // what was done for another site is not proven yet
	Breaker           Code = "breaker"         // two sites failed in a row: no further site
	ConfigTest        Code = "nginx-test-failed"
	PortsHeld         Code = "nginx-ports-held"
	ModeUnknown       Code = "mode-unknown" // nothing states which mode to restore
	Limbo             Code = "master-exiting"
	DryRun            Code = "dry-run"
	ReasonRemains     Code = "reason-remains" // what made it crash is still so
	FactsLacking      Code = "facts-lacking"  // what a guard must know was not learnt
	NeedsApproval     Code = "needs-approval" // manage: ask, or `ask` in the ladder
	Waiting           Code = "waiting"        // the rung is to wait, for a bounded time
	Settling          Code = "unit-settling"  // the unit is still going down
	NotLoadable       Code = "unit-not-loadable"
	StaleUnproven     Code = "stale-unproven" // a condition for reloading nginx does not hold
	MemoryShort       Code = "memory-short"
	MendedJustNow     Code = "mended-just-now" // one start in two minutes after a person's fix
	NotAllowed        Code = "not-allowed"     // the configured ladder names a verb that cannot help this cause
	NotConfirmed      Code = "not-confirmed"   // the outage is not confirmed at any depth
	PlanMoved         Code = "plan-moved"      // a person released another plan: see Moved
	Changed           Code = "changed"         // the last look before acting found things otherwise
	NoRecord          Code = "no-record"       // what was done cannot be read, or what is intended not written
)
