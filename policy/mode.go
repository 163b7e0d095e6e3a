package policy

import (
	"fmt"
	"path"
	"strconv"
	"strings"

	"github.com/gatemend/gatemend/detect"
)

// stated is the mode and group that a path had when last verified healthy, or that its
// unit states. Nothing else is ever restored.
type stated struct {
	mode  int
	group string
	by    string // for a person
}

// socketStated prefers the .socket unit's SocketMode=: with socket activation systemd
// makes the file, and the next start would make it so again.
func socketStated(f *detect.Facts) (stated, bool) {
	switch {
	case f.Socket != nil && f.Socket.SocketMode != 0:
		return stated{f.Socket.SocketMode, f.Socket.SocketGroup, "SocketMode= of " + f.Socket.Name}, true
	case f.Baseline != nil && f.Baseline.Socket != nil && f.Baseline.Socket.Kind == "socket":
		return stated{f.Baseline.Socket.Mode, f.Baseline.Socket.Group, "the baseline"}, true
	}
	return stated{}, false
}

func dirStated(f *detect.Facts, dir string) (stated, bool) {
	switch {
	case f.Baseline != nil && f.Baseline.Dir != nil && f.Baseline.Dir.Path == dir:
		return stated{f.Baseline.Dir.Mode, f.Baseline.Dir.Group, "the baseline"}, true
	case f.Unit != nil && f.Unit.RuntimeMode != 0:
		return stated{f.Unit.RuntimeMode, "", "RuntimeDirectoryMode= of " + f.Unit.Name}, true
	}
	return stated{}, false
}

// wanted narrows what is stated to what the diagnosis asks for; asking for more than is
// stated is not wanted at all.
func wanted(d *detect.Finding, s stated) (stated, *Refusal) {
	text := d.Subject[detect.SubjectWantMode]
	if text == "" {
		return s, nil
	}
	ask, err := strconv.ParseInt(text, 8, 32)
	if err != nil || ask < 0 {
		return s, unfit(ModeUnknown, "the wanted mode %q is not an octal number", text)
	}
	if int(ask)&^s.mode != 0 {
		return s, unfit(ModeUnknown, "mode %04o would be wider than the %04o of %s", ask, s.mode, s.by)
	}
	s.mode = int(ask)
	return s, nil
}

func socketModeKnown(d *detect.Finding, f *detect.Facts) *Refusal {
	s, ok := socketStated(f)
	if !ok {
		return unfit(ModeUnknown, "neither a baseline nor the unit states which mode the socket had")
	}
	s, r := wanted(d, s)
	if r != nil {
		return r
	}
	return differs(f.Path.Last(), s)
}

func dirModeKnown(d *detect.Finding, f *detect.Facts) *Refusal {
	p := dirPart(d, f)
	if p == nil {
		return unfit(ModeUnknown, "no directory of the path is known to be closed")
	}
	s, ok := dirStated(f, p.Path)
	if !ok {
		return unfit(ModeUnknown, "neither a baseline nor the unit states the mode of %s", p.Path)
	}
	s, r := wanted(d, s)
	if r != nil {
		return r
	}
	return differs(p, s)
}

// differs keeps a rung that would change nothing from being tried.
func differs(p *detect.PathPart, s stated) *Refusal {
	if p != nil && p.Mode == s.mode && (s.group == "" || s.group == p.Group) {
		return unfit(NothingSafe, "%s already has mode %04o and the group of %s", p.Path, s.mode, s.by)
	}
	return nil
}

// dirPart is the directory that the finding is about: the one it names, else the first
// that nginx's worker may not enter.
func dirPart(d *detect.Finding, f *detect.Facts) *detect.PathPart {
	if f.Path == nil {
		return nil
	}
	name := d.Subject[detect.SubjectPath]
	for i := range f.Path.Parts {
		p := &f.Path.Parts[i]
		if p.Path == name || name == "" && p.Kind == "dir" && p.WorkerMay == "no" {
			return p
		}
	}
	return nil
}

// runtimeDir: only a directory that RuntimeDirectory= of the unit lists is ours to open
// again; a home directory that is 0700 is a person's choice.
func runtimeDir(d *detect.Finding, f *detect.Facts) *Refusal {
	dir := d.Subject[detect.SubjectPath]
	if p := dirPart(d, f); p != nil {
		dir = p.Path
	}
	if f.Unit != nil {
		for _, name := range f.Unit.RuntimeDirs {
			if dir != "" && dir == path.Join("/run", strings.TrimPrefix(name, "/run/")) {
				return nil
			}
		}
	}
	return unfit(NothingSafe, "%q is not a RuntimeDirectory= of the unit", dir)
}

// setMode completes an action of a mode: path, mode and group, before and after.
func setMode(a *Action, d *detect.Finding, f *detect.Facts) {
	p, s, ok := f.Path.Last(), stated{}, false
	if a.Verb == FixDirMode {
		p = dirPart(d, f)
	}
	if p == nil {
		return
	}
	if a.Verb == FixDirMode {
		s, ok = dirStated(f, p.Path)
	} else {
		s, ok = socketStated(f)
	}
	if !ok {
		return
	}
	s, _ = wanted(d, s)
	a.Path, a.Mode = p.Path, s.mode
	a.Before, a.After = fmt.Sprintf("%04o %s:%s", p.Mode, p.Owner, p.Group), fmt.Sprintf("%04o %s:%s", s.mode, p.Owner, p.Group)
	if s.group != "" && s.group != p.Group {
		a.Group = s.group
		a.After = fmt.Sprintf("%04o %s:%s", s.mode, p.Owner, s.group)
	}
}
