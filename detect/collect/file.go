package collect

import (
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/gatemend/gatemend/detect"
	"github.com/gatemend/gatemend/detect/look"
)

var dotted = regexp.MustCompile(`^[A-Za-z_]\w*(\.[A-Za-z_]\w*)*$`)

// module looks for a module below the working directory, and in the directories that the unit's Python
// imports what is installed from. One that is in none of them may come from elsewhere: then it is unknown,
// and the directories are named, since installing it changes one of them.
func module(name string, u *detect.Unit, installed []string) []detect.Named {
	n := detect.Named{Kind: "module", Name: name, State: "unknown"}
	if !dotted.MatchString(name) {
		return []detect.Named{n}
	}
	rel := filepath.FromSlash(strings.ReplaceAll(name, ".", "/"))
	dirs := installed
	if dir := u.Directory(); dir != "" {
		dirs = append([]string{dir}, installed...)
	}
	for _, dir := range dirs {
		if found, ok := moduleAt(filepath.Join(dir, rel)); ok {
			n.State, n.Note, n.MTime = "exists", found.Name, found.MTime
			if slices.Contains(installed, dir) { // files of a package are as old as its archive
				n.MTime = max(n.MTime, look.Inspect("dir", dir).MTime)
			}
			return []detect.Named{n}
		}
	}
	all := []detect.Named{n}
	for _, dir := range installed {
		all = append(all, look.Inspect("modules", dir))
	}
	return all
}

// moduleAt is a module's file: its own, a package's, or an extension's (importlib.machinery).
func moduleAt(base string) (detect.Named, bool) {
	extensions, _ := filepath.Glob(base + ".*.so")
	for _, path := range append([]string{base + ".py", filepath.Join(base, "__init__.py")}, extensions...) {
		if found := look.Inspect("module", path); found.State == "exists" {
			return found, true
		}
	}
	return detect.Named{}, false
}
