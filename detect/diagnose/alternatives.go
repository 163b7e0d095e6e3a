package diagnose

import (
	"slices"
	"strings"

	"github.com/gatemend/gatemend/detect"
)

// An alternative is a cause that leaves the very same lines as another one. A document that does not hold
// the fact that separates the two gets the likelier as its cause, and the other beside it, with what to look
// at. Live nothing of this is needed: the separating fact is asked for.
type alternative struct {
	cause detect.Cause
	fits  func(*view) bool
	look  string // what separates it from the likelier one
}

// fits is the confidence of an alternative: below [likely], so that it is never named first.
const fits detect.Confidence = 25

var alternatives = []alternative{
	{detect.MACDenied, refusedOnUnix, "SELinux or AppArmor refuses with the same errno where every mode is right: ausearch -m avc -ts recent; journalctl -k -g apparmor"},
	{detect.PortInUse, pathTaken, "another copy of the server may still listen on that path: ss -xlp"},
	{detect.PortInUse, vanishedWhileUp, "a second gunicorn on the same path takes it over without an error, and unlinks it when it ends: pgrep -af gunicorn"},
	{detect.UpstreamMismatch, listensUnknown, "nothing shows where gunicorn listens; it may be elsewhere: journalctl -u UNIT -g 'Listening at'"},
	{detect.WorkerOOM, stuckInTheKernel, "a worker that is throttled by MemoryHigh= or swaps looks like a slow one: memory.events of the unit, free -m"},
	{detect.WorkerOOM, memoryTold, "memory is told to be short: a machine that swaps is too slow for every time-out, and the kernel kills in the end: free -m; vmstat 1"},
	{detect.GunicornCrashed, endsItself, "the app itself ends its worker with sys.exit()"},
	{detect.AppImportError, nobodyTells, "whoever should listen may not have been able to start: its own log tells, journalctl -u UNIT -n 50 or docker logs"},
	{detect.AppImportError, endedMute, "an app that cannot be loaded, or a virtual environment whose Python is gone after an upgrade, ends so too: run ExecStart= by hand, as the unit's user"},
	{detect.EnvMissing, settingsFail, "settings that cannot be loaded lack a variable mostly; a shell's own do not reach systemd: EnvironmentFile="},
	{detect.SocketPermission, thereUnasked, "the socket is there: ls -l and namei -l show whether nginx's worker has w on it, and x on each directory"},
	{detect.BindDenied, directoryMissing, "/run is empty after each boot: where nobody makes the directory (RuntimeDirectory=), the server could not bind there"},
	{detect.NginxConfigStale, addressMoved, "an address that nginx got from a name when it loaded may be another machine's or container's by now: getent hosts NAME; nginx -t && systemctl reload nginx"},
	{detect.WorkerTimeout, cutOff, "gunicorn cuts a request off after --timeout: journalctl -u UNIT -g 'WORKER TIMEOUT'"},
	{detect.WorkerTimeout, queueFull, "the queue fills because the workers are stuck: py-spy dump --pid PID of a worker shows where"},
	{detect.WorkerOOM, cutOff, "the kernel kills a worker in the middle of a request when memory runs out: journalctl -k -g 'oom|Killed process'"},
	{detect.GunicornCrashed, deafToAbort, "a worker that does not even react to ABRT hangs in a C library or in the kernel: py-spy dump --native --pid PID, or cat /proc/PID/stack"},
	{detect.WorkerTimeout, onlyAnswers, "the combined format does not show how long an answer took: add $request_time $upstream_response_time to log_format"},
	{detect.NginxConfigStale, listensElsewhere, "where the file on disk names that address already, nginx only was not reloaded: nginx -T | grep -n proxy_pass; nginx -t && systemctl reload nginx"},
	{detect.ProtocolMismatch, timedOutAlone, "https:// or uwsgi_pass to a plain gunicorn looks the same: it waits for a request line until --timeout, for each request"},
	{detect.HeaderTooBig, originUnexpected, "520 is the CDN's word for an answer it cannot take, response headers above its limit among them: curl -sI on this machine shows their size"},
	{detect.MACDenied, bindRefused, "AppArmor or SELinux refuses a bind with the same errno: journalctl -k -g 'avc|apparmor' -n 20"},
}

// otherwise finds the alternatives to what was found, and says so in a line for the trace.
func otherwise(v *view, already []*finding) (others []*finding, why string) {
	if !v.f.Offline {
		return nil, "with live facts the one that separates two causes is asked for"
	}
	var names []string
	for _, a := range alternatives {
		named := slices.ContainsFunc(already, func(f *finding) bool { return f.Cause == a.cause })
		if !named && a.fits(v) {
			others = append(others, found(a.cause, fits).because("alternative", "it would leave the same lines").advise("%s", a.look))
			names = append(names, string(a.cause))
		}
	}
	if len(others) == 0 {
		return nil, "no other cause would leave the same lines"
	}
	return others, strings.Join(names, ", ") + " would leave the same lines"
}

// refusedOnUnix: EACCES on a unix socket, and no mode is shown that explains it.
func refusedOnUnix(v *view) bool {
	c, ok := v.failed(eacces)
	return ok && c.unix() && v.given("socket_mode", "mode", "dir_mode", "home_mode", "directory_mode") == ""
}

// pathTaken: a bind to a unix path was refused because the file is there.
func pathTaken(v *view) bool { f, _ := v.leftInTheWay(); return f != nil }

// vanishedWhileUp: the socket's file is gone while the unit runs and listens on it.
func vanishedWhileUp(v *view) bool {
	c, ok := v.failed(enoent)
	l, listens := v.last(detect.EventListening)
	return ok && listens && v.up() && sameAddress(c.target, l.Attr["target"])
}

// listensUnknown: nobody is found where nginx goes, and no line tells where gunicorn listens.
func listensUnknown(v *view) bool {
	_, missing := v.failed(enoent)
	_, refused := v.failed(econnrefused)
	return (missing || refused) && !v.has(detect.EventListening, detect.EventUnitStopping, detect.EventMainExited) && (v.unit == nil || len(v.unit.Binds) == 0)
}

// stuckInTheKernel: a worker was timed out where memory is limited, or did not even react to ABRT.
func stuckInTheKernel(v *view) bool {
	if !v.has(detect.EventWorkerTimeout) {
		return false
	}
	for _, l := range v.events[detect.EventWorkerKilled] {
		if l.Attr["signal"] == "KILL" {
			return true
		}
	}
	u := v.unit
	return u != nil && u.MemoryMax > 0 && u.MemoryMax < 1<<60 || v.has(detect.EventMemoryLimit)
}

// endsItself: SystemExit in a request that gunicorn did not time out.
func endsItself(v *view) bool {
	return !v.has(detect.EventWorkerTimeout) && slices.ContainsFunc(v.events[detect.EventTraceback], func(l detect.Line) bool {
		return strings.HasPrefix(l.Attr["kind"], "SystemExit") && l.Attr["phase"] == "request"
	})
}
