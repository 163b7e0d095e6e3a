package cli

import (
	"fmt"
	"slices"
	"strings"

	"github.com/gatemend/gatemend/detect"
	"github.com/gatemend/gatemend/detect/proc"
)

func processes(f *detect.Facts) []item {
	n := len(f.Processes)
	if n == 0 {
		return nil
	}
	seen := fmt.Sprintf("%d in the unit", n)
	if f.Unit != nil && f.Unit.MainPID != 0 {
		seen += fmt.Sprintf(", main PID %d", f.Unit.MainPID)
	}
	if stopped := stoppedOf(f.Processes); stopped > 0 {
		return one(bad, "processes", "%s, %d stopped (state T)", seen, stopped)
	}
	return one(note, "processes", "%s", seen)
}

func stoppedOf(all []detect.Process) (n int) {
	for _, p := range all {
		if p.State == "T" || p.State == "t" {
			n++
		}
	}
	return n
}

// strays are WSGI servers outside the unit.
func strays(f *detect.Facts) []item {
	var l []item
	for _, p := range f.Strays {
		l = append(l, item{note, "outside the unit", stray(p)})
	}
	return l
}

// stray names a server as what it is: `flask run` is not gunicorn, and not for production.
func stray(p detect.Process) string {
	s := fmt.Sprintf("PID %d (%s): %s", p.PID, orUnknown(p.Unit), cut(strings.Join(p.Args, " "), 120))
	switch proc.WSGI(p) {
	case "flask", "werkzeug":
		s += fmt.Sprintf(" — Flask's development server, on port %s: no gunicorn", flaskPort(p.Args))
	}
	return s
}

// flaskPort is where `flask run` listens: 5000, or what -p and --port say.
func flaskPort(args []string) string {
	for i, a := range args {
		if port, ok := strings.CutPrefix(a, "--port="); ok {
			return port
		}
		if slices.Contains([]string{"-p", "--port"}, a) && i+1 < len(args) {
			return args[i+1]
		}
	}
	return "5000"
}

// cut shortens to n characters.
func cut(s string, n int) string {
	if r := []rune(s); len(r) > n {
		return string(r[:n]) + "…"
	}
	return s
}
