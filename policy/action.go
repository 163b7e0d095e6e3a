package policy

import "github.com/gatemend/gatemend/detect"

// Verb names a rung of a ladder: one remedy, as a person reads it in a plan.
type Verb string

// The remedies. Nothing else can be configured, planned or executed.
const (
	StartUnit           Verb = "start-unit"
	StartSocket         Verb = "start-socket"
	RestartUnit         Verb = "restart-unit"
	RestartSocket       Verb = "restart-socket"
	ResetFailedStart    Verb = "reset-failed-start"
	DaemonReloadRestart Verb = "daemon-reload-restart"
	EndLeftoversRestart Verb = "end-leftovers-restart"
	FixSocketMode       Verb = "fix-socket-mode"
	FixDirMode          Verb = "fix-dir-mode"
	StartNginx          Verb = "start-nginx"
	ReloadNginx         Verb = "reload-nginx"
	Wait                Verb = "wait"
	None                Verb = "none" // a person is needed
)

// Action is one remedy for one route, complete: everything the executor needs to know and
// everything a plan shows. It holds no free text that is executed.
type Action struct {
	Verb   Verb         `json:"verb"`
	Site   string       `json:"site"`
	Route  string       `json:"route"` // the route's path
	Cause  detect.Cause `json:"cause"`
	Unit   string       `json:"unit,omitempty"`   // the unit acted on
	Socket string       `json:"socket,omitempty"` // the .socket unit that is started first
	Path   string       `json:"path,omitempty"`   // set-mode: the socket or the directory
	Mode   int          `json:"mode,omitempty"`   // set-mode: the mode to restore
	Group  string       `json:"group,omitempty"`  // set-mode: the group to restore, "" to keep
	Before string       `json:"before,omitempty"` // what is, for a person
	After  string       `json:"after,omitempty"`  // what will be
	Takes  []string     `json:"takes,omitempty"`  // units taken along, each allowed by name
	Cuts   string       `json:"cuts,omitempty"`   // what it interrupts, e.g. "requests in flight"
}
