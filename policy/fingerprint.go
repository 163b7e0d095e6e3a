package policy

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"

	"github.com/gatemend/gatemend/detect"
)

// fingerprint is what the guards read, without times, process ids and measured values:
// what has to be the same for a plan that a person approved to be still that plan.
type fingerprint struct {
	Cause   detect.Cause      `json:"cause"`
	Subject map[string]string `json:"subject"`
	Gone    bool              `json:"gone"`
	Site    string            `json:"site"`
	Route   detect.Route      `json:"route"`
	Config  string            `json:"config"`
	Verb    Verb              `json:"verb"` // of the rung that is next
	Unit    *unitPrint        `json:"unit"`
	Socket  *unitPrint        `json:"socket"`
	Nginx   *nginxPrint       `json:"nginx"`
	Path    []partPrint       `json:"path"`
	Changes []changePrint     `json:"changes"`
	Stopped bool              `json:"stopped"`
	Lock    string            `json:"lock"`
	Holds   []holdPrint       `json:"holds"`
}

type unitPrint struct {
	Name, Load, Active, Sub, Result, FileState, Job string
	Restart, StartLimitAction, FailureAction        string
	NeedReload                                      bool
	Takes                                           []string
}

type nginxPrint struct {
	Unit         *unitPrint
	Tested, OK   bool
	File         string
	Line         int
	Disk, Loaded string
	Diff         []string
	Elsewhere    bool
	Foreign      []string
}

type partPrint struct {
	Path, Kind      string
	Mode, UID, GID  int
	WorkerMay       string
	MoreThanOneLink bool
}

type changePrint struct{ What, Name, Before, After string }

type holdPrint struct{ Site, Owner, Reason string }

// Fingerprint hashes what the guards read: cause, target, unit states, modes, file
// hashes; not times, not process ids. `approve` and `heal --plan` refuse when it moved.
func Fingerprint(c Case) string {
	f := &c.Facts
	t := newTurn(&c)
	t.climb()
	p := fingerprint{
		Cause: t.d.Cause, Subject: stable(t.d.Subject), Gone: t.d.Gone,
		Site: f.Site, Route: f.Route, Config: c.Config, Verb: t.rung.Verb,
		Unit: printUnit(f.Unit, f.Route), Socket: printUnit(f.Socket, f.Route), Nginx: printNginx(f.Nginx, f.Route, t.rung.Verb.in(onNginx)),
		Stopped: f.Stop != nil && f.Stop.ByJob,
	}
	if f.Path != nil {
		for _, part := range f.Path.Parts {
			p.Path = append(p.Path, partPrint{part.Path, part.Kind, part.Mode, part.UID, part.GID, part.WorkerMay, part.Links > 1})
		}
	}
	for _, ch := range f.Changes {
		p.Changes = append(p.Changes, changePrint{ch.What, ch.Name, ch.Before, ch.After})
	}
	slices.SortFunc(p.Changes, func(a, b changePrint) int {
		return cmp.Or(cmp.Compare(a.What, b.What), cmp.Compare(a.Name, b.Name), cmp.Compare(a.After, b.After))
	})
	if f.Quiet != nil {
		p.Lock = f.Quiet.PackageLock
	}
	for _, h := range c.Holds {
		p.Holds = append(p.Holds, holdPrint{h.Site, h.Owner, h.Reason})
	}
	raw, err := Canonical(p)
	if err != nil {
		return "" // cannot be: the type holds strings, integers and booleans
	}
	sum := sha256.Sum256(raw)
	return hex.EncodeToString(sum[:])
}

// stable drops from a finding's subject what changes from look to look.
func stable(subject map[string]string) map[string]string {
	out := map[string]string{}
	for k, v := range subject {
		if k != "tracer" && !strings.HasSuffix(k, "pid") { // process ids
			out[k] = v
		}
	}
	return out
}

func printUnit(u *detect.Unit, r detect.Route) *unitPrint {
	if u == nil {
		return nil
	}
	p := &unitPrint{
		Name: u.Name, Load: u.Load, Active: u.Active, Sub: u.Sub, Result: u.Result, FileState: u.FileState,
		Restart: u.Restart, StartLimitAction: u.StartLimitAction, FailureAction: u.FailureAction,
		NeedReload: u.NeedReload, Takes: taken(u, r),
	}
	if u.Job != nil {
		p.Job = u.Job.Type
	}
	return p
}

// printNginx: a test that passed says nothing to what is done to the app's unit, and a quick look
// does not run it; one that fails, and every test where nginx is acted on, is read.
func printNginx(n *detect.Nginx, r detect.Route, acted bool) *nginxPrint {
	if n == nil {
		return nil
	}
	p := &nginxPrint{Unit: printUnit(n.Unit, r), Diff: n.Diff, Elsewhere: n.Elsewhere}
	if n.Test != nil && (acted || !n.Test.OK) {
		p.Tested, p.OK, p.File, p.Line = true, n.Test.OK, n.Test.File, n.Test.Line
	}
	if n.Disk != nil {
		p.Disk = n.Disk.Hash
	}
	if n.Loaded != nil {
		p.Loaded = n.Loaded.Hash
	}
	for _, l := range n.Foreign {
		p.Foreign = append(p.Foreign, l.Target.String())
	}
	return p
}
