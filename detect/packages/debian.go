package packages

import (
	"bufio"
	"bytes"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"github.com/gatemend/gatemend/detect"
)

const (
	statusFile = "/var/lib/dpkg/status" // dpkg(1)
	lists      = "/var/lib/dpkg/info"
)

// serving are the packages that a site stands on, by the beginnings of their names.
var serving = []string{"nginx", "libnginx-mod-", "gunicorn", "python3-gunicorn", "python3-flask", "python3-werkzeug", "libpython3", "libssl3", "systemd"}

// debian remembers what was read of dpkg's status file, which has megabytes, until it changes.
type debian struct {
	mu    sync.Mutex
	stamp fs.FileInfo
	found map[string]detect.Package
}

// dpkg adds Debian's packages. On another distribution there are none.
func (r *Reader) dpkg(found map[string]detect.Package) error {
	d := &r.debian
	d.mu.Lock()
	defer d.mu.Unlock()
	f, err := os.Open(filepath.Join(r.root, statusFile))
	if absent(err) {
		return nil
	}
	if err != nil {
		return err
	}
	defer f.Close()
	now, err := f.Stat()
	if err != nil {
		return err
	}
	if d.stamp == nil || !os.SameFile(d.stamp, now) || !d.stamp.ModTime().Equal(now.ModTime()) || d.stamp.Size() != now.Size() {
		if d.found, err = r.status(f); err != nil {
			return err
		}
		d.stamp = now
	}
	for name, in := range d.found {
		found[name] = in
	}
	return nil
}

// status reads stanzas of "Package: nginx-light", "Status: install ok installed", "Version: 1.22.1-9".
func (r *Reader) status(f *os.File) (map[string]detect.Package, error) {
	found, pkg, installed := map[string]detect.Package{}, "", false
	lines := bufio.NewScanner(f)
	lines.Buffer(make([]byte, 64<<10), 4<<20)
	for lines.Scan() {
		key, value, _ := bytes.Cut(lines.Bytes(), []byte(": "))
		switch string(key) {
		case "":
			pkg, installed = "", false
		case "Package":
			pkg = wanted(value)
		case "Status":
			installed = bytes.HasSuffix(value, []byte(" installed"))
		case "Version":
			if pkg != "" && installed {
				found[detect.Escape(pkg)+" (debian)"] = detect.Package{Version: detect.Escape(string(value)), At: r.listed(pkg)}
			}
		}
	}
	return found, lines.Err()
}

// wanted is the name where a site stands on the package, else "". Python itself is python3 and
// python3.11, its hundred modules are read where the unit's Python finds them.
func wanted(name []byte) string {
	s := string(name)
	if s == "python3" || strings.HasPrefix(s, "python3.") {
		return s
	}
	for _, begin := range serving {
		if strings.HasPrefix(s, begin) {
			return s
		}
	}
	return ""
}

// listed is when dpkg unpacked the package: it writes the list of its files then.
func (r *Reader) listed(pkg string) detect.Time {
	names, _ := filepath.Glob(filepath.Join(r.root, lists, pkg+"*.list"))
	for _, name := range names {
		arch := strings.TrimSuffix(strings.TrimPrefix(filepath.Base(name), pkg), ".list")
		if info, err := os.Stat(name); err == nil && (arch == "" || arch[0] == ':') {
			return detect.At(info.ModTime())
		}
	}
	return 0
}
