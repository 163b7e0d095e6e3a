package packages

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/gatemend/gatemend/detect"
	"github.com/google/go-cmp/cmp"
)

const status = `Package: nginx-light
Status: install ok installed
Architecture: amd64
Version: 1.22.1-9
Description: nginx
 Version: of another kind

Package: nginx-common
Status: deinstall ok config-files
Version: 1.22.1-8

Package: python3-requests
Status: install ok installed
Version: 2.28.1

Package: python3.11
Status: install ok installed
Version: 3.11.2-6
`

// host is a root directory with these empty directories and files.
func host(t *testing.T, dirs []string, files map[string]string) *Reader {
	t.Helper()
	root := t.TempDir()
	for _, d := range dirs {
		must(t, os.MkdirAll(filepath.Join(root, d), 0o755))
	}
	for name, text := range files {
		must(t, os.MkdirAll(filepath.Dir(filepath.Join(root, name)), 0o755))
		must(t, os.WriteFile(filepath.Join(root, name), []byte(text), 0o644))
	}
	return &Reader{root: root}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func versions(t *testing.T, r *Reader, program string) map[string]string {
	t.Helper()
	found, err := r.Read(program)
	must(t, err)
	out := map[string]string{}
	for name, in := range found {
		out[name] = in.Version
		if in.At == 0 && filepath.Ext(name) == "" && name != "python3.11 (debian)" {
			t.Errorf("%s came at no time", name)
		}
	}
	return out
}

func TestRead(t *testing.T) {
	r := host(t, []string{
		"srv/shop/venv/lib/python3.11/site-packages/Flask-3.0.0.dist-info",
		"srv/shop/venv/lib/python3.11/site-packages/flask",
		"srv/shop/venv/lib/python3.11/site-packages/zope.interface-5.5.2-py3.11.egg-info",
		"usr/lib/python3/dist-packages/Flask-2.2.2.egg-info",
		"usr/local/lib/python3.11/dist-packages/Flask_SQLAlchemy-3.1.1.dist-info",
	}, map[string]string{
		"srv/shop/venv/pyvenv.cfg": "home = /usr/bin\n", "var/lib/dpkg/status": status,
		"var/lib/dpkg/info/nginx-light.list": "", "var/lib/dpkg/info/python3.11:amd64.list": "",
	})
	debian := map[string]string{"nginx-light (debian)": "1.22.1-9", "python3.11 (debian)": "3.11.2-6"}
	for program, want := range map[string]map[string]string{
		"/srv/shop/venv/bin/gunicorn": {"flask (python)": "3.0.0", "zope-interface (python)": "5.5.2"},
		"/usr/bin/gunicorn":           {"flask (python)": "2.2.2", "flask-sqlalchemy (python)": "3.1.1"},
		"":                            {"flask (python)": "2.2.2", "flask-sqlalchemy (python)": "3.1.1"},
	} {
		for name, v := range debian {
			want[name] = v
		}
		if got := versions(t, r, program); !cmp.Equal(got, want) {
			t.Errorf("%s: %s", program, cmp.Diff(want, got))
		}
	}
}

func TestAnUpgradeIsSeen(t *testing.T) {
	r := host(t, nil, map[string]string{"var/lib/dpkg/status": status, "var/lib/dpkg/info/nginx-light.list": ""})
	versions(t, r, "")
	file := filepath.Join(r.root, statusFile)
	upgraded := "Package: nginx-light\nStatus: install ok installed\nVersion: 1.22.1-9+deb12u2\n"
	must(t, os.WriteFile(file+".new", []byte(upgraded), 0o644))
	must(t, os.Rename(file+".new", file))
	came := time.Unix(1_790_000_000, 0)
	must(t, os.Chtimes(filepath.Join(r.root, lists, "nginx-light.list"), came, came))
	found, err := r.Read("")
	if got := found["nginx-light (debian)"]; err != nil || got != (detect.Package{Version: "1.22.1-9+deb12u2", At: detect.At(came)}) {
		t.Errorf("after the upgrade: %+v, %v", got, err)
	}
}

func TestNothingIsInstalled(t *testing.T) {
	if got := versions(t, host(t, nil, nil), "/srv/gone/bin/gunicorn"); len(got) != 0 {
		t.Errorf("found %v", got)
	}
}

func BenchmarkRead(b *testing.B) {
	r := New()
	for b.Loop() {
		if _, err := r.Read("/usr/bin/gunicorn"); err != nil {
			b.Fatal(err)
		}
	}
}
