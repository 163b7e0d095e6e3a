package detect

import "strings"

// Facts is what was seen of one route of one site at one moment. A nil pointer or an
// empty slice means "not known": Lacking says why. Rules must never read absence as health.
type Facts struct {
	At     Time   `json:"at"`
	Booted Time   `json:"booted,omitempty"`
	Since  Time   `json:"since,omitempty"` // lines from before were not looked at: they are of an outage that is over
	Site   string `json:"site"`
	Server string `json:"server,omitempty"`
	Route  Route  `json:"route"`

	// Offline marks an evidence document or pasted text: nothing can be asked of the machine,
	// so log lines establish causes which live facts would have to confirm otherwise.
	Offline bool `json:"offline,omitempty"`

	Lacking []Lack `json:"lacking,omitempty"`

	// The three questions, in the order of the path a request takes, from the inside.
	Upstream *Answer  `json:"upstream,omitempty"`
	Worker   *Connect `json:"worker,omitempty"` // connect as nginx's worker
	Public   *Answer  `json:"public,omitempty"`
	Outside  *Answer  `json:"outside,omitempty"` // the external URL, where one is configured and all is well here

	Unit      *Unit       `json:"unit,omitempty"`
	Socket    *Unit       `json:"socket,omitempty"` // the .socket unit
	Stop      *Stop       `json:"stop,omitempty"`   // the last stop of the unit, where it is not running
	Start     *Start      `json:"start,omitempty"`  // the starts of this unit that the journal tells of
	Nginx     *Nginx      `json:"nginx,omitempty"`
	Path      *SocketPath `json:"path,omitempty"`      // for unix targets
	Listeners []Listener  `json:"listeners,omitempty"` // on the target, and all of the unit's
	Processes []Process   `json:"processes,omitempty"` // of the unit's control group
	Strays    []Process   `json:"strays,omitempty"`    // WSGI servers outside every unit we know, `flask run` included
	Lines     []Line      `json:"lines,omitempty"`     // log lines that say something, oldest first
	Traffic   *Traffic    `json:"traffic,omitempty"`
	Host      *Host       `json:"host,omitempty"`
	Named     []Named     `json:"named,omitempty"`   // what the lines name (paths, ports, variables), looked at now
	Changes   []Change    `json:"changes,omitempty"` // since the baseline, newest first
	Baseline  *Baseline   `json:"baseline,omitempty"`
	// Files are the fingerprints of the route's files now, as [Baseline] keeps them.
	Files map[string]string `json:"files,omitempty"`
	Quiet *Quiet            `json:"quiet,omitempty"`
	// Packages are what is installed now, as [Baseline] keeps it. They stay out of cases and records:
	// there are dozens, and what differs is in Changes.
	Packages map[string]Package `json:"-"`

	// Given holds the `facts` of an evidence document whose keys have no field above.
	Given map[string]string `json:"given,omitempty"`
}

// UnitHistory is the [Lack] of any date for a unit's state, where StateChangeTimestamp was asked for and
// is empty: systemd keeps nothing of a unit that ended well and that nobody needs.
const UnitHistory = "unit.history"

// Lack is something that could not be learnt, and why.
type Lack struct {
	Fact string `json:"fact"`
	Why  string `json:"why"`
}

// Path parts and listeners, see package detect/sock.

// SocketPath is the socket's path walked from the root, as root sees it.
type SocketPath struct {
	Path  string     `json:"path"`
	Parts []PathPart `json:"parts"` // "/", "/run", …, the socket; ends at the first that is missing
}

// PathPart is one component of a path.
type PathPart struct {
	Path  string `json:"path"`
	Real  string `json:"real,omitempty"` // where Path leads once links are followed, where that differs; of a link its target
	Kind  string `json:"kind"`           // dir, socket, file, link, other, missing, hidden (we may not look)
	Mode  int    `json:"mode"`           // permission bits with setuid, setgid, sticky
	UID   int    `json:"uid"`
	GID   int    `json:"gid"`
	Owner string `json:"owner,omitempty"`
	Group string `json:"group,omitempty"`
	Inode uint64 `json:"inode,omitempty"`
	Links uint64 `json:"links,omitempty"`
	CTime Time   `json:"ctime,omitempty"`
	MTime Time   `json:"mtime,omitempty"`
	// WorkerMay is the kernel's answer for nginx's worker (x on a directory, w on a socket): yes, no, "" not asked.
	WorkerMay string `json:"worker_may,omitempty"`
}

// Last is the last part reached; nil when nothing was walked.
func (p *SocketPath) Last() *PathPart {
	if p == nil || len(p.Parts) == 0 {
		return nil
	}
	return &p.Parts[len(p.Parts)-1]
}

// Exists tells whether the walk reached the path's end and found something there.
func (p *SocketPath) Exists() bool {
	l := p.Last()
	return l != nil && l.Path == p.Path && l.Kind != "missing"
}

// Socket is the socket that the path leads to; nil where there is none.
func (p *SocketPath) Socket() *PathPart {
	if !p.Exists() || p.Last().Kind != "socket" {
		return nil
	}
	return p.Last()
}

// Dir is the directory that the socket is in; nil where there is no socket.
func (p *SocketPath) Dir() *PathPart {
	if p.Socket() == nil || len(p.Parts) < 2 {
		return nil
	}
	return &p.Parts[len(p.Parts)-2]
}

// Listener is a listening socket and who holds it.
type Listener struct {
	Target  Target    `json:"target"`
	Inode   uint64    `json:"inode"`
	Queue   int       `json:"queue"`   // connections waiting to be accepted; misleads, see DESIGN (gunicorn-hung)
	Backlog int       `json:"backlog"` // the effective limit
	Owners  []Process `json:"owners,omitempty"`
	InUnit  bool      `json:"in_unit"` // held by a process of the route's unit (or its .socket)
	Ours    bool      `json:"ours"`    // listens on the route's target
	// SameFile tells whether a unix listener's inode is the one its path leads to now:
	// yes, no (stolen, unlinked, another mount namespace), "" unknown.
	SameFile string `json:"same_file,omitempty"`
}

// Process is one process, by /proc/PID.
type Process struct {
	PID    int      `json:"pid"`
	PPID   int      `json:"ppid,omitempty"`
	Comm   string   `json:"comm,omitempty"`
	Args   []string `json:"args,omitempty"` // cmdline; with setproctitle "gunicorn: master [app:app]"
	State  string   `json:"state,omitempty"`
	UID    int      `json:"uid"`
	Start  Time     `json:"start,omitempty"`
	Unit   string   `json:"unit,omitempty"` // by control group: X.service, or session-3.scope, docker-….scope
	Tracer int      `json:"tracer,omitempty"`
	Exits  bool     `json:"exits,omitempty"`  // nginx worker: "is shutting down"
	Frozen bool     `json:"frozen,omitempty"` // its control group is frozen
	// A second look, where one was taken (gunicorn-hung): state, and ticks of CPU used in between.
	StateThen string `json:"state_then,omitempty"`
	Ticks     int    `json:"ticks,omitempty"`
	Looked    Span   `json:"looked,omitempty"` // time between the two looks; 0 when there was one
}

// Traffic is what the access log of the site told in the window before the snapshot. Our own probes are not counted.
type Traffic struct {
	Known      bool `json:"known"`            // false: no access log for this site
	Shared     bool `json:"shared,omitempty"` // Known is false because the log is other servers' too and its format does not tell them apart; errors come from the error log
	Window     Span `json:"window"`
	Requests   int  `json:"requests"`
	Nginx5xx   int  `json:"nginx_5xx"` // 502/503/504 made by nginx for real clients
	App5xx     int  `json:"app_5xx"`
	Answered   int  `json:"answered"`              // below 500, not 499
	Gone       int  `json:"gone,omitempty"`        // status 499: the client left before an answer
	NotHTTP    int  `json:"not_http,omitempty"`    // status 009: nginx took the answer for HTTP/0.9
	TooLong    int  `json:"too_long,omitempty"`    // requests refused for their size: 414, 431, 494, and 400 to a line beyond gunicorn's limit
	Unlogged   int  `json:"unlogged,omitempty"`    // 502 and 504 made by nginx that an error log, which is there, says nothing of
	LastAnswer Time `json:"last_answer,omitempty"` // last request completed below 500
	LastError  Time `json:"last_error,omitempty"`
}

// Host is what all sites share.
type Host struct {
	Disks     []Disk `json:"disks,omitempty"` // file systems of logs, temp paths, state, socket
	MemFree   int64  `json:"mem_free,omitempty"`
	MemTotal  int64  `json:"mem_total,omitempty"`
	OOMKills  int64  `json:"oom_kills,omitempty"` // memory.events of the unit, or /proc/vmstat oom_kill
	MAC       string `json:"mac,omitempty"`       // "selinux enforcing", "apparmor", ""
	Kernel    string `json:"kernel,omitempty"`
	Nofile    int    `json:"nofile,omitempty"`     // soft limit of nginx's worker
	NofileUse int    `json:"nofile_use,omitempty"` // descriptors it holds
}

// Disk is a file system that matters here.
type Disk struct {
	Path       string `json:"path"`
	FreeBytes  int64  `json:"free_bytes"`
	FreeInodes int64  `json:"free_inodes"` // -1 where the file system has no limit
	ReadOnly   bool   `json:"read_only,omitempty"`
}

// Named is a thing that a log line or the unit names, looked at now: the interpreter of
// ExecStart, the file of a traceback, the port of a database.
type Named struct {
	Kind  string `json:"kind"` // file, dir, exec, interpreter, envfile, module, modules (a directory of installed ones), variable, port, user
	Name  string `json:"name"`
	State string `json:"state"` // exists, missing, unreadable, not-executable, crlf, listening, free, unknown
	Note  string `json:"note,omitempty"`
	MTime Time   `json:"mtime,omitempty"`
}

// Package is an installed one, see package detect/packages.
type Package struct {
	Version string
	At      Time // it was installed; 0 when not known
}

// Change is one difference to the baseline.
type Change struct {
	What   string `json:"what"` // unit, drop-in, envfile, nginx-conf, app-file, socket-mode, dir-mode, bind, package, listener
	Name   string `json:"name"` // path or name
	Before string `json:"before,omitempty"`
	After  string `json:"after,omitempty"`
	At     Time   `json:"at,omitempty"` // mtime or ctime where known
	// Of an environment file, the names of variables that it set then and no longer sets, and those that are new.
	Lost   []string `json:"lost,omitempty"`
	Gained []string `json:"gained,omitempty"`
}

// Text is the change as a person reads it: "envfile /etc/shop/env lost DATABASE_URL: 40 bytes → 12 bytes".
func (c Change) Text() string {
	text := strings.TrimSpace(c.What + " " + c.Name)
	var names []string
	if len(c.Lost) > 0 {
		names = append(names, "lost "+strings.Join(c.Lost, ", "))
	}
	if len(c.Gained) > 0 {
		names = append(names, "gained "+strings.Join(c.Gained, ", "))
	}
	if len(names) > 0 {
		text += " " + strings.Join(names, " and ")
	}
	switch {
	case c.Before == c.After && c.Before == "":
		return text
	case c.Before == c.After:
		return text + ": other content"
	}
	return text + ": " + c.Before + " → " + c.After
}

// Quiet holds what must have been still for a while before we act, and who is at work.
type Quiet struct {
	NginxChanged Time `json:"nginx_changed,omitempty"` // newest mtime or ctime of any included file or directory
	AppChanged   Time `json:"app_changed,omitempty"`   // newest of the app's entry files and its directory
	UnitChanged  Time `json:"unit_changed,omitempty"`  // newest of fragment, drop-ins, env files
	// PackageLock is a *held* lock (inode in /proc/locks) of dpkg, apt, rpm …
	PackageLock string    `json:"package_lock,omitempty"`
	LockSince   Time      `json:"lock_since,omitempty"` // start of the holder
	Sessions    []Session `json:"sessions,omitempty"`
}

// Session is an open login session (logind).
type Session struct {
	ID    string `json:"id"`
	User  string `json:"user"`
	Since Time   `json:"since"`
}
