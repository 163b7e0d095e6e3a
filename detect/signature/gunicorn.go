package signature

import (
	"strings"

	"github.com/gatemend/gatemend/detect"
)

// gunicornLines are messages of gunicorn's arbiter, workers and sock.py, without the
// "[time] [pid] [LEVEL] " in front. Several verdicts of one matter are told in different
// words and levels by 20.1, 21, 22–23 and 25–26.
var gunicornLines = []pattern{
	p(detect.EventGunicornStarting, "Starting gunicorn", `^Starting gunicorn(?: (?P<version>[\w.]+))?`),
	p(detect.EventListening, "Listening at", `^Listening at: (?P<target>\S+)`),
	p(detect.EventBooting, "Booting worker", `Booting worker with pid:? ?(?P<worker>\d+)?`),
	p(detect.EventHangUp, "Hang up: ", `^Hang up: `),
	p(detect.EventWorkerExiting, "Worker exiting", `^Worker exiting`),
	p(detect.EventWorkerTimeout, "WORKER TIMEOUT", `WORKER TIMEOUT(?: \(pid:(?P<worker>\d+)\))?`),
	p(detect.EventWorkerKilled, "terminated due to signal", `Worker with pid (?P<worker>\d+) was terminated due to signal (?P<signal>\d+)`),
	p(detect.EventWorkerKilled, "was sent", `Worker \(pid:(?P<worker>\d+)\) was sent (?:SIG)?(?P<signal>[A-Z]{3,6}\d*|code \d+)!`),
	p(detect.EventWorkerExited, "exited with code", `Worker \(pid:(?P<worker>\d+)\) exited with code (?P<code>\d+)`),
	p(detect.EventWorkerBootFailed, "Worker failed to boot", `Worker failed to boot`),
	p(detect.EventAppLoadFailed, "App failed to load", `App failed to load`),
	p(detect.EventAppNotFound, "Failed to find", `^Failed to find (?:attribute|application object:?) ?'?(?P<attribute>[^' ]*)'?(?: in '(?P<module>[^']*)')?`),
	p(detect.EventAppNotFound, "Application object must be callable", `^Application object must be callable`),
	p(detect.EventAppNotFound, "as an attribute name or function call", `^Failed to parse '?(?P<attribute>[^']*)'? as an attribute name`),
	p(detect.EventWorkerException, "Exception in worker process", `Exception in worker process`),
	p(detect.EventMainLoop, "Unhandled exception in main loop", `Unhandled exception in main loop`),
	p(detect.EventAutoRestart, "Autorestarting worker", `Autorestarting worker after current request`),
	p(detect.EventShuttingDown, "Shutting down: Master", `^Shutting down: Master`),
	p(detect.EventShuttingDown, "Handling signal: ", `^Handling signal: (?P<signal>term|int|quit)$`),
	p(detect.EventAddressInUse, "Connection in use", `Connection in use: (?P<target>.+)`),
	p(detect.EventAddressInvalid, "Invalid address", `^Invalid address: (?P<target>.+)`),
	p(detect.EventBindFailed, "failed: [Errno", `^connection to (?P<target>.+) failed: \[Errno (?P<errno>\d+)\]`),
	p(detect.EventAddressInUse, "[Errno 98]", `listen on [^:\s]*:(?P<path>[^:\s]+): \[Errno 98\]`),
	p(detect.EventAddressInUse, "[Errno 98]", `\[Errno 98\] error while attempting to bind on address (?P<target>\([^)]*\))`),
	p(detect.EventAddressInUse, "is in use by another program", `^Port (?P<port>\d+) is in use by another program`), // Werkzeug
	p(detect.EventAddressInUse, "already listen on", `seems to already listen on (?P<held>\S+)`),                    // php-fpm, which tried to connect
	p(detect.EventBindFailed, "attempting to bind on address", `\[Errno (?P<errno>\d+)\] error while attempting to bind on address (?P<target>\([^)]*\))`),
	p(detect.EventBindGaveUp, "Can't connect to", `^Can't connect to (?P<target>[('/].*)`),
	p(detect.EventBindRetry, "Retrying in 1 second", `^Retrying in 1 second`),
	p(detect.EventNoSuchUser, "No such ", `^Error: No such (?P<kind>user|group): '(?P<name>[^']+)'`),
	p(detect.EventCommandMissing, "can't chdir to", `^Error: can't chdir to '(?P<path>[^']+)'`),
	p(detect.EventCommandMissing, "doesn't exist", `^Error: '(?P<path>/[^']+)' doesn't exist`),
	p(detect.EventAddressInUse, "Already running on PID", `^Error: Already running on PID (?P<holder>\d+) \(or pid file '(?P<pidfile>[^']+)'`),
	p(detect.EventConfigError, "error:", `^(?:gunicorn|usage|Error)[^:]*: error: (?P<message>.+)`),
	p(detect.EventConfigError, "isn't writable", `(?P<message>Error: '(?P<path>[^']+)' isn't writable.*)`),
	p(detect.EventConfigError, "Error: ", `^Error: (?P<message>.+)`),
	p(detect.EventBadRequest, "Invalid request from", `^Invalid request from ip=`),
	p(detect.EventBadRequest, "Invalid HTTP request received", `Invalid HTTP request received`),
	p(detect.EventRequestError, "Error handling request", `^Error handling request(?: (?P<path>/\S*))?`),
	p(detect.EventRequestError, "Exception on ", `ERROR in \w+: Exception on (?P<path>\S+) \[`),
	p(detect.EventRequestError, "Internal Server Error: /", `Internal Server Error: (?P<path>/\S*)`),
	p(detect.EventBacklogFullApp, "listen queue of socket", `listen queue of socket "(?P<target>[^"]+)".* full`),
	p(detect.EventWaiting, "aiting for", `(?i)^\W*waiting for (?:the )?(?P<service>database|db|postgres\w*|mysql|mariadb|redis|rabbitmq|\S+:\d+)\b`),
	p(detect.EventBootFrame, "(", `^\s*(?:application = get_wsgi_application\(\)|django\.setup\(.*\)|worker\.init_process\(\)|self\.load_wsgi\(\)|self\.wsgi = self\.app\.wsgi\(\)|(?P<settings>self\._wrapped = Settings\(settings_module\)))$`),
	p(detect.EventDevServer, "Running on http://", `^ ?\*? ?Running on (?P<target>http://\S+)`),
}

// shellLines come from wrappers: bash, env, python.
var shellLines = []pattern{
	p(detect.EventCommandMissing, "command not found", `(?:line \d+: |: )(?P<path>[^ :]+): command not found`),
	p(detect.EventCommandMissing, "No such file or directory", `^(?:/\S*/)?(?:env|bash|sh|exec)[^:]*:(?: line \d+:)? [‘'"]?(?P<path>[^‘’'": ]+)[’'"]?: No such file or directory`),
	p(detect.EventCommandMissing, "can't open file", `python[\d.]*: can't open file '?(?P<path>[^']+)'?`),
	p(detect.EventCommandDenied, "Permission denied", `^(?:/\S*/)?(?:env|bash|sh|exec)[^:]*:(?: line \d+:)? [‘'"]?(?P<path>[^‘’'": ]+)[’'"]?: Permission denied`),
	p(detect.EventCommandMissing, ": not found", `^(?:/\S*/)?(?:[a-z]*sh|[\w.-]+\.sh|docker-entrypoint[\w.]*): (?:line )?(?:\d+: )?(?:exec: )?(?:line \d+: )?(?P<path>[^:\s]+): not found`),
	p(detect.EventCommandMissing, "executable file not found", `exec: "(?P<path>[^"]+)": executable file not found`), // runc
	p(detect.EventCommandMissing, "no such file or directory", `^exec (?P<path>/\S+): no such file or directory`),
	p(detect.EventCommandMissing, "exec format error", `(?:exec (?P<path>/\S+): |caused: )exec format error`),
	p(detect.EventCommandMissing, "error while loading shared libraries", `^(?P<path>\S+): error while loading shared libraries`), // ld.so; status 127
	p(detect.EventVariableMissing, "unbound variable", `(?P<variable>[A-Za-z_]\w*): unbound variable`),                            // bash, set -u
	p(detect.EventVariableMissing, "not set", `(?P<variable>[A-Za-z_]\w*): parameter (?:null or )?not set`),                       // ${NAME:?}, and dash's set -u
	p(detect.EventCommandMissing, "bad interpreter", `(?P<path>/\S+): bad interpreter`),
	p(detect.EventWorkerKilled, "Illegal instruction", `(?P<signal>Illegal instruction)`),
	p(detect.EventWorkerKilled, "Segmentation fault", `(?P<signal>Segmentation fault)`),
}

// app reads a line of the service's own output.
func app(text string) (detect.Line, bool) {
	text = strings.TrimSuffix(text, "\r")
	for _, table := range [][]pattern{serverLines, gunicornLines, shellLines} {
		if l, ok := match(table, text); ok {
			tidy(&l)
			return l, true
		}
	}
	return bare(text)
}

// tidy brings what versions write differently to one form.
func tidy(l *detect.Line) {
	errno(l)
	for _, key := range []string{"path", "port", "held"} {
		if s, ok := l.Attr[key]; ok && l.Event == detect.EventAddressInUse {
			l.Attr["target"] = strings.TrimSuffix(s, ".")
		}
	}
	if t, ok := l.Attr["target"]; ok {
		l.Attr["target"] = address(t)
		if l.Event == detect.EventListening && strings.HasPrefix(t, "https://") {
			l.Attr["tls"] = "yes"
		}
	}
	if s, ok := l.Attr["signal"]; ok {
		l.Attr["signal"] = signalName(s)
	}
}

// address turns gunicorn's three ways to write one into ours: http://127.0.0.1:8000,
// ('127.0.0.1', 8000) as Python prints a tuple, unix:/run/a.sock or the bare path.
func address(s string) string {
	s = strings.TrimSpace(s)
	if rest, ok := strings.CutPrefix(s, "("); ok {
		parts := strings.Split(strings.TrimRight(rest, ")"), ",")
		if len(parts) >= 2 {
			host := strings.Trim(parts[0], ` '"`)
			if strings.Contains(host, ":") {
				host = "[" + host + "]"
			}
			return host + ":" + strings.TrimSpace(parts[1])
		}
	}
	s = strings.TrimPrefix(strings.TrimPrefix(s, "https://"), "http://")
	if i := strings.Index(s, " ("); i > 0 {
		s = s[:i]
	}
	if strings.HasPrefix(s, "/") {
		return "unix:" + s
	}
	return strings.Trim(s, `'"`)
}

// signalName writes "9", "KILL", "code 132" alike: with a core dump gunicorn 21 and newer take
// the wait status for a number.
func signalName(s string) string {
	switch s {
	case "9", "137":
		return "KILL"
	case "6", "code 134":
		return "ABRT"
	case "15":
		return "TERM"
	case "11", "139", "code 139", "Segmentation fault", "Segmentation Fault":
		return "SEGV"
	case "4", "code 132", "Illegal instruction":
		return "ILL"
	case "7", "code 135":
		return "BUS"
	}
	return s
}
