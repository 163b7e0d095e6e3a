package collect

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/gatemend/gatemend/detect"
)

// files asks for the fingerprints of the site's files.
func (s *snapshot) files(ctx context.Context, known detect.Facts) (change, error) {
	if known.Unit == nil {
		return nil, nil
	}
	if s.Look == nil {
		return nil, errNotAsked
	}
	now, err := s.Look.Fingerprints(ctx, s.site.Name)
	return func(f *detect.Facts) { f.Files = now }, err
}

func kindOf(path string, u *detect.Unit) string {
	switch {
	case path == u.Fragment:
		return "unit"
	case slices.Contains(u.DropIns, path):
		return "drop-in"
	case slices.Contains(u.EnvFiles, path), slices.Contains(u.EnvFiles, "-"+path):
		return "envfile"
	}
	return "app-file"
}

// changed lists what differs from the baseline, the newest first.
func changed(f *detect.Facts) (all []detect.Change) {
	b := f.Baseline
	if b == nil {
		return nil
	}
	all = append(all, modeChange("socket-mode", b.Socket, f.Path.Socket())...)
	all = append(all, modeChange("dir-mode", b.Dir, f.Path.Dir())...)
	if n := f.Nginx; n != nil && n.Disk != nil && b.NginxHash != "" && n.Disk.Hash != b.NginxHash {
		all = append(all, detect.Change{What: "nginx-conf", Name: cmp.Or(n.ChangedIn, "nginx"), At: n.ChangedAt}) // a person reads no hashes
	}
	if is := f.Listener(); b.Listener != "" && is != "" && is != b.Listener {
		all = append(all, detect.Change{What: "listener", Name: f.Route.Target.String(), Before: b.Listener, After: is})
	}
	all = append(all, changedPackages(b.Packages, f.Packages)...)
	if u := f.Unit; u != nil {
		if f.Files != nil {
			all = append(all, changedFiles(b.Files, f.Files, u)...)
		}
		if len(b.Binds) > 0 && len(u.Binds) > 0 && !slices.Equal(b.Binds, u.Binds) {
			all = append(all, detect.Change{What: "bind", Name: u.Name, Before: join(b.Binds), After: join(u.Binds)})
		}
	}
	slices.SortFunc(all, func(a, b detect.Change) int {
		return cmp.Or(cmp.Compare(b.At, a.At), strings.Compare(a.What, b.What), strings.Compare(a.Name, b.Name))
	})
	return all
}

func modeChange(what string, was, is *detect.PathPart) []detect.Change {
	if was == nil || is == nil || was.Path != is.Path || rights(was) == rights(is) {
		return nil
	}
	return []detect.Change{{What: what, Name: is.Path, Before: rights(was), After: rights(is), At: is.CTime}}
}

func rights(p *detect.PathPart) string { return fmt.Sprintf("%04o %s:%s", p.Mode, p.Owner, p.Group) }

func join(targets []detect.Target) string {
	var words []string
	for _, t := range targets {
		words = append(words, t.String())
	}
	return strings.Join(words, " ")
}
