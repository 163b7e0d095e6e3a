package signature

import (
	"strings"

	"github.com/gatemend/gatemend/detect"
)

// serverLines are messages of servers other than gunicorn: uvicorn (config.py, importer.py), hypercorn, Flask's
// command line (cli.py), uWSGI (core/socket.c, core/utils.c, plugins/python), and what Node, Ruby and Go say of
// an address that they may not have. They stand before gunicorn's, whose "Error: …" would take some.
var serverLines = []pattern{
	p(detect.EventAppNotFound, "Could not import module", `Could not import module "(?P<module>[^"]+)"`),
	p(detect.EventAppNotFound, "not found in module", `Attribute "(?P<attribute>[^"]+)" not found in module "(?P<module>[^"]+)"`),
	p(detect.EventAppNotFound, "must be in format", `Import string "(?P<module>[^"]*)" must be in format`),
	p(detect.EventAppNotFound, "NoAppError", `NoAppError: Cannot load application from '(?P<module>[^']+)'`),
	p(detect.EventAppNotFound, "Could not import '", `^Error: Could not import '(?P<module>[^']+)'`),
	p(detect.EventAppNotFound, "While importing", `^Error: While importing '(?P<module>[^']+)', an ImportError was raised`),
	p(detect.EventAppNotFound, "Failed to find Flask application", `Failed to find Flask application or factory in module '(?P<module>[^']+)'`),
	p(detect.EventAppNotFound, "Could not locate a Flask application", `Could not locate a Flask application`),
	p(detect.EventNoApp, "unable to load app", `unable to load app \d+ `),
	p(detect.EventNoApp, "no python application found", `^--- no python application found`),
	p(detect.EventNoApp, "no app loaded", `^\*\*\* no app loaded\. going in full dynamic mode`),
	p(detect.EventWorkerKilled, "died, killed by signal", `DAMN ! worker \d+ \(pid: (?P<worker>\d+)\) died, killed by signal (?P<signal>\d+)`),
	p(detect.EventWorkerKilled, "got Segmentation Fault", `^!!! uWSGI process \d+ got (?P<signal>Segmentation Fault)`),
	p(detect.EventWorkerTimeout, "HARAKIRI ON WORKER", `HARAKIRI ON WORKER \d+ \(pid: (?P<worker>\d+)`),
	p(detect.EventAddressInUse, "another instance of uWSGI", `another instance of uWSGI is running on the same address \((?P<target>[^)]+)\)`),
	p(detect.EventBindFailed, "bind(): ", `^bind\(\): (?P<why>[A-Z][a-z ]+) \[core/`),
	p(detect.EventBindFailed, "EACCES", `listen EACCES: (?P<why>permission denied) (?P<target>\S+)`),
	p(detect.EventBindFailed, "bind: ", `listen (?:tcp\d?|unix) (?P<target>\S+): bind: (?P<why>[a-z ]+)`),
	p(detect.EventAddressInUse, "EADDRINUSE", `listen EADDRINUSE: address already in use (?P<target>\S+)`),
	p(detect.EventAddressInUse, "Address already in use - bind", `Address already in use - bind\(2\) for "?(?P<host>[^" ]+)"? port (?P<port>\d+)`),
	p(detect.EventAddressInUse, "ddress already in use", `^\s*(?:\[Errno 98\] )?Address already in use`),
	p(detect.EventCommandMissing, "No module named", `^\S*python[\d.]*: No module named (?P<path>[\w.]+)`),
}

// reasons are errno's texts, as C, Go and Node write them.
var reasons = map[string]int{
	"no such file or directory": 2, "permission denied": 13, "read-only file system": 30, "address already in use": 98,
	"cannot assign requested address": 99,
}

// errno fills in the number of a reason that stands in words, and tells an address that is taken.
func errno(l *detect.Line) {
	why := strings.ToLower(strings.TrimSpace(l.Attr["why"]))
	if why == "" || l.Errno != 0 {
		return
	}
	l.Errno = reasons[why]
	if l.Errno == 98 && l.Event == detect.EventBindFailed {
		l.Event = detect.EventAddressInUse
	}
}
