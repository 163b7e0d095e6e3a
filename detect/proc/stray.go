package proc

import (
	"path"
	"slices"
	"strings"

	"github.com/gatemend/gatemend/detect"
)

// Strays picks the WSGI servers that run outside of the units named in known: a gunicorn in a
// container, a shell, under supervisor or a user's own manager, or one left over. Workers are
// left out, their master stands for them. Process.Unit tells whom each belongs to.
func Strays(all []detect.Process, known []string) []detect.Process {
	server := map[int]bool{}
	for _, p := range all {
		server[p.PID] = WSGI(p) != ""
	}
	var out []detect.Process
	for _, p := range all {
		if server[p.PID] && !server[p.PPID] && !slices.Contains(known, p.Unit) {
			out = append(out, p)
		}
	}
	return out
}

// WSGI names the server that a process says it is: gunicorn, uwsgi, flask, werkzeug,
// waitress, hypercorn, uvicorn; "" for everything else. It is a process's own word.
func WSGI(p detect.Process) string {
	t := title(p)
	if strings.HasPrefix(t, "gunicorn: ") { // setproctitle: "gunicorn: master [app:app]"
		return "gunicorn"
	}
	args := p.Args
	if len(args) > 1 && isPython(args[0]) {
		args = script(args[1:])
	}
	if len(args) == 0 {
		return ""
	}
	return serverOf(args)
}

func isPython(arg string) bool {
	return strings.HasPrefix(path.Base(arg), "python") || strings.HasPrefix(path.Base(arg), "pypy")
}

// script skips the interpreter's options: "python -u -m gunicorn app:app".
func script(args []string) []string {
	for len(args) > 0 && strings.HasPrefix(args[0], "-") {
		if args[0] == "-m" {
			return args[1:]
		}
		if args[0] == "-c" {
			return nil
		}
		if args[0] == "-W" || args[0] == "-X" {
			args = args[1:]
		}
		args = args[min(1, len(args)):]
	}
	return args
}

func serverOf(args []string) string {
	switch name := path.Base(args[0]); {
	case name == "gunicorn", name == "uwsgi", name == "waitress-serve", name == "hypercorn", name == "uvicorn":
		return strings.TrimSuffix(name, "-serve")
	case strings.HasPrefix(name, "uwsgi"), strings.HasPrefix(name, "gunicorn"): // uwsgi-core, gunicorn3
		return name[:strings.IndexAny(name+"-3_.", "-3_.")]
	case name == "flask" && slices.Contains(args, "run"):
		return "flask"
	case name == "werkzeug.serving":
		return "werkzeug"
	}
	return ""
}
