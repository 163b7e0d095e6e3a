package look

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"

	"github.com/gatemend/gatemend/detect"
)

// Touched implements [Looker].
func (l *Local) Touched(ctx context.Context, site, route string) (detect.Quiet, error) {
	u, err := l.unitOf(ctx, site, route)
	if err != nil || u == nil {
		return detect.Quiet{}, err
	}
	return detect.Quiet{UnitChanged: newest(unitFiles(u)...), AppChanged: newest(appFiles(u)...)}, nil
}

// unitFiles are the files that say how the unit is started.
func unitFiles(u *detect.Unit) []string {
	files := append([]string{u.Fragment}, u.DropIns...)
	for _, f := range u.EnvFiles {
		files = append(files, strings.TrimPrefix(f, "-"))
	}
	return files
}

// mostAppFiles is how many files of a directory are looked at.
const mostAppFiles = 300

// appFiles are gunicorn's configuration, the app's entry file, and the Python files beside it and in the
// working directory: a deploy that is still copying touches them. Directories themselves do not count:
// a socket or a database's journal in one changes it whenever the app starts.
func appFiles(u *detect.Unit) (files []string) {
	unit := unitFiles(u)
	dirs := []string{u.Directory()}
	for _, f := range Files(u) {
		if !slices.Contains(unit, f) {
			files = append(files, f)
			dirs = append(dirs, filepath.Dir(f))
		}
	}
	slices.Sort(dirs)
	for _, dir := range slices.Compact(dirs) {
		files = append(files, pythonFiles(dir)...)
	}
	return files
}

func pythonFiles(dir string) (files []string) {
	d, err := os.Open(dir)
	if err != nil || dir == "/" {
		return nil
	}
	defer d.Close()
	names, _ := d.Readdirnames(mostAppFiles)
	for _, name := range names {
		if strings.HasSuffix(name, ".py") {
			files = append(files, filepath.Join(dir, name))
		}
	}
	return files
}

// newest is the newest mtime or ctime of the files that exist.
func newest(paths ...string) (t detect.Time) {
	for _, p := range paths {
		if p != "" {
			t = max(t, Changed(p))
		}
	}
	return t
}

// Changed is the newer of a file's mtime and ctime, 0 where there is none: cp -p keeps an old mtime.
func Changed(path string) detect.Time {
	fi, err := os.Stat(path)
	if err != nil {
		return 0
	}
	t := detect.At(fi.ModTime())
	if st, ok := fi.Sys().(*syscall.Stat_t); ok {
		t = max(t, detect.Time(st.Ctim.Nano()/1000))
	}
	return t
}
