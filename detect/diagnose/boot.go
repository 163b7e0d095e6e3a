package diagnose

import (
	"path"
	"slices"
	"strings"

	"github.com/gatemend/gatemend/detect"
)

// raisedLine is an exception with what it means.
type raisedLine struct {
	detect.Line
	cause detect.Cause
	boot  bool // it kept the app from starting; else it failed one request
}

// raised are the exceptions of the outage, judged.
func (v *view) raised() []raisedLine {
	var out []raisedLine
	for _, l := range v.events[detect.EventTraceback] {
		if harmless(l) {
			continue
		}
		out = append(out, raisedLine{l, means(l), v.atBoot(l)})
	}
	if len(out) > 0 && !v.f.Offline {
		return out // a bare line beside a traceback is a log message about it
	}
	for _, l := range v.events[detect.EventBareException] {
		if harmless(l) {
			continue
		}
		l = alone(l)
		out = append(out, raisedLine{l, means(l), v.atBoot(l)})
	}
	return out
}

// alone takes a KeyError without its frames for a variable where the key is written as variables are.
func alone(l detect.Line) detect.Line {
	if key := l.Attr["key"]; l.Attr["kind"] == "KeyError" && l.Attr["variable"] == "" && strings.Contains(key, "_") && key == strings.ToUpper(key) {
		l.Attr = with(l.Attr, "variable", key)
	}
	return l
}

// harmless are exceptions of a server at work: EAGAIN when another worker took the connection, a
// client that went away, gunicorn's way out of its main loop, and what the kernel refuses to everybody.
func harmless(l detect.Line) bool {
	switch l.Attr["kind"] {
	case "BlockingIOError", "StopIteration", "BrokenPipeError", "ClientDisconnected", "KeyboardInterrupt":
		return true
	}
	return l.Errno == eagain || l.Errno == enobufs
}

// means is the cause that an exception speaks for, were it raised at start.
func means(l detect.Line) detect.Cause {
	kind := l.Attr["kind"]
	switch {
	case strings.Contains(l.Attr["last"], "AppImportError"):
		return detect.AppImportError
	case l.Errno == 28 || l.Errno == erofs || l.Errno == edquot: // 28: ENOSPC
		return detect.DiskFull
	case l.Errno == 24 || l.Errno == 23:
		return detect.FDExhausted
	case l.Errno == 12 || kind == "MemoryError":
		return detect.WorkerOOM
	case l.Attr["variable"] != "":
		return detect.EnvMissing
	case l.Errno == eaddrinuse:
		return detect.PortInUse
	case l.Attr["phase"] == "bind", kind == "OSError" && (l.Errno == eaddrnotavail || l.Attr["message"] == "AF_UNIX path too long"):
		return detect.BindDenied
	case l.Attr["importing"] != "":
		return detect.AppImportError // EACCES included: it is a module that cannot be read
	case kind == "PermissionError" || l.Errno == 13 || l.Errno == 1:
		return detect.UnitUserWrong
	}
	if m := l.Attr["module"]; m == "encodings" || m == "site" {
		return detect.ExecPathWrong // Python does not find its own library: the interpreter's home is wrong
	}
	switch kind {
	case "ModuleNotFoundError", "ImportError", "SyntaxError", "IndentationError", "TabError", "AppImportError", "DistributionNotFound", "ContextualVersionConflict", "VersionConflict",
		"PackageNotFoundError", "NoAppError":
		return detect.AppImportError
	}
	if strings.Contains(l.Attr["message"], "partially initialized module") {
		return detect.AppImportError // a circular import, found at the first use of what is not there yet
	}
	return detect.AppStartup
}

// atBoot tells when it was raised, by the frames, or by what gunicorn and systemd say beside it.
func (v *view) atBoot(l detect.Line) bool {
	switch l.Attr["phase"] {
	case "boot", "bind":
		return true
	case "request", "master":
		return false
	}
	if v.has(detect.EventRequestError) && !v.has(detect.EventWorkerBootFailed) {
		return false
	}
	if v.has(detect.EventWorkerBootFailed, detect.EventAppLoadFailed, detect.EventWorkerException) || v.down() {
		return true
	}
	if !v.f.Offline {
		return false
	}
	if unreachable(l) && !v.requestSeen() {
		return true
	}
	switch means(l) {
	case detect.AppImportError, detect.EnvMissing, detect.ExecPathWrong, detect.UnitUserWrong, detect.PortInUse, detect.BindDenied:
		return true
	}
	return v.has(detect.EventMainExited, detect.EventUnitFailed) || l.Event == detect.EventTraceback
}

// unreachable tells a service outside that could not be connected to, a database mostly.
func unreachable(l detect.Line) bool {
	return l.Attr["kind"] == "OperationalError" && strings.Contains(l.Attr["message"], "connect to server") || l.Errno == econnrefused && l.Attr["kind"] == "ConnectionRefusedError"
}

// requestSeen tells whether anything in the document is about a request.
func (v *view) requestSeen() bool {
	return v.f.Traffic != nil || len(v.contacts()) > 0 || v.has(detect.EventRequestError, detect.EventPrematureClose, detect.EventUpstreamTimeout, detect.EventWorkerTimeout)
}

// atStart is the first exception of the cause at start-up.
func (v *view) atStart(c detect.Cause) (detect.Line, bool) {
	for _, r := range v.raised() {
		if r.cause == c && r.boot {
			return r.Line, true
		}
	}
	return detect.Line{}, false
}

// bootFinding is a finding about an app that cannot start: the line, and what the unit's state adds.
func (v *view) bootFinding(c detect.Cause, l detect.Line, confidence detect.Confidence) *finding {
	f := v.aboutUnit(found(c, confidence)).line(l)
	if u := v.unit; u != nil && !v.f.Offline {
		switch {
		case bootStatus(u):
			f.because("unit.exit_status", "%s: exit status %d: gunicorn could not load the app", u.Name, u.ExitStatus)
		case v.down():
			f.because("unit.state", "%s is %s/%s, %s", u.Name, u.Active, u.Sub, exitText(u))
		case !v.f.Upstream.Healthy() && v.f.Upstream.Known():
			f.because("upstream", "the unit is %s/%s, and its server does not answer: %s", u.Active, u.Sub, answerText(v.f.Upstream))
		}
	}
	f.about("file", l.Attr["file"], "line", l.Attr["line"], "module", l.Attr["module"], "exception", l.Attr["kind"])
	f.watch(l.Attr["file"])
	if u := v.unit; u != nil {
		f.watch(u.Fragment)
	}
	f.Gone = v.mended()
	return f
}

// appImportError: the app or one of its modules cannot be imported.
func appImportError(v *view) (*finding, string) {
	if l, ok := v.atStart(detect.AppImportError); ok {
		return v.importAdvice(v.bootFinding(detect.AppImportError, l, 93), l), ""
	}
	if l, ok := v.last(detect.EventAppNotFound); ok {
		f := v.bootFinding(detect.AppImportError, l, 93)
		return f.advise("the module loads, but holds no such callable: name it as MODULE:CALLABLE, now %s, in %s", v.appName(), v.unitFile()).
			advise("%s", v.reloaded()), ""
	}
	for _, l := range v.events[detect.EventConfigError] {
		if ownArguments(l.Attr["message"]) {
			return v.bootFinding(detect.AppImportError, l, 80).
				advise("the app reads gunicorn's own command line while it is imported: keep parse_args() below if __name__ == \"__main__\""), ""
		}
	}
	if l, ok := v.last(detect.EventAppLoadFailed); ok {
		return v.lookByHand(v.bootFinding(detect.AppImportError, l, 75)), ""
	}
	if l, ok := v.last(detect.EventWorkerBootFailed); ok && len(v.raised()) == 0 {
		return v.lookByHand(v.bootFinding(detect.AppImportError, l, 50)), ""
	}
	return nil, "no import failed"
}

// lookByHand is for what failed without saying why.
func (v *view) lookByHand(f *finding) *finding {
	return f.advise("journalctl -u %s -n 100 --no-pager   # the traceback, if there is one", v.unitOr()).
		advise("sudo gatemend diagnose --try-import   # imports %s as the unit would, and shows what it says", v.appName())
}

// ownArguments tells gunicorn's own arguments in an argparse error, which only an app can be
// choking on.
func ownArguments(message string) bool {
	rest, ok := strings.CutPrefix(message, "unrecognized arguments: ")
	if !ok {
		return false
	}
	for _, arg := range strings.Fields(rest) {
		switch name, _, _ := strings.Cut(arg, "="); name {
		case "--bind", "-b", "-c", "--config", "-w", "--workers", "-k", "--worker-class", "--timeout", "-t":
			return true
		}
	}
	return false
}

func (v *view) appName() string {
	if v.unit != nil && v.unit.App != "" {
		return v.unit.App
	}
	return "not known"
}

func (v *view) importAdvice(f *finding, l detect.Line) *finding {
	module := l.Attr["module"]
	target, _, _ := strings.Cut(v.appName(), ":")
	switch {
	case l.Attr["kind"] == "SyntaxError" || l.Attr["kind"] == "IndentationError" || l.Attr["kind"] == "TabError":
		f.advise("%s, line %s does not parse: %s", l.Attr["file"], l.Attr["line"], l.Attr["message"])
	case l.Errno == eacces:
		f.advise("chmod o+r %[1]s   # %[2]s may not read it, and it is a module of the app; with a secret in it: chown %[2]s %[1]s; namei -l %[1]s shows where the way ends", l.Attr["path"], v.user())
		f.about("path", l.Attr["path"]).watch(l.Attr["path"])
	case module == "gunicorn":
		f.advise("gunicorn itself is not installed for the Python that ExecStart uses (%s): after an upgrade of Python make the virtual environment again", v.executable())
	case module != "" && (module == target || strings.HasPrefix(target, module+".")):
		f.advise("the module that ExecStart names, %s, is not found from WorkingDirectory=%s", target, v.workDir())
		f.advise("systemctl edit %s   # [Service] WorkingDirectory= with the directory that holds %s.py", v.unitOr(), path.Base(strings.ReplaceAll(module, ".", "/")))
	case module != "" && l.Attr["name"] == "":
		f.Gone = f.Gone || v.arrived(module)
		f.watch(v.modulesDirs()...)
		f.advise("%s is not installed for the unit's Python: %s -c 'import %s'", module, v.python(), module)
		f.advise("%s", v.install(module))
	default:
		f.advise("%s%s", l.Text, raisedAt(l))
	}
	if l.Attr["last"] != "" {
		f.advise("the log ends with %q; this came first", l.Attr["last"])
	}
	return f.advise("then: %s", v.restart())
}

// arrived tells that a module which could not be imported was installed after the unit failed.
func (v *view) arrived(module string) bool {
	fell := v.fell()
	return fell != 0 && slices.ContainsFunc(v.f.Named, func(n detect.Named) bool {
		return n.Kind == "module" && n.Name == module && n.State == "exists" && n.MTime > fell
	})
}

// modulesDirs are the directories that installing a module changes.
func (v *view) modulesDirs() (dirs []string) {
	for _, n := range v.f.Named {
		if n.Kind == "modules" && n.State == "exists" {
			dirs = append(dirs, n.Name)
		}
	}
	return dirs
}

// install is how a module gets to the unit's Python: by the distribution where that is the system's own.
func (v *view) install(module string) string {
	top, _, _ := strings.Cut(module, ".")
	if py := v.python(); py != systemPython {
		return py + " -m pip install " + top + "   # as the owner of that environment; the package may have another name"
	}
	return "apt install python3-" + strings.ToLower(strings.ReplaceAll(top, "_", "-")) + "   # or a virtual environment, with its gunicorn in ExecStart="
}

// raisedAt is where an exception was raised, in brackets.
func raisedAt(l detect.Line) string {
	if at := place(l); at != "" && !strings.Contains(l.Text, at) {
		return " (" + at + ")"
	}
	return ""
}

const systemPython = "python3"

func (v *view) executable() string {
	if v.unit != nil && len(v.unit.Argv) > 0 {
		return v.unit.Argv[0]
	}
	return "ExecStart"
}

// python is the interpreter of the unit's gunicorn: ExecStart='s own, or that of the script's first line, or, where
// that was not looked at, the one beside it. Beside what pip installs for the whole system there is none.
func (v *view) python() string {
	exe := v.executable()
	if strings.HasPrefix(path.Base(exe), "python") {
		return plainPython(exe)
	}
	for _, n := range v.f.Named {
		if n.Kind == "interpreter" && strings.HasPrefix(path.Base(n.Name), "python") {
			return plainPython(n.Name)
		}
	}
	if dir := path.Dir(exe); strings.HasPrefix(exe, "/") && strings.Contains(path.Base(exe), "gunicorn") && dir != "/usr/bin" && dir != "/usr/local/bin" {
		return path.Join(dir, "python")
	}
	return systemPython
}

// plainPython is the system's own by the name that it has everywhere.
func plainPython(exe string) string {
	if path.Dir(exe) == "/usr/bin" {
		return systemPython
	}
	return exe
}

func (v *view) workDir() string {
	if v.unit != nil && v.unit.WorkDir != "" {
		return v.unit.WorkDir
	}
	return "/"
}
