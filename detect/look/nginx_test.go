package look

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/gatemend/gatemend/detect"
	"golang.org/x/sys/unix"
)

func TestParseTest(t *testing.T) {
	for _, c := range []struct {
		name, text, file, message string
		line                      int
	}{
		{"in a file", "nginx: [emerg] unknown directive \"proxy_pas\" in /etc/nginx/sites-enabled/shop:12\nnginx: configuration file /etc/nginx/nginx.conf test failed\n",
			"/etc/nginx/sites-enabled/shop", `unknown directive "proxy_pas" in /etc/nginx/sites-enabled/shop:12`, 12},
		{"as in the error log", "2026/11/22 10:00:00 [emerg] 417#417: host not found in upstream \"app\" in /etc/nginx/x.conf:3\n",
			"/etc/nginx/x.conf", `host not found in upstream "app" in /etc/nginx/x.conf:3`, 3},
		{"a warning first", "nginx: [warn] conflicting server name \"a\" on 0.0.0.0:80, ignored\nnginx: [emerg] bind() to 0.0.0.0:80 failed (98: Address already in use)\n",
			"", "bind() to 0.0.0.0:80 failed (98: Address already in use)", 0},
		{"only the verdict has a file", "nginx: [emerg] open() \"/run/nginx.pid\" failed (13: Permission denied)\nnginx: configuration file /etc/nginx/nginx.conf test failed\n",
			"/etc/nginx/nginx.conf", `open() "/run/nginx.pid" failed (13: Permission denied)`, 0},
		{"fine", "nginx: the configuration file /etc/nginx/nginx.conf syntax is ok\nnginx: configuration file /etc/nginx/nginx.conf test is successful\n", "", "", 0},
		{"hostile", "nginx: [emerg] unknown directive \"\x1b[2J\" in /etc/a b:9\n", "/etc/a b", `unknown directive "\x1b[2J" in /etc/a b:9`, 9},
		{"nothing", "", "", "", 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := ParseTest(c.text); got.File != c.file || got.Line != c.line || got.Message != c.message {
				t.Errorf("got %+v", got)
			}
		})
	}
}

func FuzzParseTest(f *testing.F) {
	f.Add("nginx: [emerg] x in /a:1\n")
	f.Fuzz(func(t *testing.T, s string) {
		got := ParseTest(s)
		if strings.ContainsAny(got.Message+got.File, "\x00\x1b\n") || len(got.Message) > detect.TextMax {
			t.Errorf("got %+v", got)
		}
	})
}

func TestNginxIsTestedWithItsOwnConfiguration(t *testing.T) {
	l := NewLocal(nil, units{"nginx.service": {Argv: []string{"/usr/sbin/nginx", "-g", "daemon on;", "-c", "/srv/n.conf", "-p", "relative"}}}, Options{})
	if got := l.nginxArgs(t.Context()); !slices.Equal(got, []string{"-c", "/srv/n.conf"}) {
		t.Errorf("got %q", got)
	}
	if got := NewLocal(nil, units{}, Options{}).nginxArgs(t.Context()); got != nil {
		t.Errorf("without a unit: %q", got)
	}
}

func TestFingerprints(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("needs root")
	}
	dir := t.TempDir()
	env, fifo := filepath.Join(dir, "env"), filepath.Join(dir, "fifo")
	must(t, os.WriteFile(env, []byte("SECRET=1\n"), 0o600))
	must(t, unix.Mkfifo(fifo, 0o600))
	must(t, os.WriteFile(filepath.Join(dir, "app.py"), []byte("app = 1\n"), 0o600))
	u := &detect.Unit{Fragment: filepath.Join(dir, "none"), EnvFiles: []string{"-" + env, fifo}, WorkDir: dir, App: "app:app"}
	sites := func() []detect.Site {
		return []detect.Site{{Name: "shop", Routes: []detect.Route{{Path: "/", Unit: "shop.service"}}}}
	}
	look := func(key string) map[string]string {
		t.Helper()
		got, err := NewLocal(sites, units{"shop.service": u}, Options{Key: []byte(key)}).Fingerprints(t.Context(), "shop")
		must(t, err)
		return got
	}
	first := look("k")
	if len(first) != 4 || first[u.Fragment] != "missing" || first[fifo] != "not a file" || first[filepath.Join(dir, "app.py")] == "" {
		t.Errorf("got %v", first)
	}
	if f := strings.Fields(first[env]); len(f) != 4 || f[1] != "9" || f[3] != "SECRET" {
		t.Errorf("env file: %q", first[env])
	}
	if look("other")[env] == first[env] {
		t.Error("the hash does not depend on the key")
	}
	must(t, os.WriteFile(env, []byte("SECRET=2\n"), 0o600))
	if look("k")[env] == first[env] {
		t.Error("a change is not seen")
	}
	if _, err := NewLocal(sites, units{}, Options{}).Fingerprints(t.Context(), "other"); !errors.Is(err, ErrUnknown) {
		t.Errorf("got %v", err)
	}
}

func TestWhoseListenerIsNginxs(t *testing.T) {
	l := NewLocal(nil, units{}, Options{})
	for name, tt := range map[string]struct {
		owner detect.Process
		want  bool
	}{
		"a worker of the unit":        {detect.Process{Comm: "nginx", UID: 33, Unit: "nginx.service"}, true},
		"a master started by hand":    {detect.Process{Comm: "nginx", Unit: "session-3.scope"}, true},
		"a user who calls himself so": {detect.Process{Comm: "nginx", UID: 1000, Unit: "session-3.scope"}, false},
		"certbot":                     {detect.Process{Comm: "certbot", Unit: "certbot.service"}, false},
	} {
		if got := l.nginxs(detect.Listener{Owners: []detect.Process{tt.owner}}); got != tt.want {
			t.Errorf("%s: %v", name, got)
		}
	}
	if l.nginxs(detect.Listener{}) {
		t.Error("nobody's listener is nginx's")
	}
}
