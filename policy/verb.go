package policy

import "slices"

// Families of verbs. A guard asks for the family, never for a name of its own.
var (
	onUnit = []Verb{StartUnit, StartSocket, RestartUnit, RestartSocket, ResetFailedStart, DaemonReloadRestart, EndLeftoversRestart}
	// stopping verbs take a unit down first, and with it everything that systemd ties to it.
	stopping = []Verb{RestartUnit, RestartSocket, DaemonReloadRestart, EndLeftoversRestart}
	// bringsUp are verbs that start what is down, and stop what conflicts with it.
	bringsUp = []Verb{StartUnit, StartSocket, ResetFailedStart, StartNginx}
	onSocket = []Verb{StartSocket, RestartSocket}
	onNginx  = []Verb{StartNginx, ReloadNginx}
	setsMode = []Verb{FixSocketMode, FixDirMode}
)

func (v Verb) in(family []Verb) bool { return slices.Contains(family, v) }

// acts tells whether the verb changes the machine at all.
func (v Verb) acts() bool { return v.in(onUnit) || v.in(onNginx) || v.in(setsMode) }
