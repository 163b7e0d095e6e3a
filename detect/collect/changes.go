package collect

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strconv"
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

// changedFiles compares fingerprints, "mtime size hash".
func changedFiles(before, now map[string]string, u *detect.Unit) (found []detect.Change) {
	for path, was := range before { // a file that is no longer part of the unit is the unit's change
		if is, ok := now[path]; ok && content(is) != content(was) {
			found = append(found, fileChange(path, was, is, u))
		}
	}
	for path, is := range now {
		if _, ok := before[path]; !ok {
			found = append(found, fileChange(path, "missing", is, u))
		}
	}
	return found
}

// content is a fingerprint without its time: a file that was touched is not a change.
func content(fingerprint string) string {
	mtime, rest, ok := strings.Cut(fingerprint, " ")
	if !ok {
		return mtime
	}
	return rest
}

// fileChange shows no hash: a person reads it.
func fileChange(path, was, is string, u *detect.Unit) detect.Change {
	c := detect.Change{What: kindOf(path, u), Name: path, Before: inWords(was), After: inWords(is)}
	mtime, _, _ := strings.Cut(is, " ")
	if n, err := strconv.ParseInt(mtime, 10, 64); err == nil {
		c.At = max(detect.Time(n), touched(path))
	}
	return c
}

func inWords(fingerprint string) string {
	parts := strings.Fields(fingerprint)
	if len(parts) != 3 || strings.Trim(parts[0]+parts[1], "0123456789") != "" {
		return fingerprint // missing, not a file
	}
	return parts[1] + " bytes"
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
