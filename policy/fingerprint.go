package policy

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"

	"github.com/gatemend/gatemend/detect"
)

// Fingerprint hashes what the guards read: cause, target, unit states, modes, file hashes; not
// times, not process ids, nothing measured. `approve` and `heal --plan` refuse when it moved.
func Fingerprint(c Case) string {
	raw, err := Canonical(printed(&c)) // sorted: in which order things were seen does not matter
	if err != nil {
		return "" // cannot be: a map of texts
	}
	sum := sha256.Sum256(raw)
	return hex.EncodeToString(sum[:])
}

// prints is what a fingerprint covers, each thing under a name that a person reads.
type prints map[string]string

// set leaves out what is not known, so that knowing it later shows too.
func (p prints) set(name, value string) {
	if value != "" {
		p[name] = value
	}
}

func printed(c *Case) prints {
	p := prints{}
	p.cause(c)
	p.site(c)
	acted := p.action(c)
	f := &c.Facts
	p.nginx(f.Nginx, f.Route, acted.in(onNginx))
	p.unit(f.Route.Unit, f.Unit, f.Route)
	p.unit(f.Route.Socket, f.Socket, f.Route)
	p.stop("stop of "+f.Route.Unit, f.Stop)
	p.path(f.Path)
	p.files(f)
	p.atWork(c)
	return p
}

func (p prints) cause(c *Case) {
	d := &c.Diagnosis.Primary
	p.set("health", string(c.Diagnosis.Health))
	p.set("cause", string(d.Cause))
	for k, v := range d.Subject {
		if k != "tracer" && !strings.HasSuffix(k, "pid") { // process ids
			p.set("cause, "+k, v)
		}
	}
	if d.Gone {
		p.set("reason for it", "gone")
	}
	p.set("evidence", word(d.Confidence >= detect.ActAt, "enough to act on", "too little to act on"))
}

func (p prints) site(c *Case) {
	f, r := &c.Facts, c.Facts.Route
	p.set("site", f.Site+r.Path)
	p.set("target", r.Target.String())
	p.set("units of the route", strings.TrimSpace(r.Unit+" "+r.Socket))
	p.set("manage", string(r.Manage))
	p.set("also", list(r.Also))
	p.set("configuration of the site", c.Config)
	switch b := f.Baseline; {
	case b == nil:
		p.set("verified healthy", "never")
	case b.Config != c.Config:
		p.set("verified healthy", "not under this configuration")
	default:
		p.set("verified healthy", "yes")
	}
}

// action is the rung that is next, with all that it would set.
func (p prints) action(c *Case) Verb {
	t := newTurn(c)
	if !t.climb() {
		return None
	}
	a := &t.act
	text := strings.Join(strings.Fields(string(a.Verb)+" "+a.Unit+" "+a.Socket+" "+a.Path), " ")
	if a.Verb.in(setsMode) {
		text += fmt.Sprintf(" to %04o %s", a.Mode, a.Group)
	}
	p.set("action", strings.TrimSpace(text))
	return a.Verb
}

func (p prints) unit(name string, u *detect.Unit, r detect.Route) {
	if u == nil {
		return
	}
	if name == "" {
		name = u.Name
	}
	of := " of " + name
	if u.Name != name {
		p.set("name"+of, u.Name)
	}
	p.set("state"+of, fmt.Sprintf("%s (%s)", u.Active, u.Sub))
	p.set("result"+of, u.Result)
	p.set("load state"+of, u.Load)
	p.set("unit file state"+of, u.FileState)
	p.set("freezer state"+of, u.Freezer)
	p.set("Restart="+of, u.Restart)
	p.set("StartLimitAction="+of, u.StartLimitAction)
	p.set("FailureAction="+of, u.FailureAction)
	p.set("SuccessAction="+of, u.SuccessAction)
	p.set("daemon-reload"+of, word(u.NeedReload, "needed", ""))
	p.set("user"+of, fmt.Sprint(u.UID))
	p.set("other name"+of, u.AliasOf)
	p.set("taken along with "+name, list(Taken(u, r)))
	p.set("stopped by a start of "+name, list(Ousted(r, u)))
	p.set("what activates "+name, list(u.TriggeredBy))
	if u.Job != nil {
		p.set("job on "+name, u.Job.Type)
	}
}

func (p prints) stop(name string, s *detect.Stop) {
	if s != nil {
		p.set(name, word(s.ByJob, "by a job", "by itself or a signal"))
	}
}

// nginx: a test that passed says nothing to what is done to the app's unit, and a quick look does
// not run it; one that fails, and every test where nginx is acted on, is read.
func (p prints) nginx(n *detect.Nginx, r detect.Route, acted bool) {
	if n == nil {
		return
	}
	p.unit("", n.Unit, r)
	p.stop("stop of nginx", n.Stop)
	if t := n.Test; t != nil && !t.OK {
		p.set("nginx -t", fmt.Sprintf("fails at %s:%d", t.File, t.Line))
	} else if t != nil && acted {
		p.set("nginx -t", "passes")
	}
	if n.Disk != nil {
		p.set("nginx's configuration on disk", n.Disk.Hash)
	}
	if n.Loaded != nil {
		p.set("nginx's configuration as loaded", n.Loaded.Hash)
	}
	p.set("loaded → disk", strings.Join(n.Diff, "; "))
	p.set("loaded → disk, other sites", word(n.Elsewhere, "differ", ""))
	var others []string
	for _, l := range n.Foreign {
		others = append(others, l.Target.String())
	}
	p.set("others on nginx's ports", list(others))
}

func (p prints) path(path *detect.SocketPath) {
	if path == nil {
		return
	}
	for _, part := range path.Parts {
		p.set("kind of "+part.Path, part.Kind+word(part.Links > 1 && part.Kind == "socket", " with several links", ""))
		p.set("mode of "+part.Path, fmt.Sprintf("%04o", part.Mode))
		p.set("owner of "+part.Path, fmt.Sprintf("%d:%d", part.UID, part.GID))
		p.set("owner by name of "+part.Path, part.Owner+":"+part.Group) // as the plan has it
		p.set("nginx's worker at "+part.Path, part.WorkerMay)
		p.set(part.Path+" leads to", part.Real)
	}
}

// files are their hashes as they are now, and what else differs from the baseline.
func (p prints) files(f *detect.Facts) {
	for path, print := range f.Files {
		p.set("file "+path, sizeAndHash(print))
	}
	for _, ch := range f.Changes {
		if _, hashed := f.Files[ch.Name]; hashed || strings.HasSuffix(ch.What, "-mode") {
			continue // said above, of what is now
		}
		p.set(ch.What+" "+ch.Name, cmp.Or(ch.After, "changed"))
	}
}

// sizeAndHash leaves the time out of "mtime size hash": a file that was touched is the same.
func sizeAndHash(print string) string {
	words := strings.Fields(print)
	if len(words) != 3 {
		return print // missing, not a file
	}
	return words[1] + " bytes " + words[2]
}

func (p prints) atWork(c *Case) {
	if q := c.Facts.Quiet; q != nil {
		p.set("package manager's lock", word(q.PackageLock != "", q.PackageLock, "free"))
	}
	var holds []string
	for _, h := range c.Holds {
		holds = append(holds, fmt.Sprintf("%s %s", word(h.Site != "", h.Site, "all sites"), h))
	}
	p.set("holds", list(holds))
}

// list is the same however it was ordered.
func list(words []string) string {
	sorted := slices.Clone(words)
	slices.Sort(sorted)
	return strings.Join(sorted, ", ")
}

func word(is bool, yes, no string) string {
	if is {
		return yes
	}
	return no
}
