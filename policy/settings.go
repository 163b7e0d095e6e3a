package policy

import "github.com/gatemend/gatemend/detect"

// Settings is the part of the configuration that decisions read. Its JSON is part of a Case.
type Settings struct {
	Mode         Mode                    `json:"mode"`
	Limits       Limits                  `json:"limits"`
	Cooldown     Backoff                 `json:"cooldown"`
	Recurrence   detect.Span             `json:"recurrence"`
	Quiet        QuietTimes              `json:"quiet"`
	OperatorStop OperatorStop            `json:"operator_stop"`
	StartGrace   detect.Span             `json:"start_grace"` // 0: auto, see promise 15
	Ladders      map[detect.Cause][]Rung `json:"ladders,omitempty"`
}

// Mode of the agent.
type Mode string

// Modes; `init` writes dry-run.
const (
	ModeDryRun Mode = "dry-run"
	ModeAct    Mode = "act"
)

// Limits are the budgets. A Rate allows N in Per.
type Limits struct {
	RestartsPerSite    Rate        `json:"restarts_per_site"`
	RestartsPerSiteDay int         `json:"restarts_per_site_day"`
	RestartsPerHost    Rate        `json:"restarts_per_host"`
	ReloadsNginx       Rate        `json:"reloads_nginx"`
	Parallel           int         `json:"parallel"`
	Gap                detect.Span `json:"gap"` // between actions on the host
}

// Rate is N within Per.
type Rate struct {
	N   int         `json:"n"`
	Per detect.Span `json:"per"`
}

// Backoff is the cool-down between actions on one site after one that did not recover it.
type Backoff struct {
	First  detect.Span `json:"first"`
	Factor int         `json:"factor"`
	Max    detect.Span `json:"max"`
}

// QuietTimes say how long files must have been still.
type QuietTimes struct {
	AfterChange    detect.Span `json:"after_change"`
	Nginx          detect.Span `json:"nginx"`
	PackageLockMax detect.Span `json:"package_lock_max"`
}

// OperatorStop says what follows a person's `systemctl stop`.
type OperatorStop struct {
	Tell       detect.Span `json:"tell"`
	StartAfter detect.Span `json:"start_after"` // detect.Forever: never
}

// Rung is one step of a ladder as configured: `ask` in front of an action holds it for a person.
type Rung struct {
	Verb Verb `json:"verb"`
	Ask  bool `json:"ask,omitempty"`
}

// Defaults are DESIGN.md's defaults.
func Defaults() Settings {
	const s = detect.Span(1_000_000)
	return Settings{
		Mode: ModeDryRun,
		Limits: Limits{
			RestartsPerSite: Rate{3, 3600 * s}, RestartsPerSiteDay: 6, RestartsPerHost: Rate{5, 3600 * s},
			ReloadsNginx: Rate{2, 600 * s}, Parallel: 1, Gap: 15 * s,
		},
		Cooldown:     Backoff{60 * s, 2, 1800 * s},
		Recurrence:   900 * s,
		Quiet:        QuietTimes{10 * s, 60 * s, 900 * s},
		OperatorStop: OperatorStop{60 * s, 900 * s},
	}
}
