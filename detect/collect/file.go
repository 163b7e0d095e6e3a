package collect

import (
	"path/filepath"
	"regexp"
	"strings"

	"github.com/gatemend/gatemend/detect"
	"github.com/gatemend/gatemend/detect/look"
)

var dotted = regexp.MustCompile(`^[A-Za-z_]\w*(\.[A-Za-z_]\w*)*$`)

// module looks for a module below the working directory. One that is not there may be installed
// elsewhere: then it is unknown.
func module(name string, u *detect.Unit) detect.Named {
	n := detect.Named{Kind: "module", Name: name, State: "unknown"}
	dir := look.WorkDir(u)
	if dir == "" || !dotted.MatchString(name) {
		return n
	}
	base := filepath.Join(dir, filepath.FromSlash(strings.ReplaceAll(name, ".", "/")))
	for _, path := range []string{base + ".py", filepath.Join(base, "__init__.py")} {
		if found := look.Inspect("module", path); found.State == "exists" {
			n.State, n.Note, n.MTime = "exists", path, found.MTime
			return n
		}
	}
	return n
}
