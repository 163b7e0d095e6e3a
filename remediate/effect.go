package remediate

// Effect is one verb of the root helper's act.sock: the smallest thing that changes the machine.
type Effect string

// The effects. There is no other way to change anything.
const (
	Restart      Effect = "restart"
	Start        Effect = "start"
	ResetFailed  Effect = "reset-failed"
	Reload       Effect = "reload"
	DaemonReload Effect = "daemon-reload"
	EndLeftovers Effect = "end-leftovers"
	SetMode      Effect = "set-mode"
)

// On says which of a route's things an effect is for. Units and paths are never part of a
// request: they come from the configuration, by the names of the site and the route.
type On string

// What an effect can be for.
const (
	OnUnit   On = "unit"   // the service; for daemon-reload: on whose behalf
	OnSocket On = "socket" // the .socket unit; for set-mode the socket's file
	OnNginx  On = "nginx"
	OnDir    On = "dir" // set-mode only: the unit's RuntimeDirectory that holds the socket
)

// allowed lists what each effect may be for. nginx is never restarted: that would cut every
// site of the host for the sake of one.
var allowed = map[Effect][]On{
	Restart:      {OnUnit, OnSocket},
	Start:        {OnUnit, OnSocket, OnNginx},
	ResetFailed:  {OnUnit, OnSocket},
	Reload:       {OnNginx},
	DaemonReload: {OnUnit},
	EndLeftovers: {OnUnit},
	SetMode:      {OnSocket, OnDir},
}
