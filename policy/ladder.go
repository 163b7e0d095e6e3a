package policy

import (
	"fmt"
	"slices"
	"strings"

	"github.com/gatemend/gatemend/detect"
)

// remedy is one rung with the condition under which the evidence supports it. A nil
// condition always holds. What supports a rung belongs here; what forbids it for now
// (holds, budgets, grace) is a guard's.
type remedy struct {
	verb   Verb
	fits   condition
	needs  condition // asked of a decision only, not of `explain`: the baseline, for instance
	repeat bool      // starting again is the remedy: not once an incident, but by cool-down and budget
	extra  bool      // may be configured, is not in the default ladder
}

// condition gives nil when it holds, else why not.
type condition func(*detect.Finding, *detect.Facts) *Refusal

// ladders is DESIGN's table "Causes, and the default remedy ladder". A cause that is not
// listed has no remedy that is safe: a person is needed.
var ladders = map[detect.Cause][]remedy{
	detect.GunicornStopped: {
		{verb: StartSocket, fits: socketDown},
		{verb: StartUnit, fits: serviceDown},
		{verb: ResetFailedStart, fits: serviceDown, extra: true},
	},
	detect.GunicornCrashed: {
		{verb: EndLeftoversRestart, fits: leftovers},
		{verb: RestartUnit},
		{verb: StartUnit, fits: serviceDown, extra: true},
		{verb: StartSocket, fits: socketDown, extra: true},
		{verb: ResetFailedStart, fits: serviceDown, extra: true},
	},
	detect.GunicornHung: {
		{verb: EndLeftoversRestart, fits: notTraced},
		{verb: RestartUnit, fits: notTraced, extra: true},
	},
	detect.StartLimitHit: {{verb: ResetFailedStart, fits: reasonGone}},
	detect.AppStartup:    {{verb: StartUnit, fits: both(reasonGone, serviceDown), repeat: true}},
	detect.PortInUse:     {{verb: StartUnit, fits: both(reasonGone, serviceDown), repeat: true}},
	detect.SocketMissing: {
		{verb: RestartSocket, fits: both(restartable, noSecondMaster)},
		{verb: RestartUnit, fits: both(notActivated, noSecondMaster)},
	},
	detect.SocketPermission: {
		{verb: FixSocketMode, fits: groupsCurrent, needs: socketModeKnown},
		{verb: ReloadNginx, fits: groupsStale},
		{verb: RestartUnit, fits: createsRight},
		{verb: RestartSocket, fits: restartable, extra: true},
	},
	detect.SocketDirPerm: {
		{verb: FixDirMode, fits: runtimeDir, needs: dirModeKnown},
		{verb: RestartUnit, fits: createsRight, extra: true},
	},
	detect.SocketStale: {
		{verb: RestartSocket, fits: restartable},
		{verb: RestartUnit, fits: notActivated},
	},
	detect.WorkerOOM:        {{verb: RestartUnit, fits: both(serviceDown, memoryFree)}},
	detect.BacklogFull:      {{verb: Wait}},
	detect.WorkerTimeout:    {{verb: Wait, extra: true}},
	detect.WorkerRecycled:   {{verb: Wait, extra: true}},
	detect.NginxDown:        {{verb: StartNginx}},
	detect.NginxConfigStale: {{verb: ReloadNginx}},
	detect.UnitStale:        {{verb: DaemonReloadRestart, fits: serviceDown}},
}

// DefaultLadder is the cause's ladder where the configuration names none; empty where
// only a person can help.
func DefaultLadder(cause detect.Cause) []Rung {
	var out []Rung
	for _, r := range ladders[cause] {
		if !r.extra {
			out = append(out, Rung{Verb: r.verb})
		}
	}
	return out
}

// Allowed are the verbs that a configured ladder may name for the cause. A verb that
// cannot help a cause is not among them, so that it can be neither configured nor decided.
func Allowed(cause detect.Cause) []Verb {
	var out []Verb
	for _, r := range ladders[cause] {
		out = append(out, r.verb)
	}
	return out
}

// ParseRung reads "restart-unit" or "ask restart-unit".
func ParseRung(s string) (Rung, error) {
	verb, ask := strings.CutPrefix(s, "ask ")
	r := Rung{Verb: Verb(strings.TrimSpace(verb)), Ask: ask}
	if !r.Verb.acts() && r.Verb != Wait {
		return Rung{}, fmt.Errorf("cannot read action %q: write one of %s, with `ask` in front to hold it for a person", s, verbList())
	}
	return r, nil
}

func verbList() string {
	var names []string
	for _, v := range slices.Concat(onUnit, setsMode, onNginx, []Verb{Wait}) {
		names = append(names, string(v))
	}
	return strings.Join(names, ", ")
}

// remedyFor finds the table's entry, with its condition: a configured ladder may order
// and drop rungs, it cannot loosen what a rung needs.
func remedyFor(cause detect.Cause, v Verb) (remedy, bool) {
	for _, r := range ladders[cause] {
		if r.verb == v {
			return r, true
		}
	}
	return remedy{}, false
}
