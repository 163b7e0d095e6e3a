package cli

import (
	"fmt"
	"strings"
	"time"

	"github.com/gatemend/gatemend/detect"
)

// mark is the state of one line of the checklist.
type mark string

const (
	good    mark = "ok"      // ✓
	bad     mark = "bad"     // ✗
	unknown mark = "unknown" // ?, not learnt: never counts as good
	note    mark = "note"    // ·, worth knowing, neither good nor bad
)

// item is one line of the checklist: what was looked at, how it is, the evidence.
type item struct {
	Mark mark   `json:"mark"`
	What string `json:"what"`
	Seen string `json:"seen"`
}

// checklist walks the path of a request from the outside in, as the guide does by hand.
func checklist(f *detect.Facts) []item {
	var l []item
	for _, look := range []func(*detect.Facts) []item{
		nginxTest, nginxState, unitState, unitLoaded, targetEqualsBind, socketItems, workerMay,
		directRequest, publicRequest, changed, processes, lines,
	} {
		l = append(l, look(f)...)
	}
	return l
}

func one(m mark, what, format string, args ...any) []item {
	return []item{{m, what, fmt.Sprintf(format, args...)}}
}

func when(ok bool) mark {
	if ok {
		return good
	}
	return bad
}

func nginxTest(f *detect.Facts) []item {
	const what = "nginx configuration"
	if f.Nginx == nil || f.Nginx.Test == nil {
		return one(unknown, what, "nginx -t was not run: %s", lacking(f, "nginx"))
	}
	t := f.Nginx.Test
	if t.OK {
		return one(good, what, "nginx -t passes")
	}
	if t.File == "" {
		return one(bad, what, "nginx -t fails: %s", t.Message)
	}
	return one(bad, what, "nginx -t fails at %s:%d: %s", t.File, t.Line, t.Message)
}

func nginxState(f *detect.Facts) []item {
	const what = "nginx"
	if f.Nginx == nil || f.Nginx.Unit == nil {
		return one(unknown, what, "state not known: %s", lacking(f, "nginx"))
	}
	u := f.Nginx.Unit
	l := one(when(u.Running()), what, "%s is %s, %d workers as %s", u.Name, state(u), len(f.Nginx.Workers), orUnknown(f.Nginx.User))
	if f.Nginx.LoadedAt != 0 && f.Nginx.ChangedAt > f.Nginx.LoadedAt {
		l = append(l, item{note, what, "the configuration on disk changed at " + clock(f.Nginx.ChangedAt) + ", after the workers were started at " + clock(f.Nginx.LoadedAt)})
	}
	for _, h := range f.Nginx.Foreign {
		l = append(l, item{bad, what, fmt.Sprintf("%s is held by %s", h.Target, holders(h))})
	}
	return l
}

func unitState(f *detect.Facts) []item {
	const what = "application unit"
	if f.Route.Unit == "" {
		return one(note, what, "none is configured: %s", orUnknown(f.Route.Reason))
	}
	if f.Unit == nil {
		return one(unknown, what, "%s: %s", f.Route.Unit, lacking(f, "unit"))
	}
	u := f.Unit
	l := one(when(u.Running()), what, "%s is %s", u.Name, state(u))
	if !u.Running() && u.ExitCode != 0 {
		l = append(l, item{note, what, "last exit: " + exitText(u)})
	}
	if f.Socket != nil {
		l = append(l, item{when(f.Socket.Running()), what, f.Socket.Name + " is " + state(f.Socket)})
	}
	return l
}

func unitLoaded(f *detect.Facts) []item {
	if f.Unit == nil {
		return nil
	}
	var l []item
	u := f.Unit
	if u.NeedReload {
		l = append(l, item{bad, "unit file", u.Name + " changed on disk since systemd read it: systemctl daemon-reload"})
	}
	for _, n := range f.Named {
		if n.State != "exists" && n.State != "listening" && n.State != "unknown" && n.State != "free" {
			l = append(l, item{bad, n.Kind, strings.TrimSpace(n.Name + " is " + n.State + " " + n.Note)})
		}
		if n.Kind == "envfile" && n.MTime != 0 && u.ExecStart != 0 && n.MTime > u.ExecStart {
			l = append(l, item{note, "environment file", n.Name + " is newer than the running process: it takes effect at the next restart"})
		}
	}
	return l
}

func targetEqualsBind(f *detect.Facts) []item {
	const what = "upstream target"
	if f.Unit == nil || len(f.Unit.Binds) == 0 {
		return one(unknown, what, "nginx is meant to use %s; where %s listens is not known", f.Route.Target, orUnknown(f.Route.Unit))
	}
	for _, b := range f.Unit.Binds {
		if b == f.Route.Target {
			return one(good, what, "%s, and that is where %s binds (%s)", f.Route.Target, f.Unit.Name, orUnknown(f.Unit.BindSource))
		}
	}
	return one(bad, what, "nginx is meant to use %s, but %s binds %s (%s)", f.Route.Target, f.Unit.Name, targets(f.Unit.Binds), orUnknown(f.Unit.BindSource))
}

func socketItems(f *detect.Facts) []item {
	const what = "listener"
	var l []item
	if p := f.Path.Last(); p != nil {
		if f.Path.Exists() {
			l = append(l, item{when(p.Kind == "socket"), "socket file", fmt.Sprintf("%s is a %s, mode %04o, %s:%s", p.Path, p.Kind, p.Mode, p.Owner, p.Group)})
		} else {
			l = append(l, item{bad, "socket file", p.Path + " is " + p.Kind})
		}
	}
	held := false
	for _, h := range f.Listeners {
		if !h.Ours {
			continue
		}
		held = true
		m := when(h.InUnit && h.SameFile != "no")
		l = append(l, item{m, what, fmt.Sprintf("%s is held by %s, queue %d of %d%s", h.Target, holders(h), h.Queue, h.Backlog, stolen(h))})
	}
	if !held {
		l = append(l, one(bad, what, "nobody listens on %s", f.Route.Target)...)
	}
	return l
}

func stolen(h detect.Listener) string {
	if h.SameFile == "no" {
		return "; the path leads to another file now"
	}
	return ""
}

func workerMay(f *detect.Facts) []item {
	const what = "nginx may connect"
	if f.Worker == nil {
		return one(unknown, what, "%s", lacking(f, "worker"))
	}
	w := f.Worker
	l := one(when(w.Outcome == detect.Connected), what, "as %s (uid %d, groups %v): %s", w.User, w.UID, w.Groups, w.Outcome)
	if f.Path != nil {
		for _, p := range f.Path.Parts {
			if p.WorkerMay == "no" {
				l = append(l, item{bad, what, fmt.Sprintf("%s stops it: mode %04o, %s:%s", p.Path, p.Mode, p.Owner, p.Group)})
				break
			}
		}
	}
	return l
}

func directRequest(f *detect.Facts) []item {
	return asked("direct request", f.Upstream, f, "upstream", (*detect.Answer).Healthy)
}
func publicRequest(f *detect.Facts) []item {
	l := asked("public request", f.Public, f, "public", (*detect.Answer).Healthy)
	if f.Public.Healthy() && f.Public.Proof == "" {
		l = append(l, item{unknown, "public request", "nothing proves that nginx forwarded it to the application"})
	}
	return l
}

func asked(what string, a *detect.Answer, f *detect.Facts, fact string, healthy func(*detect.Answer) bool) []item {
	if !a.Known() {
		return one(unknown, what, "not asked: %s", lacking(f, fact))
	}
	seen := fmt.Sprintf("%s: %s", a.URL, a.Outcome)
	if a.Outcome == detect.Answered {
		seen = fmt.Sprintf("%s: %d in %s", a.URL, a.Status, a.Took.Duration().Round(time.Millisecond))
	} else if a.Detail != "" {
		seen += " (" + a.Detail + ")"
	}
	return []item{{when(healthy(a)), what, seen}}
}

func changed(f *detect.Facts) []item {
	var l []item
	for _, c := range f.Changes {
		seen := c.Name
		if c.Before != "" || c.After != "" {
			seen += ": " + c.Before + " → " + c.After
		}
		if c.At != 0 {
			seen += " at " + clock(c.At)
		}
		l = append(l, item{note, "changed since last healthy: " + c.What, seen})
	}
	return l
}

func processes(f *detect.Facts) []item {
	var l []item
	if n := len(f.Processes); n > 0 {
		l = append(l, one(note, "processes", "%d in the unit, main PID %d", n, mainPID(f))...)
	}
	for _, p := range f.Strays {
		l = append(l, item{note, "outside the unit", stray(p)})
	}
	return l
}

// stray names a WSGI server outside the unit; `flask run` is named as what it is.
func stray(p detect.Process) string {
	cmd := strings.Join(p.Args, " ")
	if len(cmd) > 120 {
		cmd = cmd[:120] + "…"
	}
	s := fmt.Sprintf("PID %d (%s): %s", p.PID, orUnknown(p.Unit), cmd)
	if strings.Contains(cmd, "flask") && strings.Contains(cmd, " run") {
		s += " — Flask's development server: it listens on port 5000 and is no gunicorn"
	}
	return s
}

func lines(f *detect.Facts) []item {
	const most = 8
	var l []item
	from := max(0, len(f.Lines)-most)
	for _, line := range f.Lines[from:] {
		l = append(l, item{note, string(line.Source), line.Text})
	}
	return l
}

func lacking(f *detect.Facts, fact string) string {
	for _, l := range f.Lacking {
		if l.Fact == fact || strings.HasPrefix(l.Fact, fact+".") {
			return l.Why
		}
	}
	return "not asked"
}

func state(u *detect.Unit) string {
	if u.Load != "" && u.Load != "loaded" {
		return u.Load
	}
	s := u.Active + "/" + u.Sub
	if u.Result != "" && u.Result != "success" {
		s += " (" + u.Result + ")"
	}
	return s
}

func exitText(u *detect.Unit) string {
	switch u.ExitCode {
	case 2, 3:
		return fmt.Sprintf("killed by signal %d", u.ExitStatus)
	}
	return fmt.Sprintf("status %d", u.ExitStatus)
}

func holders(h detect.Listener) string {
	if len(h.Owners) == 0 {
		return "an unknown process"
	}
	var l []string
	for _, p := range h.Owners {
		l = append(l, fmt.Sprintf("PID %d %s (%s)", p.PID, p.Comm, orUnknown(p.Unit)))
		if len(l) == 3 && len(h.Owners) > 3 {
			l = append(l, fmt.Sprintf("and %d more", len(h.Owners)-3))
			break
		}
	}
	return strings.Join(l, ", ")
}

func targets(list []detect.Target) string {
	var l []string
	for _, t := range list {
		l = append(l, t.String())
	}
	return strings.Join(l, ", ")
}

func mainPID(f *detect.Facts) int {
	if f.Unit == nil {
		return 0
	}
	return f.Unit.MainPID
}
