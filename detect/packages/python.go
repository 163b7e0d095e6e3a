package packages

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/gatemend/gatemend/detect"
)

// mostDists bounds what is read of a directory: an environment has some dozens.
const mostDists = 2000

// systemDirs are where Debian's python3 and its administrator put distributions (site.py of Debian's
// python3: dist-packages, not site-packages).
var systemDirs = []string{"/usr/lib/python3/dist-packages", "/usr/local/lib/python3*/dist-packages"}

// python adds the distributions that the program imports.
func (r *Reader) python(program string, found map[string]detect.Package) error {
	var errs []error
	for _, dir := range r.Dirs(program) {
		if err := dists(dir, found); err != nil && !absent(err) {
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}

// Dirs are the directories that the program imports what is installed from, those that exist.
func (r *Reader) Dirs(program string) (dirs []string) {
	for _, pattern := range r.sites(program) {
		some, _ := filepath.Glob(pattern)
		dirs = append(dirs, some...)
	}
	return dirs
}

// sites are the patterns of the directories that hold distributions. A virtual environment is known by
// its pyvenv.cfg (PEP 405), and hides the system's unless it says otherwise.
func (r *Reader) sites(program string) []string {
	venv := filepath.Dir(filepath.Dir(program))
	if _, err := os.Stat(filepath.Join(r.root, venv, "pyvenv.cfg")); filepath.IsAbs(program) && err == nil {
		return []string{filepath.Join(r.root, venv, "lib/python3*/site-packages")}
	}
	var out []string
	for _, dir := range systemDirs {
		out = append(out, filepath.Join(r.root, dir))
	}
	return out
}

// dists reads names and versions off the directory's *.dist-info and *.egg-info.
func dists(dir string, found map[string]detect.Package) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer d.Close()
	entries, err := d.ReadDir(mostDists)
	if errors.Is(err, io.EOF) { // nothing in it
		err = nil
	}
	for _, e := range entries {
		name, version, ok := dist(e.Name())
		if !ok {
			continue
		}
		in := detect.Package{Version: version}
		if info, err := e.Info(); err == nil {
			in.At = detect.At(info.ModTime())
		}
		found[name+" (python)"] = in
	}
	return err
}

// dist reads "Flask-2.2.2.dist-info" and "Flask-2.2.2-py3.11.egg-info". Names are compared as PEP 503
// does: without case, and with one kind of dash.
func dist(entry string) (name, version string, ok bool) {
	stem, is := strings.CutSuffix(entry, ".dist-info")
	if !is {
		stem, is = strings.CutSuffix(entry, ".egg-info")
	}
	parts := strings.Split(stem, "-")
	if !is || len(parts) < 2 || parts[0] == "" || parts[1] == "" {
		return "", "", false
	}
	name = strings.ToLower(strings.NewReplacer("_", "-", ".", "-").Replace(parts[0]))
	return detect.Escape(name), detect.Escape(parts[1]), true // whoever owns the environment named its directories
}
