package diagnose_test

import "github.com/gatemend/gatemend/detect"

// starts are cases about several lives of one unit: what an earlier one said is no reason for the
// end of a later one, and workers that booted are no loop while they are there.
var starts = map[string]live{
	"file removed, four workers serve nobody": {func(f *detect.Facts) {
		shut(f, detect.Missing, 2)
		booted := line(detect.FromApp, detect.EventBooting, nil)
		booted.Count = 4
		f.Lines = []detect.Line{booted}
		f.Processes = append(f.Processes, f.Processes[1], f.Processes[1], f.Processes[1])
	}, detect.Sick, detect.SocketMissing, true, false, nil},
	"a link lies where systemd makes the runtime directory": {func(f *detect.Facts) {
		shut(f, detect.Missing, 2)
		f.Path = linked("/srv/empty")
	}, detect.Sick, detect.ExecPathWrong, true, false, map[string]string{"path": "/run/shop"}},
	"a link lies there, and it is down": {func(f *detect.Facts) {
		down(f, "failed", "signal", 2, 9)
		f.Path = linked("/srv/empty")
	}, detect.Sick, detect.ExecPathWrong, true, false, nil},
	"the runtime directory of a DynamicUser= is a link of systemd's": {func(f *detect.Facts) {
		shut(f, detect.Missing, 2)
		f.Path = linked("private/shop")
	}, detect.Sick, detect.SocketMissing, true, false, nil},
	"workers boot and boot": {func(f *detect.Facts) {
		shut(f, detect.Closed, 0)
		booted := line(detect.FromApp, detect.EventBooting, nil)
		booted.Count = 9
		f.Lines = []detect.Line{booted}
	}, detect.Sick, detect.AppStartup, false, false, nil},
	"workers are recycled, and boot again and again": {func(f *detect.Facts) {
		booted, ended := line(detect.FromApp, detect.EventBooting, nil), line(detect.FromApp, detect.EventAutoRestart, nil)
		booted.Count, ended.Count = 12, 10
		f.Lines = []detect.Line{booted, ended, line(detect.FromNginxError, detect.EventUpstreamReset, map[string]string{"schema": "http"})}
		f.Traffic.Nginx5xx = 6
	}, detect.Degraded, detect.WorkerRecycled, false, false, nil},
	"the path's last owner is gone, and the unit listens on the file before": {func(f *detect.Facts) {
		shut(f, detect.Refused, 111)
		f.Path = walked(detect.PathPart{Path: sock.Address, Kind: "socket", Mode: 0o777, WorkerMay: "yes"})
		f.Listeners[0].SameFile = "no"
	}, detect.Sick, detect.SocketStale, true, false, nil},
	"a header too big in the second of the start": {func(f *detect.Facts) {
		f.Unit.ExecStart, f.Unit.InactiveExit = now.Add(-2*second-400_000), now.Add(-2*second-400_000)
		f.Public = &detect.Answer{At: now, URL: "http://shop.test/", Outcome: detect.Answered, Status: 502, ByNginx: true}
		l := line(detect.FromNginxError, detect.EventHeaderTooBig, nil)
		l.At = now.Add(-3 * second)
		f.Lines = []detect.Line{l}
	}, detect.Sick, detect.HeaderTooBig, false, false, nil},
	"a variable that one of two environment files lost": {func(f *detect.Facts) {
		down(f, "failed", "exit-code", 1, 3)
		f.Unit.ExecStart, f.Unit.InactiveExit, f.Unit.ExecExit = now.Add(-3*second), now.Add(-3*second), now.Add(-2*second)
		f.Unit.EnvFiles = []string{"/etc/shop/common.env", "/etc/shop/shop.env"}
		f.Changes = []detect.Change{{What: "envfile", Name: "/etc/shop/shop.env", Before: "40 bytes", After: "12 bytes", Lost: []string{"DATABASE_URL"}}}
		f.Lines = []detect.Line{line(detect.FromApp, detect.EventTraceback, map[string]string{"kind": "KeyError", "variable": "DATABASE_URL", "phase": "boot"})}
	}, detect.Sick, detect.EnvMissing, true, false, map[string]string{"variable": "DATABASE_URL", "file": "/etc/shop/shop.env"}},
	"a worker of gunicorn 23 is timed out right after the start, and says 500": {func(f *detect.Facts) {
		f.Unit.ExecStart, f.Unit.InactiveExit = now.Add(-5*second), now.Add(-5*second)
		f.Upstream = &detect.Answer{At: now, URL: sock.String(), Outcome: detect.Answered, Status: 500}
		f.Public = &detect.Answer{At: now, URL: "http://shop.test/", Outcome: detect.Answered, Status: 500}
		f.Lines = []detect.Line{line(detect.FromApp, detect.EventWorkerTimeout, nil),
			line(detect.FromApp, detect.EventTraceback, map[string]string{"kind": "SystemExit", "phase": "request", "file": "/srv/shop/app.py", "line": "22"})}
	}, detect.Sick, detect.WorkerTimeout, false, false, map[string]string{"line": "22"}},
	"clients are turned away, and we got the place that just became free": {func(f *detect.Facts) {
		f.Upstream = &detect.Answer{At: now, URL: sock.String(), Outcome: detect.TimedOut, Stage: "headers"}
		f.Public = &detect.Answer{At: now, URL: "http://shop.test/", Outcome: detect.TimedOut, Stage: "headers"}
		f.Listeners[0].Queue, f.Listeners[0].Backlog = 5, 4
		away := line(detect.FromNginxError, detect.EventConnectFailed, map[string]string{"target": sock.String(), "upstream": sock.String()})
		away.Errno = 11
		f.Lines = []detect.Line{away}
	}, detect.Sick, detect.BacklogFull, false, false, nil},
	"clients are turned away right after a start, and we were answered in between": {func(f *detect.Facts) {
		f.Unit.ExecStart, f.Unit.InactiveExit = now.Add(-3*second), now.Add(-3*second)
		f.Public = &detect.Answer{At: now, URL: "http://shop.test/", Outcome: detect.Answered, Status: 502, ByNginx: true}
		away := line(detect.FromNginxError, detect.EventConnectFailed, map[string]string{"target": sock.String(), "upstream": sock.String()})
		away.Errno = 11
		f.Lines = []detect.Line{away}
	}, detect.Sick, detect.BacklogFull, false, false, nil},
	"a CDN answers in its place": {func(f *detect.Facts) {
		f.Outside = &detect.Answer{At: now, URL: "https://shop.test/", Outcome: detect.Answered, Status: 522}
	}, detect.Degraded, detect.NotLocal, true, false, nil},
	"the name means nothing any more, and the app is down as well": {func(f *detect.Facts) {
		down(f, "failed", "signal", 2, 9)
		f.Outside = &detect.Answer{At: now, URL: "https://shop.test/", Outcome: detect.Unresolved}
	}, detect.Sick, detect.GunicornCrashed, true, true, nil},
	"a certificate, and plain requests": {func(f *detect.Facts) {
		f.Unit.Argv = append(f.Unit.Argv, "--certfile", "/srv/shop/cert.pem")
		f.Upstream = &detect.Answer{At: now, URL: sock.String(), Outcome: detect.Reset, Errno: 104, Stage: "read"}
		f.Public = &detect.Answer{At: now, URL: "http://shop.test/", Outcome: detect.Answered, Status: 502, ByNginx: true}
		reset := line(detect.FromNginxError, detect.EventUpstreamReset, map[string]string{"schema": "http"})
		reset.Errno = 104
		f.Lines = []detect.Line{reset}
	}, detect.Sick, detect.ProtocolMismatch, true, false, nil},
	"another import fails than before": {func(f *detect.Facts) {
		down(f, "failed", "exit-code", 1, 3)
		f.Unit.ExecStart, f.Unit.InactiveExit, f.Unit.ExecExit = now.Add(-3*second), now.Add(-3*second), now.Add(-2*second)
		old := line(detect.FromApp, detect.EventTraceback, map[string]string{"kind": "KeyError", "variable": "DATABASE_URL", "phase": "boot"})
		old.At = now.Add(-5 * second)
		f.Lines = []detect.Line{old, line(detect.FromApp, detect.EventTraceback, map[string]string{"kind": "ModuleNotFoundError", "module": "redis", "phase": "boot"})}
	}, detect.Sick, detect.AppImportError, true, false, map[string]string{"module": "redis"}},
	"a loop of failing starts, another one on its way": {func(f *detect.Facts) {
		down(f, "failed", "exit-code", 1, 3)
		f.Unit.Active, f.Unit.Sub = "activating", "auto-restart"
		f.Unit.ExecStart, f.Unit.InactiveExit, f.Unit.ExecExit, f.Unit.InactiveEnter = now.Add(-second), now.Add(-second), now.Add(-3*second), now.Add(-3*second)
		f.Lines = []detect.Line{line(detect.FromApp, detect.EventTraceback, map[string]string{"kind": "ModuleNotFoundError", "module": "redis", "phase": "boot"})}
	}, detect.Sick, detect.AppImportError, true, false, nil},
	"a loop of failing starts, the last one refused (systemd 257)": {func(f *detect.Facts) {
		refusedAfter(f)
		f.Unit.ExecStart = f.Start.Last.Add(-second / 500)
	}, detect.Sick, detect.AppImportError, true, false, nil},
	"a loop of failing ExecStartPre=, the last one refused (systemd 257)": {refusedAfter, detect.Sick, detect.AppImportError, true, false, nil},
	"the start before the one that was refused said nothing (systemd 257)": {func(f *detect.Facts) {
		refusedAfter(f)
		f.Lines[0].At = f.Start.Last.Add(-second / 10)
	}, detect.Sick, detect.StartLimitHit, true, true, nil},
	"killed, and the life before ended with a traceback": {func(f *detect.Facts) {
		down(f, "failed", "signal", 2, 9)
		f.Unit.ExecStart, f.Unit.InactiveExit, f.Unit.ExecExit = now.Add(-40*second), now.Add(-40*second), now.Add(-2*second)
		l := line(detect.FromApp, detect.EventTraceback, map[string]string{"kind": "FileNotFoundError", "file": "/usr/bin/gunicorn"})
		l.At = now.Add(-42 * second)
		f.Lines = []detect.Line{l}
	}, detect.Sick, detect.GunicornCrashed, true, true, nil},
	"masked, and it had crashed and was started before": {func(f *detect.Facts) {
		down(f, "inactive", "success", 0, 0)
		f.Unit.Load, f.Unit.ExecStart, f.Unit.InactiveExit = "masked", 0, 0
		crash, start := line(detect.FromSystemd, detect.EventMainExited, map[string]string{"code": "killed"}), line(detect.FromSystemd, detect.EventUnitStarted, nil)
		crash.At = now.Add(-30 * second)
		f.Lines = []detect.Line{crash, start}
	}, detect.Sick, detect.GunicornStopped, true, false, nil},
	"started anew, after the app printed a story of a failed start": {func(f *detect.Facts) { anew(f) }, detect.Sick, detect.Unknown, false, false, nil},
	"started anew, after it failed": {func(f *detect.Facts) {
		anew(f)
		failed := line(detect.FromSystemd, detect.EventMainExited, map[string]string{"code": "exited", "status": "3"})
		failed.At = now.Add(-8 * second)
		f.Lines = append(f.Lines, failed)
	}, detect.Sick, detect.EnvMissing, true, false, nil},
	"file removed, and the unit was edited at some time": {func(f *detect.Facts) {
		shut(f, detect.Missing, 2)
		f.Unit.NeedReload = true
	}, detect.Sick, detect.SocketMissing, true, false, nil},
	"killed, a worker holds it up, after the app printed a story of a failed start": {func(f *detect.Facts) {
		down(f, "failed", "signal", 2, 9)
		f.Unit.Active, f.Unit.Sub, f.Unit.StateChange = "deactivating", "stop-sigterm", now.Add(-3*second)
		f.Processes = []detect.Process{{PID: 101, State: "S"}}
		f.Lines = []detect.Line{line(detect.FromApp, detect.EventTraceback, map[string]string{"kind": "KeyError", "variable": "DB", "phase": "boot", "file": "/srv/shop/app.py", "line": "3"})}
	}, detect.Sick, detect.GunicornCrashed, true, true, map[string]string{detect.SubjectLeftovers: "yes"}},
	"a restart is on its way, after the app printed a story of a failed start": {func(f *detect.Facts) {
		shut(f, detect.Closed, 0)
		f.Unit.Active, f.Unit.Sub, f.Unit.StateChange = "deactivating", "stop-sigterm", now.Add(-second)
		f.Lines = []detect.Line{line(detect.FromApp, detect.EventTraceback, map[string]string{"kind": "KeyError", "variable": "DB", "phase": "boot", "file": "/srv/shop/app.py", "line": "3"})}
	}, detect.Sick, detect.Unknown, false, false, nil},
}

// refusedAfter is a unit that failed, waited for its next start, and was refused it: by systemd 254 and later
// the wait is the last that the unit did.
func refusedAfter(f *detect.Facts) {
	down(f, "failed", "exit-code", 1, 3)
	f.Start = &detect.Start{Last: now.Add(-second), Recent: 3, Refused: now.Add(-second / 4)}
	f.Unit.ExecStart, f.Unit.ExecExit = now.Add(-3600*second), now.Add(-second/2)
	f.Unit.InactiveExit, f.Unit.InactiveEnter = now.Add(-second*2/5), now.Add(-second/4)
	l := line(detect.FromApp, detect.EventTraceback, map[string]string{"kind": "ModuleNotFoundError", "module": "redis", "phase": "boot"})
	l.At = now.Add(-second * 3 / 4)
	f.Lines = []detect.Line{l}
}

// anew is a start under way, and what the life before it wrote.
func anew(f *detect.Facts) {
	shut(f, detect.Missing, 2)
	f.Listeners = nil
	f.Unit.Active, f.Unit.Sub, f.Unit.ExecStart, f.Unit.InactiveExit = "activating", "start", now.Add(-2*second), now.Add(-2*second)
	l := line(detect.FromApp, detect.EventTraceback, map[string]string{"kind": "KeyError", "variable": "DB", "phase": "boot", "file": "/srv/shop/app.py", "line": "3"})
	l.At = now.Add(-10 * second)
	f.Lines = []detect.Line{l}
}

// linked is the route's path with a link in place of the unit's runtime directory.
func linked(to string) *detect.SocketPath {
	return walked(detect.PathPart{Path: "/run", Kind: "dir", Mode: 0o755, WorkerMay: "yes"}, detect.PathPart{Path: "/run/shop", Kind: "link", Real: to},
		detect.PathPart{Path: sock.Address, Real: "/srv/empty/shop.sock", Kind: "missing"})
}
