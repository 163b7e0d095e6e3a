package detect

import (
	"path"
	"slices"
)

// Unit is a systemd unit's state, by its D-Bus properties (org.freedesktop.systemd1(5)).
// Environment= is never collected: it is readable by everybody and holds secrets.
type Unit struct {
	Name      string `json:"name"`
	AliasOf   string `json:"alias_of,omitempty"` // the unit's own name, where Name is another (Alias=, a link)
	Load      string `json:"load"`               // loaded, not-found, bad-setting, error, masked
	LoadError string `json:"load_error,omitempty"`
	Active    string `json:"active"`
	Sub       string `json:"sub"`
	Result    string `json:"result,omitempty"`
	FileState string `json:"file_state,omitempty"` // enabled, disabled, masked, static …
	Freezer   string `json:"freezer,omitempty"`    // frozen, freezing …, by somebody's systemctl freeze; "" while it is not (FreezerState, since systemd 246)
	Type      string `json:"type,omitempty"`
	Restart   string `json:"restart,omitempty"`
	KillMode  string `json:"kill_mode,omitempty"`
	OOMPolicy string `json:"oom_policy,omitempty"`

	MainPID    int `json:"main_pid,omitempty"`
	ExitCode   int `json:"exit_code,omitempty"`   // ExecMainCode: 1 exited, 2 killed, 3 dumped, 0 nothing ran
	ExitStatus int `json:"exit_status,omitempty"` // exit status or signal number
	Restarts   int `json:"restarts,omitempty"`    // NRestarts

	ExecStart     Time `json:"exec_start,omitempty"`
	ExecExit      Time `json:"exec_exit,omitempty"`
	InactiveExit  Time `json:"inactive_exit,omitempty"` // start of starting: the grace counts from here
	ActiveEnter   Time `json:"active_enter,omitempty"`
	ActiveExit    Time `json:"active_exit,omitempty"`
	InactiveEnter Time `json:"inactive_enter,omitempty"`
	StateChange   Time `json:"state_change,omitempty"`

	RestartSec       Span   `json:"restart_sec,omitempty"`
	TimeoutStart     Span   `json:"timeout_start,omitempty"`
	TimeoutStop      Span   `json:"timeout_stop,omitempty"`
	StartLimit       int    `json:"start_limit,omitempty"` // StartLimitBurst
	StartLimitSpan   Span   `json:"start_limit_span,omitempty"`
	StartLimitAction string `json:"start_limit_action,omitempty"`
	FailureAction    string `json:"failure_action,omitempty"`
	SuccessAction    string `json:"success_action,omitempty"`

	NeedReload   bool     `json:"need_reload,omitempty"` // NeedDaemonReload
	CanReload    bool     `json:"can_reload,omitempty"`
	Fragment     string   `json:"fragment,omitempty"`
	DropIns      []string `json:"drop_ins,omitempty"`
	EnvFiles     []string `json:"env_files,omitempty"`    // "-" in front when optional
	Environ      []string `json:"environ,omitempty"`      // names only, never values
	Argv         []string `json:"argv,omitempty"`         // ExecStart, scrubbed of secrets
	ConfigFile   string   `json:"config_file,omitempty"`  // gunicorn.conf.py in effect, where known
	Binds        []Target `json:"binds,omitempty"`        // where the server is told to listen, in effect
	BindSource   string   `json:"bind_source,omitempty"`  // argv, GUNICORN_CMD_ARGS, file:line, default, socket unit
	App          string   `json:"app,omitempty"`          // module:callable
	BindMode     int      `json:"bind_mode,omitempty"`    // of a unix socket that the server makes: 0777 &^ gunicorn's --umask; 0 unknown
	TimeoutApp   Span     `json:"timeout_app,omitempty"`  // gunicorn --timeout, default 30 s
	WorkerClass  string   `json:"worker_class,omitempty"` // sync, gthread, gevent, uvicorn…
	WSGI         string   `json:"wsgi,omitempty"`         // gunicorn, uwsgi, flask, "" when it is none we know
	WSGIMain     bool     `json:"wsgi_main,omitempty"`    // the main process is the WSGI master itself
	User         string   `json:"user,omitempty"`
	Group        string   `json:"group,omitempty"`
	UID          int      `json:"uid,omitempty"` // -1 when nothing ran yet
	GID          int      `json:"gid,omitempty"`
	WorkDir      string   `json:"work_dir,omitempty"`
	RuntimeDirs  []string `json:"runtime_dirs,omitempty"` // names below /run
	RuntimeMode  int      `json:"runtime_mode,omitempty"`
	PrivateTmp   bool     `json:"private_tmp,omitempty"`
	ControlGroup string   `json:"control_group,omitempty"`
	LogFiles     []string `json:"log_files,omitempty"` // --error-logfile, StandardError=append:
	MemoryMax    int64    `json:"memory_max,omitempty"`
	NofileLimit  int64    `json:"nofile_limit,omitempty"`

	Job         *Job        `json:"job,omitempty"`
	TriggeredBy []string    `json:"triggered_by,omitempty"`
	TakenAlong  []Dependent `json:"taken_along,omitempty"` // ConsistsOf, BoundBy, RequiredBy, PropagatesStopTo
	Conflicts   []Dependent `json:"conflicts,omitempty"`   // what a start of it stops

	// A .socket unit's own.
	Listens     []Target `json:"listens,omitempty"`
	SocketMode  int      `json:"socket_mode,omitempty"`
	SocketUser  string   `json:"socket_user,omitempty"`
	SocketGroup string   `json:"socket_group,omitempty"`
}

// TakesAlong tells that a stop or restart of u is one of the unit with any of these names too. No unit takes
// nothing along, and "" is no name.
func (u *Unit) TakesAlong(names ...string) bool {
	return u != nil && slices.ContainsFunc(u.TakenAlong, func(d Dependent) bool { return d.Unit != "" && slices.Contains(names, d.Unit) })
}

// Running tells active with a main process, or an active .socket.
func (u *Unit) Running() bool { return u != nil && u.Active == "active" }

// Directory is WorkingDirectory= where it is a path; "" where it is not known, or "~", the home of the
// unit's user, which is not looked up.
func (u *Unit) Directory() string {
	if !path.IsAbs(u.WorkDir) {
		return ""
	}
	return u.WorkDir
}

// Failed tells the failed state that no automatic restart is about to leave: every
// Restart= passes through "failed" for some milliseconds (systemd 252 and 257 traces).
func (u *Unit) Failed() bool { return u != nil && u.Active == "failed" && u.Sub == "failed" }

// RestartsItself tells whether systemd itself starts the unit again after what happened.
// It follows service_shall_restart() in systemd's src/core/service.c.
func (u *Unit) RestartsItself() bool {
	if u == nil {
		return false
	}
	switch u.Restart {
	case "always":
		return true
	case "on-success":
		return u.Result == "success"
	case "on-failure":
		return u.Result != "success" && u.Result != "exec-condition"
	case "on-abnormal":
		return u.Result != "success" && u.Result != "exit-code" && u.Result != "exec-condition"
	case "on-watchdog":
		return u.Result == "watchdog"
	case "on-abort":
		return u.Result == "signal" || u.Result == "core-dump"
	}
	return false
}

// Job is a queued or running systemd job on the unit.
type Job struct {
	ID    uint32 `json:"id"`
	Type  string `json:"type"` // start, stop, restart …
	State string `json:"state,omitempty"`
}

// Dependent is a unit that a stop or restart of ours would take along.
type Dependent struct {
	Unit   string `json:"unit"`
	Active string `json:"active"`
	By     string `json:"by"` // the property that ties it
}

// Stop is how a unit came to rest.
type Stop struct {
	At    Time   `json:"at"`
	ByJob bool   `json:"by_job"` // PID 1's "Stopped" line with JOB_TYPE=stop; false: it went by itself or by a signal from outside
	Who   string `json:"who,omitempty"`
}

// Start tells of the starts of a unit, read from the journal: our restart resets NRestarts.
type Start struct {
	Recent  int  `json:"recent"`            // starts within StartLimitSpan before the snapshot
	Last    Time `json:"last,omitempty"`    // "Started" or "Starting"
	Refused Time `json:"refused,omitempty"` // "Start request repeated too quickly."
}
