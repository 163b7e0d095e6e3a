package diagnose_test

import (
	"maps"
	"testing"

	"github.com/gatemend/gatemend/detect"
	"github.com/gatemend/gatemend/detect/diagnose"
)

const (
	second = detect.Span(1_000_000)
	now    = detect.Time(1_795_000_000_000_000)
)

var (
	sock = detect.Unix("/run/shop/shop.sock")
	ok   = &detect.Answer{At: now, URL: "unix", Outcome: detect.Answered, Status: 200, Proof: "upstream"}
)

// well is a machine on which nothing is wrong; each case breaks it.
func well() detect.Facts {
	return detect.Facts{
		At: now, Booted: now.Add(-86400 * second), Site: "shop", Server: "shop.test",
		Route:    detect.Route{Path: "/", Target: sock, Unit: "shop.service", Manage: detect.ManageAct},
		Upstream: ok, Public: ok,
		Worker: &detect.Connect{At: now, User: "www-data", UID: 33, Outcome: detect.Connected},
		Unit: &detect.Unit{
			Name: "shop.service", Load: "loaded", Active: "active", Sub: "running", Result: "success", FileState: "enabled",
			MainPID: 100, ExecStart: now.Add(-3600 * second), InactiveExit: now.Add(-3600 * second), Fragment: "/etc/systemd/system/shop.service",
			Binds: []detect.Target{sock}, WSGI: "gunicorn", App: "app:app", TimeoutApp: 30 * second, User: "shop",
			Argv: []string{"/srv/shop/venv/bin/gunicorn", "app:app"}, StartLimit: 5, RuntimeDirs: []string{"shop"}, RuntimeMode: 0o755,
		},
		Listeners: []detect.Listener{{Target: sock, InUnit: true, Ours: true, SameFile: "yes", Backlog: 2048}},
		Processes: []detect.Process{{PID: 100, State: "S", StateThen: "S", Looked: second}, {PID: 101, PPID: 100, State: "S", StateThen: "S", Looked: second}},
		Nginx: &detect.Nginx{
			Unit:     &detect.Unit{Name: "nginx.service", Active: "active", Sub: "running"},
			Master:   &detect.Process{PID: 50},
			Test:     &detect.ConfTest{At: now, OK: true},
			LoadedAt: now.Add(-7200 * second), ChangedAt: now.Add(-9000 * second),
			Disk: &detect.SiteConf{Upstreams: []detect.ProxyTo{{Target: sock, Schema: "http", Where: "/etc/nginx/sites-enabled/shop:9"}}},
		},
		Traffic: &detect.Traffic{Known: true, Window: 300 * second, Requests: 50, Answered: 50, LastAnswer: now.Add(-second)},
	}
}

// shut is a route whose upstream cannot be connected to.
func shut(f *detect.Facts, outcome detect.Outcome, errno int) {
	f.Upstream = &detect.Answer{At: now, URL: sock.String(), Outcome: outcome, Errno: errno, Stage: "connect"}
	f.Worker = &detect.Connect{At: now, User: "www-data", UID: 33, Outcome: outcome, Errno: errno}
	f.Public = &detect.Answer{At: now, URL: "http://shop.test/", Outcome: detect.Answered, Status: 502, ByNginx: true}
	f.Traffic.LastAnswer = now.Add(-100 * second)
}

// switchColour has nginx send the route to another gunicorn.
func switchColour(f *detect.Facts) {
	f.Nginx.Disk = &detect.SiteConf{Upstreams: []detect.ProxyTo{{Target: detect.Unix("/run/green/shop.sock"), Schema: "http", Where: "/etc/nginx/sites-enabled/shop:9"}}}
	f.Nginx.Loaded = f.Nginx.Disk
}

func down(f *detect.Facts, active, result string, code, status int) {
	shut(f, detect.Missing, 2)
	u := f.Unit
	u.Active, u.Sub, u.Result, u.ExitCode, u.ExitStatus, u.MainPID = active, map[string]string{"failed": "failed", "inactive": "dead"}[active], result, code, status, 0
	u.ActiveExit, u.InactiveEnter, u.StateChange = now.Add(-2*second), now.Add(-2*second), now.Add(-2*second)
	f.Processes, f.Listeners = nil, nil
}

func silent(f *detect.Facts) {
	f.Upstream = &detect.Answer{At: now, URL: sock.String(), Outcome: detect.TimedOut, Stage: "headers"}
	f.Public = &detect.Answer{At: now, URL: "http://shop.test/", Outcome: detect.Answered, Status: 504, ByNginx: true}
}

func line(source detect.Source, e detect.Event, attr map[string]string) detect.Line {
	return detect.Line{At: now.Add(-2 * second), Source: source, Event: e, Attr: attr, Text: string(e)}
}

type live struct {
	break_   func(*detect.Facts)
	health   detect.Health
	cause    detect.Cause
	acts     bool // confidence is enough to act
	decisive bool
	subject  map[string]string
}

var lives = map[string]live{
	"all is well": {func(f *detect.Facts) {}, detect.Healthy, "", false, false, nil},
	"stopped by a person": {func(f *detect.Facts) {
		down(f, "inactive", "success", 1, 0)
		f.Stop = &detect.Stop{At: now.Add(-2 * second), ByJob: true}
	}, detect.Sick, detect.GunicornStopped, true, true, map[string]string{"by_job": "yes", "unit": "shop.service"}},
	"stopped, socket activated": {func(f *detect.Facts) {
		down(f, "inactive", "success", 1, 0)
		f.Route.Socket = "shop.socket"
	}, detect.Sick, detect.GunicornStopped, true, true, map[string]string{"via_socket": "yes"}},
	"ended by a TERM soon after its start and first answer, its workers still busy": {func(f *detect.Facts) {
		shut(f, detect.Missing, 2)
		f.Unit.ExecStart, f.Unit.InactiveExit, f.Traffic.LastAnswer = now.Add(-5*second), now.Add(-5*second), now.Add(-second)
		f.Lines = []detect.Line{line(detect.FromApp, detect.EventShuttingDown, nil)}
	}, detect.Sick, detect.SocketMissing, true, false, map[string]string{detect.SubjectLimbo: "yes"}},
	"its socket removed, after the app printed a story of a failed start": {func(f *detect.Facts) {
		shut(f, detect.Missing, 2)
		f.Processes[1].Start = now.Add(-600 * second)
		f.Lines = []detect.Line{line(detect.FromApp, detect.EventTraceback, map[string]string{"kind": "KeyError", "variable": "DB", "phase": "boot", "file": "/srv/shop/app.py", "line": "3"})}
	}, detect.Sick, detect.SocketMissing, true, false, nil},
	"workers that fail to boot again and again": {func(f *detect.Facts) {
		silent(f)
		f.Traffic.LastAnswer = now.Add(-4000 * second)
		f.Processes[1].Start = now.Add(-second)
		f.Lines = []detect.Line{line(detect.FromApp, detect.EventTraceback, map[string]string{"kind": "KeyError", "variable": "DB", "phase": "boot", "file": "/srv/shop/app.py", "line": "3"})}
	}, detect.Sick, detect.EnvMissing, true, false, nil},
	"killed, after the app printed a story of a failed start": {func(f *detect.Facts) {
		down(f, "failed", "signal", 2, 9)
		f.Lines = []detect.Line{line(detect.FromApp, detect.EventTraceback, map[string]string{"kind": "ModuleNotFoundError", "module": "redis", "phase": "boot", "file": "/srv/shop/app.py", "line": "3"})}
	}, detect.Sick, detect.GunicornCrashed, true, true, nil},
	"ended by a TERM, after the app printed a story of a failed start": {func(f *detect.Facts) {
		down(f, "inactive", "success", 1, 0)
		f.Stop = &detect.Stop{At: now.Add(-2 * second)}
		f.Lines = []detect.Line{line(detect.FromApp, detect.EventTraceback, map[string]string{"kind": "KeyError", "variable": "DB", "phase": "boot", "file": "/srv/shop/app.py", "line": "3"})}
	}, detect.Sick, detect.GunicornStopped, true, true, nil},
	"the idle colour is stopped": {func(f *detect.Facts) {
		down(f, "inactive", "success", 1, 0)
		f.Public = ok
		switchColour(f)
	}, detect.Healthy, "", false, false, nil},
	"both colours are down": {func(f *detect.Facts) {
		down(f, "failed", "signal", 2, 9)
		switchColour(f)
	}, detect.Sick, detect.Unknown, false, false, nil},
	"killed": {func(f *detect.Facts) { down(f, "failed", "signal", 2, 9) }, detect.Sick, detect.GunicornCrashed, true, true, nil},
	"killed, systemd will restart it": {func(f *detect.Facts) {
		down(f, "failed", "signal", 2, 9)
		f.Unit.Active, f.Unit.Sub, f.Unit.Restart = "activating", "auto-restart", "always"
	}, detect.Sick, detect.GunicornCrashed, true, false, map[string]string{"state": "activating/auto-restart"}},
	"killed, a worker holds it up": {func(f *detect.Facts) {
		down(f, "failed", "signal", 2, 9)
		f.Unit.Active, f.Unit.Sub, f.Unit.StateChange = "deactivating", "stop-sigterm", now.Add(-3*second)
		f.Processes = []detect.Process{{PID: 101, State: "S"}}
	}, detect.Sick, detect.GunicornCrashed, true, true, map[string]string{detect.SubjectLeftovers: "yes"}},
	"a group that the workers do not have yet": {func(f *detect.Facts) {
		shut(f, detect.Denied, 13)
		f.Nginx.Granted, f.Nginx.Groups = []int{33, 998}, []int{33}
		f.Path = walked(detect.PathPart{Path: "/run/shop", Kind: "dir", Mode: 0o755, WorkerMay: "yes"}, detect.PathPart{Path: sock.Address, Kind: "socket", Mode: 0o770, GID: 998, Group: "shop", WorkerMay: "no"})
	}, detect.Sick, detect.SocketPermission, true, false, map[string]string{detect.SubjectGroups: "stale"}},
	"the master is exiting": {func(f *detect.Facts) {
		shut(f, detect.Missing, 2)
		f.Lines = []detect.Line{line(detect.FromApp, detect.EventShuttingDown, nil)}
	}, detect.Sick, detect.SocketMissing, true, false, map[string]string{detect.SubjectLimbo: "yes"}},
	"start limit behind exit-code": {func(f *detect.Facts) {
		down(f, "failed", "signal", 2, 9)
		f.Start = &detect.Start{Refused: now.Add(-second)}
	}, detect.Sick, detect.StartLimitHit, true, true, nil},
	"start limit after an import error": {func(f *detect.Facts) {
		down(f, "failed", "exit-code", 1, 3)
		f.Start = &detect.Start{Refused: now.Add(-second)}
		f.Lines = []detect.Line{line(detect.FromApp, detect.EventTraceback, map[string]string{"kind": "ModuleNotFoundError", "module": "redis", "phase": "boot", "file": "/srv/shop/app.py", "line": "3"})}
	}, detect.Sick, detect.AppImportError, true, false, map[string]string{"module": "redis", "file": "/srv/shop/app.py"}},
	"the app prints an import error and serves": {func(f *detect.Facts) {
		f.Lines = []detect.Line{line(detect.FromApp, detect.EventTraceback, map[string]string{"kind": "ImportError", "phase": "boot"})}
	}, detect.Healthy, "", false, false, nil},
	"start limit, and the app was changed since": {func(f *detect.Facts) {
		down(f, "failed", "exit-code", 1, 3)
		f.Start = &detect.Start{Refused: now.Add(-second)}
		f.Quiet = &detect.Quiet{AppChanged: now.Add(-second)}
	}, detect.Sick, detect.StartLimitHit, true, true, nil},
	"the database answers again": {func(f *detect.Facts) {
		down(f, "failed", "exit-code", 1, 3)
		f.Start = &detect.Start{Refused: now.Add(-second)}
		f.Named = []detect.Named{{Kind: "port", Name: "127.0.0.1:5432", State: "listening"}}
		f.Lines = []detect.Line{line(detect.FromApp, detect.EventTraceback, map[string]string{"kind": "OperationalError", "phase": "boot", "message": `connection to server at "127.0.0.1", port 5432 failed`})}
	}, detect.Sick, detect.StartLimitHit, true, true, nil},
	"variable": {func(f *detect.Facts) {
		down(f, "failed", "exit-code", 1, 3)
		f.Lines = []detect.Line{line(detect.FromApp, detect.EventTraceback, map[string]string{"kind": "KeyError", "variable": "DATABASE_URL", "phase": "boot"})}
	}, detect.Sick, detect.EnvMissing, true, false, map[string]string{"variable": "DATABASE_URL"}},
	"environment file": {func(f *detect.Facts) {
		down(f, "failed", "resources", 0, 0)
		f.Unit.EnvFiles = []string{"/etc/shop.env"}
		f.Lines = []detect.Line{line(detect.FromSystemd, detect.EventEnvFileMissing, nil)}
	}, detect.Sick, detect.EnvMissing, true, false, map[string]string{"file": "/etc/shop.env"}},
	"203, its line lost": {func(f *detect.Facts) { down(f, "failed", "exit-code", 1, 203) }, detect.Sick, detect.ExecPathWrong, true, false, map[string]string{"path": "/srv/shop/venv/bin/gunicorn"}},
	"217":                {func(f *detect.Facts) { down(f, "failed", "exit-code", 1, 217) }, detect.Sick, detect.UnitUserWrong, true, false, nil},
	"out of memory":      {func(f *detect.Facts) { down(f, "failed", "oom-kill", 1, 0) }, detect.Sick, detect.WorkerOOM, true, true, nil},
	"the unit changed, and fell": {func(f *detect.Facts) {
		down(f, "failed", "exit-code", 1, 203)
		f.Unit.NeedReload = true
	}, detect.Sick, detect.UnitStale, true, false, nil},
	"file removed": {func(f *detect.Facts) { shut(f, detect.Missing, 2) }, detect.Sick, detect.SocketMissing, true, false, map[string]string{"path": "/run/shop/shop.sock"}},
	"socket mode": {func(f *detect.Facts) {
		shut(f, detect.Denied, 13)
		f.Path = walked(detect.PathPart{Path: "/run/shop", Kind: "dir", Mode: 0o755, WorkerMay: "yes"}, detect.PathPart{Path: sock.Address, Kind: "socket", Mode: 0o700, Owner: "shop", Group: "shop", WorkerMay: "no"})
		f.Baseline = &detect.Baseline{Socket: &detect.PathPart{Path: sock.Address, Mode: 0o777, Group: "shop"}}
	}, detect.Sick, detect.SocketPermission, true, true, map[string]string{"mode": "0700", "want_mode": "0777"}},
	"socket mode, as it always was": {func(f *detect.Facts) {
		shut(f, detect.Denied, 13)
		f.Path = walked(detect.PathPart{Path: sock.Address, Kind: "socket", Mode: 0o700, Owner: "shop", Group: "shop", WorkerMay: "no"})
		f.Baseline = &detect.Baseline{Socket: &detect.PathPart{Path: sock.Address, Mode: 0o700, Group: "shop"}}
	}, detect.Sick, detect.SocketPermission, true, false, map[string]string{"mode": "0700"}},
	"directory mode": {func(f *detect.Facts) {
		shut(f, detect.Denied, 13)
		f.Path = walked(detect.PathPart{Path: "/run/shop", Kind: "dir", Mode: 0o700, Owner: "shop", Group: "shop", WorkerMay: "no"}, detect.PathPart{Path: sock.Address, Kind: "socket", Mode: 0o777})
	}, detect.Sick, detect.SocketDirPerm, true, false, map[string]string{"dir": "/run/shop", "mode": "0700", "want_mode": "0755"}},
	"every mode is right": {func(f *detect.Facts) {
		shut(f, detect.Denied, 13)
		f.Host = &detect.Host{MAC: "selinux enforcing"}
		f.Path = walked(detect.PathPart{Path: "/run/shop", Kind: "dir", Mode: 0o755, WorkerMay: "yes"}, detect.PathPart{Path: sock.Address, Kind: "socket", Mode: 0o777, WorkerMay: "yes"})
	}, detect.Sick, detect.MACDenied, true, false, nil},
	"left over": {func(f *detect.Facts) {
		shut(f, detect.Refused, 111)
		f.Listeners = nil
		f.Path = walked(detect.PathPart{Path: sock.Address, Kind: "socket", Mode: 0o777})
	}, detect.Sick, detect.SocketStale, true, false, nil},
	"queue": {func(f *detect.Facts) { shut(f, detect.Backlog, 11) }, detect.Sick, detect.BacklogFull, true, false, nil},
	"elsewhere": {func(f *detect.Facts) {
		shut(f, detect.Missing, 2)
		f.Listeners = []detect.Listener{{Target: detect.TCP("127.0.0.1:8000"), InUnit: true}}
	}, detect.Sick, detect.UpstreamMismatch, true, false, map[string]string{"listens": "127.0.0.1:8000"}},
	"nginx was sent where nobody is": {func(f *detect.Facts) {
		f.Public = &detect.Answer{At: now, URL: "http://shop.test/", Outcome: detect.Answered, Status: 502, ByNginx: true}
		f.Nginx.Disk.Upstreams[0].Target = detect.Unix("/run/shop/gone.sock")
	}, detect.Sick, detect.UpstreamMismatch, true, false, map[string]string{"target": "unix:/run/shop/gone.sock", "listens": "unix:/run/shop/shop.sock"}},
	"nginx was sent where nobody is, right after a start": {func(f *detect.Facts) {
		f.Public = &detect.Answer{At: now, URL: "http://shop.test/", Outcome: detect.Answered, Status: 502, ByNginx: true}
		f.Nginx.Disk.Upstreams[0].Target = detect.Unix("/run/shop/gone.sock")
		f.Unit.InactiveExit, f.Unit.ExecStart = now.Add(-3*second), now.Add(-3*second)
	}, detect.Sick, detect.UpstreamMismatch, true, false, nil},
	"squatter": {func(f *detect.Facts) {
		f.Route.Target = detect.TCP("127.0.0.1:8000")
		down(f, "failed", "exit-code", 1, 1)
		f.Listeners = []detect.Listener{{Target: f.Route.Target, Ours: true, Owners: []detect.Process{{PID: 7, Comm: "flask", Unit: "session-3.scope", Args: []string{"flask", "run"}}}}}
	}, detect.Sick, detect.PortInUse, true, false, map[string]string{"holder_pid": "7"}},
	"a second gunicorn took the path, and answers": {func(f *detect.Facts) { stolen(f) }, detect.Degraded, detect.PortInUse, true, false, map[string]string{"holder_pid": "7", "target": "unix:/run/shop/shop.sock"}},
	"a second gunicorn took the path, and lets nobody in": {func(f *detect.Facts) {
		stolen(f)
		shut(f, detect.Denied, 13)
		f.Path = walked(detect.PathPart{Path: "/run/shop", Kind: "dir", Mode: 0o755, WorkerMay: "yes"}, detect.PathPart{Path: sock.Address, Kind: "socket", Mode: 0o700, Owner: "root", Group: "root", WorkerMay: "no"})
	}, detect.Sick, detect.PortInUse, true, false, map[string]string{"holder_pid": "7"}},
	"a second gunicorn took the path, and hangs": {func(f *detect.Facts) { stolen(f); silent(f) }, detect.Sick, detect.PortInUse, true, false, nil},
	"a development server answers in place of the unit": {func(f *detect.Facts) {
		f.Route.Target = detect.TCP("127.0.0.1:8000")
		down(f, "inactive", "success", 1, 0)
		f.Nginx.Disk.Upstreams[0].Target = f.Route.Target
		f.Upstream, f.Public, f.Worker = ok, ok, nil
		f.Listeners = []detect.Listener{{Target: f.Route.Target, Ours: true, Owners: []detect.Process{{PID: 7, Comm: "flask", Unit: "session-3.scope", Args: []string{"/usr/bin/python3", "/usr/bin/flask", "--app", "app", "run", "-p", "8000"}}}}}
	}, detect.Degraded, detect.PortInUse, true, false, map[string]string{"holder_pid": "7", "dev_server": "yes"}},
	"a proxy answers for a unit that is only observed": {func(f *detect.Facts) {
		stolen(f)
		f.Route.Manage = detect.ManageObserve
	}, detect.Healthy, "", false, false, nil},
	"the port was in use, and is free now": {func(f *detect.Facts) {
		f.Route.Target = detect.TCP("127.0.0.1:8000")
		down(f, "failed", "exit-code", 1, 1)
		f.Lines = []detect.Line{line(detect.FromApp, detect.EventAddressInUse, map[string]string{"target": "127.0.0.1:8000"})}
		f.Named = []detect.Named{{Kind: "port", Name: "127.0.0.1:8000", State: "free"}}
	}, detect.Sick, detect.PortInUse, true, false, map[string]string{"target": "127.0.0.1:8000"}},
	"bind denied": {func(f *detect.Facts) {
		down(f, "failed", "exit-code", 1, 1)
		l := line(detect.FromApp, detect.EventBindFailed, map[string]string{"target": "unix:/run/shop.sock"})
		l.Errno = 13
		f.Lines = []detect.Line{l}
	}, detect.Sick, detect.BindDenied, true, false, nil},
	"nginx is down": {func(f *detect.Facts) {
		f.Nginx.Unit.Active, f.Nginx.Unit.Sub, f.Nginx.Master = "failed", "failed", nil
		f.Public = &detect.Answer{At: now, URL: "http://shop.test/", Outcome: detect.Refused, Errno: 111, Stage: "connect"}
	}, detect.Sick, detect.NginxDown, true, true, nil},
	"nginx is gone, and nobody knows where it listened": {func(f *detect.Facts) {
		f.Nginx.Unit.Active, f.Nginx.Unit.Sub, f.Nginx.Master = "inactive", "dead", nil
		f.Public, f.Lacking = nil, []detect.Lack{{Fact: "public", Why: "no address is known"}}
	}, detect.Uncertain, detect.NginxDown, true, false, nil},
	"nginx is not asked for": {func(f *detect.Facts) {
		f.Nginx.Unit.Active, f.Nginx.Unit.Sub, f.Nginx.Master, f.Public = "inactive", "dead", nil, nil
	}, detect.Healthy, "", false, false, nil},
	"nginx is down and cannot start": {func(f *detect.Facts) {
		f.Nginx.Unit.Active, f.Nginx.Unit.Sub, f.Nginx.Master = "failed", "failed", nil
		f.Nginx.Test = &detect.ConfTest{File: "/etc/nginx/nginx.conf", Line: 3, Message: "unknown directive"}
		f.Public = &detect.Answer{At: now, URL: "http://shop.test/", Outcome: detect.Refused, Errno: 111, Stage: "connect"}
	}, detect.Sick, detect.NginxConfigInvalid, true, false, map[string]string{"line": "3"}},
	"nginx holds the old target": {func(f *detect.Facts) {
		f.Public = &detect.Answer{At: now, URL: "http://shop.test/", Outcome: detect.Answered, Status: 502, ByNginx: true}
		f.Nginx.ChangedAt = now.Add(-120 * second)
		l := line(detect.FromNginxError, detect.EventConnectFailed, map[string]string{"target": "unix:/run/shop/old.sock"})
		l.Ours, l.Errno = true, 2
		f.Lines = []detect.Line{l}
	}, detect.Sick, detect.NginxConfigStale, true, false, nil},
	"app error": {func(f *detect.Facts) {
		a := *ok
		a.Status = 500
		f.Upstream, f.Public = &a, &a
	}, detect.Sick, detect.AppError, true, false, nil},
	"frozen": {func(f *detect.Facts) {
		silent(f)
		f.Processes[1].State, f.Processes[1].StateThen = "T", "T"
	}, detect.Sick, detect.GunicornHung, true, true, nil},
	"deadlocked": {func(f *detect.Facts) {
		silent(f)
		f.Traffic.LastAnswer = now.Add(-100 * second)
	}, detect.Sick, detect.GunicornHung, true, false, nil},
	"deadlocked, and the workers beat": {func(f *detect.Facts) {
		silent(f)
		f.Traffic.LastAnswer = now.Add(-100 * second)
		f.Processes[1].Ticks = 1
	}, detect.Sick, detect.GunicornHung, true, false, nil},
	"nothing is answered, and gunicorn times its workers out": {func(f *detect.Facts) {
		silent(f)
		f.Traffic.LastAnswer = now.Add(-100 * second)
		f.Lines = []detect.Line{line(detect.FromApp, detect.EventWorkerTimeout, nil)}
	}, detect.Sick, detect.WorkerTimeout, false, false, nil},
	"deadlocked, a worker was timed out long before": {func(f *detect.Facts) {
		silent(f)
		f.Traffic.LastAnswer = now.Add(-100 * second)
		f.Lines = []detect.Line{line(detect.FromApp, detect.EventWorkerTimeout, nil)}
		f.Lines[0].At = now.Add(-60 * second)
	}, detect.Sick, detect.GunicornHung, true, false, nil},
	"nothing is answered, a worker computes": {func(f *detect.Facts) {
		silent(f)
		f.Traffic.LastAnswer = now.Add(-100 * second)
		f.Processes[1].Ticks = 5
	}, detect.Sick, detect.WorkerTimeout, false, false, nil},
	"slow, others are answered": {func(f *detect.Facts) { silent(f) }, detect.Sick, detect.WorkerTimeout, false, false, nil},
	"silent, no access log": {func(f *detect.Facts) {
		silent(f)
		f.Traffic = &detect.Traffic{}
	}, detect.Sick, detect.WorkerTimeout, false, false, nil},
	"clients suffer": {func(f *detect.Facts) {
		f.Traffic.Nginx5xx, f.Traffic.LastError = 9, now
	}, detect.Degraded, detect.Unknown, false, false, nil},
	"a line alone, however plain": {func(f *detect.Facts) {
		f.Upstream = &detect.Answer{At: now, Outcome: detect.Closed, Stage: "headers"}
		f.Lines = []detect.Line{line(detect.FromNginxError, detect.EventHeaderTooBig, nil)}
	}, detect.Sick, detect.HeaderTooBig, false, false, nil},
	"nothing is known": {func(f *detect.Facts) {
		*f = detect.Facts{At: now, Route: f.Route}
	}, detect.Uncertain, "", false, false, nil},
	"starting": {func(f *detect.Facts) {
		shut(f, detect.Missing, 2)
		f.Unit.Active, f.Unit.Sub = "activating", "start"
		f.Listeners = nil
	}, detect.Sick, detect.Unknown, false, false, map[string]string{"starting": "yes"}},
	"just started": {func(f *detect.Facts) {
		shut(f, detect.Missing, 2)
		f.Unit.InactiveExit, f.Unit.ExecStart = now.Add(-3*second), now.Add(-3*second)
	}, detect.Sick, detect.Unknown, false, false, nil},
	"just started, and the clock was set back": {func(f *detect.Facts) {
		shut(f, detect.Missing, 2)
		f.Unit.InactiveExit, f.Unit.ExecStart = now.Add(-3*second), now.Add(-3*second)
		f.Baseline = &detect.Baseline{At: now.Add(3600 * second)}
	}, detect.Sick, detect.Unknown, false, false, nil},
}

// stolen is a second gunicorn that was started on the unit's path from a shell.
func stolen(f *detect.Facts) {
	f.Listeners = []detect.Listener{
		{Target: sock, Ours: true, InUnit: true, SameFile: "no"},
		{Target: sock, Ours: true, SameFile: "yes", Owners: []detect.Process{{PID: 7, Comm: "gunicorn", Unit: "session-3.scope", Args: []string{"gunicorn", "app:app"}}}},
	}
}

func walked(parts ...detect.PathPart) *detect.SocketPath {
	return &detect.SocketPath{Path: sock.Address, Parts: append([]detect.PathPart{{Path: "/", Kind: "dir", Mode: 0o755, WorkerMay: "yes"}}, parts...)}
}

func TestLive(t *testing.T) {
	all := maps.Clone(lives)
	maps.Copy(all, starts)
	maps.Copy(all, refusals)
	for name, c := range all {
		t.Run(name, func(t *testing.T) {
			f := well()
			c.break_(&f)
			d := diagnose.Diagnose(f)
			if d.Health != c.health || d.Primary.Cause != c.cause {
				t.Fatalf("%s %s, want %s %s\n%+v\nalso %+v", d.Health, d.Primary.Cause, c.health, c.cause, d.Primary, d.Also)
			}
			if acts := d.Primary.Confidence >= detect.ActAt; acts != c.acts {
				t.Errorf("confidence %d, acts %v", d.Primary.Confidence, c.acts)
			}
			if d.Primary.Decisive != c.decisive {
				t.Errorf("decisive %v", d.Primary.Decisive)
			}
			for k, want := range c.subject {
				if got := d.Primary.Subject[k]; got != want {
					t.Errorf("subject %s = %q, want %q", k, got, want)
				}
			}
			if n := len(d.Primary.Advice); c.acts && (n == 0 || n > 6) {
				t.Errorf("%d lines of advice", n)
			}
		})
	}
}
