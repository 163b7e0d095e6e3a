package cli

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/gatemend/gatemend/detect"
)

func shopUnit() *detect.Unit {
	return &detect.Unit{
		Name: "shop.service", App: "shop.wsgi:create_app()", User: "shop", Group: "www-data", WorkDir: "/srv/shop",
		EnvFiles: []string{"/etc/shop/shop.env", "-/etc/default/shop"}, Argv: []string{"/usr/bin/gunicorn", "shop.wsgi:create_app()"},
	}
}

func TestTheImportRunsAsTheUnitWould(t *testing.T) {
	got := importArgs(shopUnit())
	want := []string{
		"--property=User=shop", "--property=Group=www-data", "--property=WorkingDirectory=/srv/shop",
		"--property=EnvironmentFile=/etc/shop/shop.env", "--property=EnvironmentFile=-/etc/default/shop",
		"/usr/bin/python3", "-c", "import shop.wsgi",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got %q", got)
	}
}

func TestTheInterpreterIsTheServersOwn(t *testing.T) {
	bin := filepath.Join(t.TempDir(), "bin")
	if err := os.Mkdir(bin, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(bin, "python3"), nil, 0o755); err != nil {
		t.Fatal(err)
	}
	for first, want := range map[string]string{
		filepath.Join(bin, "gunicorn"): filepath.Join(bin, "python3"), "/opt/py/bin/python3.11": "/opt/py/bin/python3.11",
		"/no/such/venv/bin/gunicorn": "/usr/bin/python3", "gunicorn": "/usr/bin/python3",
	} {
		if got := interpreter(&detect.Unit{Argv: []string{first}}); got != want {
			t.Errorf("%s: %s, want %s", first, got, want)
		}
	}
}

func TestTheDirectoryIsGunicorns(t *testing.T) {
	for want, u := range map[string]*detect.Unit{
		"/srv/shop":     {WorkDir: "/srv/shop"},
		"/srv/app":      {WorkDir: "/srv/shop", Argv: []string{"gunicorn", "--chdir", "/srv/app"}},
		"/srv/shop/sub": {WorkDir: "/srv/shop", Argv: []string{"gunicorn", "--chdir=sub"}},
		"":              {},
	} {
		if got := workDir(u); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

// A module's name becomes part of a program.
func TestOnlyAPlainNameIsImported(t *testing.T) {
	for app, want := range map[string]bool{
		"app:app": true, "shop.wsgi": true, "": false, ":app": false, "os;print(1):app": false, "a b": false, "a\nb": false, "$(x)": false,
	} {
		if got := importable(&detect.Unit{App: app}); got != want {
			t.Errorf("%q: %v", app, got)
		}
	}
	if importable(nil) || importCommand(&detect.Unit{App: "a;b"}) != "" {
		t.Error("what cannot be imported has a command")
	}
}

// The values of Environment= are not known here: the shell that the command is copied to asks for them.
func TestTheCommandToCopyHoldsNoValue(t *testing.T) {
	u := shopUnit()
	if got := importCommand(u); strings.Contains(got, "Environment ") || !strings.HasSuffix(got, "/usr/bin/python3 -c 'import shop.wsgi'") {
		t.Errorf("got %s", got)
	}
	u.Environ = []string{"SECRET_KEY"}
	if got := importCommand(u); !strings.HasPrefix(got, `(eval "set -- $(systemctl show -P Environment shop.service)"; systemd-run `) || !strings.Contains(got, ` "${@/#/--setenv=}" --property=User=shop`) {
		t.Errorf("got %s", got)
	}
}
