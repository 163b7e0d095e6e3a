package collect

import (
	"net"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/gatemend/gatemend/detect"
	"github.com/gatemend/gatemend/detect/look"
	"github.com/gatemend/gatemend/detect/packages"
)

func put(t *testing.T, dir, name, text string, mode os.FileMode) string {
	t.Helper()
	path := filepath.Join(dir, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), mode); err != nil {
		t.Fatal(err)
	}
	return path
}

// rooted is a snapshot of a route whose unit is u, with the real look at its files.
func rooted(u *detect.Unit) *snapshot {
	route := detect.Route{Path: "/", Unit: "shop.service"}
	site := detect.Site{Name: "shop", Routes: []detect.Route{route}}
	l := look.NewLocal(func() []detect.Site { return []detect.Site{site} }, units{"shop.service": u}, look.Options{})
	return &snapshot{Collector: New(Config{Look: l}), site: site, route: route}
}

// states gives what was looked at, by kind and name.
func states(found []detect.Named) map[string]string {
	m := map[string]string{}
	for _, n := range found {
		m[n.Kind+" "+n.Name] = n.State
	}
	return m
}

func TestNamedThingsAreLookedAt(t *testing.T) {
	dir := t.TempDir()
	app := put(t, dir, "app.py", "", 0o644)
	put(t, dir, "pkg/__init__.py", "", 0o644)
	env := put(t, dir, "web.env", "A=1\n", 0o600)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	_, used, _ := net.SplitHostPort(listener.Addr().String())

	u := &detect.Unit{WorkDir: dir, User: "no-such-user", EnvFiles: []string{env, "-/none.env", "/required.env"}, Environ: []string{"A"},
		Binds: []detect.Target{detect.TCP("127.0.0.1:8000"), detect.TCP("127.0.0.1:8001")}, ExecStart: detect.At(time.Now().Add(time.Hour))}
	l := &lookup{ctx: t.Context(), packages: packages.New()}
	known := detect.Facts{Unit: u, Listeners: []detect.Listener{{Target: detect.TCP("0.0.0.0:8000"), Owners: []detect.Process{{PID: 7, Comm: "nginx"}}}}}
	if err := rooted(u).ofUnit(l, known); err != nil {
		t.Fatal(err)
	}
	for _, attr := range []map[string]string{
		{"file": app, "path": "/none/x.db"}, {"file": "relative.py"}, {"module": "app"}, {"module": "pkg"}, {"module": "nowhere"}, {"module": "../../etc/passwd"},
		{"variable": "A"}, {"variable": "B"}, {"variable": "B"},
		{"message": `connection to server at "localhost", port ` + used + ` failed`}, {"message": `connection to server at "192.0.2.1", port 5432 failed`},
	} {
		l.ofLine(detect.Line{Attr: attr}, u)
	}
	got := states(l.found)
	for name, want := range map[string]string{
		"dir " + dir: "exists", "envfile " + env: "exists", "envfile /none.env": "unknown", "envfile /required.env": "missing",
		"user no-such-user": "missing", "port 127.0.0.1:8000": "listening", "port 127.0.0.1:8001": "free",
		"file " + app: "exists", "file /none/x.db": "missing", "module app": "exists", "module pkg": "exists", "module nowhere": "unknown",
		"module ../../etc/passwd": "unknown", "variable A": "exists", "variable B": "missing",
		"port localhost:" + used: "listening", "port 192.0.2.1:5432": "unknown",
	} {
		if got[name] != want {
			t.Errorf("%s is %q, want %q", name, got[name], want)
		}
	}
	if len(got) != len(l.found) {
		t.Errorf("%d things, %d different", len(l.found), len(got))
	}
	for i := range 2 * mostNamed {
		l.ofLine(detect.Line{Attr: map[string]string{"path": filepath.Join("/none", string(rune('a'+i%26)), string(rune('a'+i/26)))}}, u)
	}
	if len(l.found) != mostNamed {
		t.Errorf("%d things are looked at, want %d", len(l.found), mostNamed)
	}
}

// What a person installs comes into one of the directories that the unit's Python imports from: until then
// those are named, afterwards the module is, dated by the directory, since pip keeps no times of its files.
func TestAnInstalledModuleIsFound(t *testing.T) {
	work, venv := t.TempDir(), t.TempDir()
	put(t, venv, "pyvenv.cfg", "", 0o644)
	put(t, venv, "lib/python3.11/site-packages/flask/__init__.py", "", 0o644)
	site := filepath.Join(venv, "lib/python3.11/site-packages")
	u := &detect.Unit{WorkDir: work, Argv: []string{filepath.Join(venv, "bin/gunicorn")}}
	dirs := packages.New().Dirs(u.Argv[0])
	if got := states(module("redis", u, dirs)); len(got) != 2 || got["module redis"] != "unknown" || got["modules "+site] != "exists" {
		t.Errorf("before: %v, want an unknown module and the directory", got)
	}
	long := time.Now().Add(-24 * time.Hour)
	file := put(t, venv, "lib/python3.11/site-packages/redis/__init__.py", "", 0o644)
	if err := os.Chtimes(file, long, long); err != nil {
		t.Fatal(err)
	}
	got := module("redis", u, dirs)
	if len(got) != 1 || got[0].State != "exists" || got[0].Note != file || got[0].MTime < detect.At(time.Now().Add(-time.Hour)) {
		t.Errorf("after: %+v, want it found, and new", got)
	}
}

// A person who edits the app may have removed the need for the variable: it no longer stands in the way.
func TestAVariableIsUnknownOnceTheAppChanged(t *testing.T) {
	u := &detect.Unit{ExecStart: 10}
	if n := (&lookup{touched: 11}).variable("B", u); n.State != "unknown" {
		t.Errorf("%+v", n)
	}
}

func TestQuietLooksAtWhatADeployTouches(t *testing.T) {
	dir := t.TempDir()
	now := detect.At(time.Now().Add(-time.Second))
	unit, env := put(t, dir, "etc/u", "", 0o644), put(t, dir, "etc/e", "", 0o644)
	u := &detect.Unit{Fragment: unit, EnvFiles: []string{"-" + env, "-/none"}, WorkDir: dir}
	set, err := rooted(u).quiet(t.Context(), detect.Facts{Nginx: &detect.Nginx{ChangedAt: 4}})
	if err != nil {
		t.Fatal(err)
	}
	var f detect.Facts
	set(&f)
	if f.Quiet.NginxChanged != 4 || f.Quiet.UnitChanged < now || f.Quiet.AppChanged != 0 {
		t.Errorf("without an app's file: %+v", f.Quiet)
	}
	put(t, dir, "models.py", "", 0o644)
	put(t, dir, "shop.sock", "", 0o644)
	set, _ = rooted(u).quiet(t.Context(), detect.Facts{})
	set(&f)
	if f.Quiet.AppChanged < now {
		t.Errorf("with one: %+v", f.Quiet)
	}
}

func TestWhatAnEarlierStartLackedIsNotNamed(t *testing.T) {
	lines := []detect.Line{{At: 5, Attr: map[string]string{"variable": "OLD"}}, {At: 15, Attr: map[string]string{"variable": "NEW"}}}
	for active, want := range map[string]int{"active": 1, "failed": 2} {
		f := detect.Facts{Unit: &detect.Unit{Active: active, ExecStart: 10}, Lines: lines}
		set, err := rooted(f.Unit).named(t.Context(), f)
		if err != nil {
			t.Fatal(err)
		}
		set(&f)
		if len(f.Named) != want {
			t.Errorf("%s: named %+v, want %d", active, f.Named, want)
		}
	}
}
