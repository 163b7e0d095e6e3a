package collect

import (
	"testing"

	"github.com/gatemend/gatemend/detect"
	"github.com/google/go-cmp/cmp"
)

func socketPath(mode int, dirMode int) *detect.SocketPath {
	return &detect.SocketPath{Path: "/run/shop/s", Parts: []detect.PathPart{
		{Path: "/run", Kind: "dir", Mode: 0o755},
		{Path: "/run/shop", Kind: "dir", Mode: dirMode, Owner: "shop", Group: "www-data", CTime: 5},
		{Path: "/run/shop/s", Kind: "socket", Mode: mode, Owner: "shop", Group: "www-data", CTime: 6},
	}}
}

func healthy() detect.Facts {
	return detect.Facts{
		At: 100, Route: detect.Route{Target: detect.Unix("/run/shop/s")},
		Public: &detect.Answer{Status: 200, BodyHash: "h"},
		Unit: &detect.Unit{Name: "shop.service", Fragment: "/etc/u", DropIns: []string{"/etc/d"}, EnvFiles: []string{"-/etc/e"},
			Binds: []detect.Target{detect.Unix("/run/shop/s")}},
		Path:      socketPath(0o770, 0o750),
		Nginx:     &detect.Nginx{Disk: &detect.SiteConf{Hash: "n1"}, Loaded: &detect.SiteConf{Hash: "n1"}},
		Listeners: []detect.Listener{{Ours: true, SameFile: "yes", Owners: []detect.Process{{PID: 5, Comm: "gunicorn", Unit: "shop.service"}}}},
		Packages:  map[string]detect.Package{"flask (python)": {Version: "2.2.2", At: 3}, "nginx-light (debian)": {Version: "1.22.1-9", At: 4}},
		Files:     map[string]string{"/etc/u": "1 10 aa", "/etc/d": "1 10 aa", "/etc/e": "1 10 aa DATABASE_URL,GREETING", "/srv/app.py": "1 10 aa"},
	}
}

func TestABaselineOfHealthyFactsShowsNoChange(t *testing.T) {
	f := healthy()
	b := detect.BaselineOf(f, "config")
	f.Baseline = &b
	if got := changed(&f); len(got) != 0 {
		t.Errorf("changes: %+v", got)
	}
}

func TestChanges(t *testing.T) {
	for _, tc := range []struct {
		name   string
		change func(*detect.Facts)
		want   []detect.Change
	}{
		{"unit file", func(f *detect.Facts) { f.Files["/etc/u"] = "50 12 bb" }, []detect.Change{{What: "unit", Name: "/etc/u", Before: "10 bytes", After: "12 bytes", At: 50}}},
		{"drop-in", func(f *detect.Facts) { f.Files["/etc/d"] = "50 10 bb" }, []detect.Change{{What: "drop-in", Name: "/etc/d", Before: "10 bytes", After: "10 bytes", At: 50}}},
		{"env file gone", func(f *detect.Facts) { f.Files["/etc/e"] = "missing" }, []detect.Change{{What: "envfile", Name: "/etc/e", Before: "10 bytes", After: "missing"}}},
		{"env file lost a variable and got another", func(f *detect.Facts) { f.Files["/etc/e"] = "70 8 bb GREETING,WORKERS" },
			[]detect.Change{{What: "envfile", Name: "/etc/e", Before: "10 bytes", After: "8 bytes", At: 70, Lost: []string{"DATABASE_URL"}, Gained: []string{"WORKERS"}}}},
		{"env file with another value", func(f *detect.Facts) { f.Files["/etc/e"] = "70 10 bb DATABASE_URL,GREETING" },
			[]detect.Change{{What: "envfile", Name: "/etc/e", Before: "10 bytes", After: "10 bytes", At: 70}}},
		{"new app file", func(f *detect.Facts) { f.Files["/srv/new.py"] = "60 1 cc" }, []detect.Change{{What: "app-file", Name: "/srv/new.py", Before: "missing", After: "1 bytes", At: 60}}},
		{"only touched", func(f *detect.Facts) { f.Files["/etc/u"] = "50 10 aa" }, nil},
		{"socket's mode", func(f *detect.Facts) { f.Path = socketPath(0o600, 0o750) }, []detect.Change{{What: "socket-mode", Name: "/run/shop/s", Before: "0770 shop:www-data", After: "0600 shop:www-data", At: 6}}},
		{"directory's mode", func(f *detect.Facts) { f.Path = socketPath(0o770, 0o700) }, []detect.Change{{What: "dir-mode", Name: "/run/shop", Before: "0750 shop:www-data", After: "0700 shop:www-data", At: 5}}},
		{"socket gone: nothing to compare", func(f *detect.Facts) { f.Path.Parts = f.Path.Parts[:2] }, nil},
		{"bind", func(f *detect.Facts) { f.Unit.Binds = []detect.Target{detect.TCP("127.0.0.1:1")} }, []detect.Change{{What: "bind", Name: "shop.service", Before: "unix:/run/shop/s", After: "127.0.0.1:1"}}},
		{"bind not known", func(f *detect.Facts) { f.Unit.Binds = nil }, nil},
		{"nginx, newest first", func(f *detect.Facts) {
			f.Nginx = &detect.Nginx{Disk: &detect.SiteConf{Hash: "n2"}, ChangedAt: 90}
			f.Files["/etc/u"] = "50 12 bb"
		}, []detect.Change{{What: "nginx-conf", Name: "nginx", At: 90}, {What: "unit", Name: "/etc/u", Before: "10 bytes", After: "12 bytes", At: 50}}},
		{"an upgrade", func(f *detect.Facts) {
			f.Packages = map[string]detect.Package{"flask (python)": {Version: "3.0.0", At: 70}, "nginx-light (debian)": {Version: "1.22.1-9", At: 4}}
		}, []detect.Change{{What: "package", Name: "flask (python)", Before: "2.2.2", After: "3.0.0", At: 70}}},
		{"a package removed, another installed", func(f *detect.Facts) {
			f.Packages = map[string]detect.Package{"flask (python)": {Version: "2.2.2", At: 3}, "nginx-full (debian)": {Version: "1.22.1-9", At: 80}}
		}, []detect.Change{
			{What: "package", Name: "nginx-full (debian)", Before: "not installed", After: "1.22.1-9", At: 80},
			{What: "package", Name: "nginx-light (debian)", Before: "1.22.1-9", After: "removed"}}},
		{"packages could not be looked at", func(f *detect.Facts) { f.Packages = nil }, nil},
		{"another listens", func(f *detect.Facts) {
			f.Listeners[0].Owners[0] = detect.Process{PID: 7, Comm: "python3", Unit: "session-3.scope"}
		},
			[]detect.Change{{What: "listener", Name: "unix:/run/shop/s", Before: "gunicorn of shop.service", After: "python3 of session-3.scope"}}},
		{"nobody listens", func(f *detect.Facts) { f.Listeners = nil }, nil},
		{"files could not be looked at", func(f *detect.Facts) { f.Files = nil }, nil},
		{"no baseline", func(f *detect.Facts) { f.Baseline = nil; f.Files["/etc/u"] = "5 5 b" }, nil},
	} {
		was, f := healthy(), healthy()
		b := detect.BaselineOf(was, "")
		f.Baseline = &b
		tc.change(&f)
		if diff := cmp.Diff(tc.want, changed(&f)); diff != "" {
			t.Errorf("%s:\n%s", tc.name, diff)
		}
	}
}

func TestAMaskedUnitIsNoFileOfSomeSize(t *testing.T) {
	u := &detect.Unit{Fragment: "/etc/u"}
	got := changedFiles(map[string]string{"/etc/u": "1 1023 aa"}, map[string]string{"/etc/u": "not a file"}, u)
	want := []detect.Change{{What: "unit", Name: "/etc/u", Before: "1023 bytes", After: "not a file"}}
	if !cmp.Equal(got, want) {
		t.Errorf("changes %+v, want %+v", got, want)
	}
}

// TestABaselineWithoutNamesIsCompared: an agent of before kept no names.
func TestABaselineWithoutNamesIsCompared(t *testing.T) {
	u := &detect.Unit{EnvFiles: []string{"/etc/e"}}
	if got := changedFiles(map[string]string{"/etc/e": "1 10 aa"}, map[string]string{"/etc/e": "1 10 aa A,B"}, u); got != nil {
		t.Errorf("changes %+v of a file that is the same", got)
	}
	got := changedFiles(map[string]string{"/etc/e": "1 10 aa"}, map[string]string{"/etc/e": "5 4 bb A"}, u)
	if want := []detect.Change{{What: "envfile", Name: "/etc/e", Before: "10 bytes", After: "4 bytes", At: 5}}; !cmp.Equal(got, want) {
		t.Errorf("changes %+v, want %+v", got, want)
	}
}
