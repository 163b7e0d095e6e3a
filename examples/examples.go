// Package examples holds the files that gatemend ships for others to copy: the agent's unit, a commented
// configuration, and a demo deployment of a Flask app behind nginx. They are embedded so that the tests
// and the demo run on the very files that a reader sees: an example that is not run rots.
package examples

import (
	"embed"
	"fmt"
	"io/fs"
	"path"
)

// FS is the whole directory.
//
//go:embed gatemend.service gatemend-helper.service gatemend-look.socket gatemend-act.socket gatemend.sysusers gatemend.yaml demo
var FS embed.FS

// File is one shipped file and where it belongs on a machine.
type File struct {
	Path    string
	Mode    fs.FileMode
	Content []byte
}

// installed is what an installation of the agent is made of, besides the binary in /usr/bin and the
// configuration. A package puts the units below /usr/lib/systemd/system instead.
var installed = []struct{ from, to string }{
	{"gatemend.sysusers", "/usr/lib/sysusers.d/gatemend.conf"},
	{"gatemend.service", "/etc/systemd/system/gatemend.service"},
	{"gatemend-helper.service", "/etc/systemd/system/gatemend-helper.service"},
	{"gatemend-look.socket", "/etc/systemd/system/gatemend-look.socket"},
	{"gatemend-act.socket", "/etc/systemd/system/gatemend-act.socket"},
}

// Installation lists the files of the agent itself. Once they are in place, systemd-sysusers makes
// its user, and gatemend.service starts with the sockets of its root helper.
func Installation() ([]File, error) {
	var files []File
	for _, p := range installed {
		content, err := fs.ReadFile(FS, p.from)
		if err != nil {
			return nil, fmt.Errorf("cannot read the shipped file %q: %w", p.from, err)
		}
		files = append(files, File{Path: p.to, Mode: 0o644, Content: content})
	}
	return files, nil
}

// placed says where a file of the demo belongs. The first column is relative to demo/; a % in it stands
// for the variant.
var placed = []struct {
	from, to string
	mode     fs.FileMode
}{
	{"app/app.py", "/srv/shop/app.py", 0o644},
	{"app/shop.env", "/etc/shop/shop.env", 0o600}, // secrets belong there: systemd reads it as root
	{"sysusers.conf", "/usr/lib/sysusers.d/shop.conf", 0o644},
	{"%/shop.service", "/etc/systemd/system/shop.service", 0o644},
	{"%/shop.socket", "/etc/systemd/system/shop.socket", 0o644},
	{"%/shop.nginx", "/etc/nginx/sites-available/shop", 0o644},
}

// Deployment lists the files of one variant of the demo: "unix", "tcp" or "activated". After they are
// in place, systemd-sysusers makes the user, the unit (the socket, where there is one) is enabled, the
// site is linked into sites-enabled, and nginx is reloaded.
func Deployment(variant string) ([]File, error) {
	if _, err := fs.Stat(FS, path.Join("demo", variant, "shop.service")); err != nil {
		return nil, fmt.Errorf("cannot find the demo deployment %q: %w (there are unix, tcp and activated)", variant, err)
	}
	var files []File
	for _, p := range placed {
		content, err := fs.ReadFile(FS, demoPath(p.from, variant))
		if err != nil {
			continue // only one variant has a socket unit
		}
		files = append(files, File{Path: p.to, Mode: p.mode, Content: content})
	}
	return files, nil
}

func demoPath(from, variant string) string {
	if from[0] == '%' {
		from = variant + from[1:]
	}
	return path.Join("demo", from)
}
