package gunicorn

import (
	"errors"
	"path"
	"strings"
)

var errNotRead = errors.New("file not read")

// command is the server's own command, out of its wrappers.
type command struct {
	server string
	args   []string // after the program's name
	dir    string
	env    map[string]string // set on the way, in front of the service's own
	lookup func(string) (string, bool)
	direct bool
	steps  int
}

func (c *command) get(name string) (string, bool) {
	if v, ok := c.env[name]; ok {
		return v, true
	}
	return c.lookup(name)
}

// servers are the programs that serve WSGI or ASGI, by the base name of what is run or of -m.
var servers = map[string]string{
	"gunicorn": "gunicorn", "gunicorn3": "gunicorn", "gunicorn.app.wsgiapp": "gunicorn",
	"uwsgi": "uwsgi", "uwsgi-core": "uwsgi", "uwsgi_python3": "uwsgi",
	"uvicorn": "uvicorn", "hypercorn": "hypercorn",
	"waitress-serve": "waitress", "waitress": "waitress", "flask": "flask",
}

// wrappers start what stands behind their own options; the value tells whether they become it (exec)
// or stay as its parent.
var wrappers = map[string]bool{
	"env": true, "nice": true, "ionice": true, "chrt": true, "taskset": true, "setpriv": true, "stdbuf": true,
	"chpst": true, "authbind": true, "poetry": true, "pipenv": true, "ddtrace-run": true, "newrelic-admin": true,
	"opentelemetry-instrument": true, "uv": false, "pdm": false, "hatch": false, "tini": false, "dumb-init": false,
	"timeout": false, "xvfb-run": false, "sudo": false,
}

// mostSteps is how many commands of wrappers and scripts are looked at: a script may call itself.
const mostSteps = 200

func find(s Service, files Files) command {
	c := command{dir: s.Dir, lookup: s.Env, env: map[string]string{}, direct: true}
	c.resolve(expandArgv(s.Argv, c.get), files)
	return c
}

// resolve follows words to a server and tells whether it found one.
func (c *command) resolve(words []string, files Files) bool {
	words = c.takeAssignments(words)
	c.steps++
	if len(words) == 0 || c.steps > mostSteps {
		return false
	}
	name := path.Base(words[0])
	stays, wraps := wrappers[name]
	switch {
	case servers[name] != "":
		c.server, c.args = servers[name], words[1:]
		return true
	case isPython(name):
		return c.python(words[1:], files)
	case isShell(name):
		return c.shell(words[1:], files)
	case wraps:
		c.direct = c.direct && stays
		return c.behind(words[1:], files)
	}
	return c.startScript(words[0], files)
}

// behind skips a wrapper's own options and words up to something known.
func (c *command) behind(words []string, files Files) bool {
	for i, w := range words {
		name := path.Base(w)
		_, wraps := wrappers[name]
		if isAssignment(w) || wraps || servers[name] != "" || isPython(name) || isShell(name) {
			return c.resolve(words[i:], files)
		}
	}
	return false
}

// python reads the interpreter's options up to -m MODULE or a script.
func (c *command) python(words []string, files Files) bool {
	for i := 0; i < len(words); i++ {
		switch w := words[i]; {
		case w == "-m" && i+1 < len(words):
			return c.resolve(words[i+1:], files)
		case w == "-X" || w == "-W":
			i++
		case w == "-c":
			return false
		case !strings.HasPrefix(w, "-"):
			if servers[path.Base(w)] == "" {
				return false // a Python program of its own
			}
			return c.resolve(words[i:], files)
		}
	}
	return false
}

func isPython(name string) bool {
	return strings.HasPrefix(name, "python") && strings.Trim(name[len("python"):], "0123456789.") == ""
}

func isShell(name string) bool {
	switch name {
	case "sh", "bash", "dash", "zsh", "ksh":
		return true
	}
	return false
}

// takeAssignments takes the NAME=value words in front of a command.
func (c *command) takeAssignments(words []string) []string {
	for len(words) > 0 && isAssignment(words[0]) {
		name, value, _ := strings.Cut(words[0], "=")
		c.env[name] = value
		words = words[1:]
	}
	return words
}

func isAssignment(w string) bool {
	name, _, ok := strings.Cut(w, "=")
	return ok && name != "" && strings.Trim(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_") == ""
}
