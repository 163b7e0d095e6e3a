package discover

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gatemend/gatemend/detect"
	"github.com/gatemend/gatemend/detect/gunicorn"
	"github.com/gatemend/gatemend/detect/nginxconf"
)

var update = flag.Bool("update", false, "write golden files")

// host is testdata/LAYOUT/host.json: who listens, and what systemd was told.
type host struct {
	Socks []struct {
		Target string           `json:"target"`
		Owners []detect.Process `json:"owners"`
	} `json:"listeners"`
	Services []service         `json:"units"`
	Files    map[string]string `json:"files"`
}

type service struct {
	Name        string             `json:"name"`
	Argv        []string           `json:"argv"`
	Dir         string             `json:"dir"`
	Env         map[string]string  `json:"env"`
	MainPID     int                `json:"main_pid"`
	Active      string             `json:"active"`
	FileState   string             `json:"file_state"`
	Listens     []string           `json:"listens"`
	TriggeredBy []string           `json:"triggered_by"`
	Along       []detect.Dependent `json:"along"`
}

func (h *host) Listening(context.Context) ([]detect.Listener, error) {
	var out []detect.Listener
	for _, s := range h.Socks {
		out = append(out, detect.Listener{Target: target(s.Target), Owners: s.Owners})
	}
	return out, nil
}

func (h *host) Names(context.Context) ([]string, error) {
	var out []string
	for _, s := range h.Services {
		out = append(out, s.Name)
	}
	return out, nil
}

// Unit reads the command as detect/unit does, so that what a layout says in argv, environment and
// gunicorn.conf.py is what decides.
func (h *host) Unit(_ context.Context, name string) (*detect.Unit, error) {
	for _, s := range h.Services {
		if s.Name != name {
			continue
		}
		u := &detect.Unit{Name: name, Load: "loaded", Active: s.Active, FileState: s.FileState, Argv: s.Argv, MainPID: s.MainPID, TriggeredBy: s.TriggeredBy, TakenAlong: s.Along}
		if s.Active == "" {
			u.Active = "active"
		}
		u.Listens = targetsOf(s.Listens)
		var inherited []detect.Target
		for _, t := range s.TriggeredBy {
			if sock, err := h.Unit(context.Background(), t); err == nil {
				inherited = append(inherited, sock.Listens...)
			}
		}
		told := gunicorn.Read(gunicorn.Service{Argv: s.Argv, Dir: s.Dir, Listens: inherited,
			Env: func(n string) (string, bool) { v, ok := s.Env[n]; return v, ok }}, h.file)
		u.WSGI, u.WSGIMain, u.Binds, u.BindSource = told.Server, told.Server != "" && told.Direct, told.Binds, told.BindSource
		return u, nil
	}
	return &detect.Unit{Name: name, Load: "not-found"}, nil
}

func (h *host) file(path string) ([]byte, error) {
	if text, ok := h.Files[path]; ok {
		return []byte(text), nil
	}
	return nil, fs.ErrNotExist
}

func target(s string) detect.Target {
	t, err := detect.ParseTarget(s)
	if err != nil {
		panic(err)
	}
	return t
}

func targetsOf(ss []string) []detect.Target {
	var out []detect.Target
	for _, s := range ss {
		out = append(out, target(s))
	}
	return out
}

func layout(t testing.TB, dir string) Sources {
	t.Helper()
	dump, err := os.ReadFile(filepath.Join(dir, "nginx.txt"))
	if err != nil {
		t.Fatal(err)
	}
	conf, err := nginxconf.Parse(dump)
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(filepath.Join(dir, "host.json"))
	if err != nil {
		t.Fatal(err)
	}
	h := &host{}
	if err := json.Unmarshal(text, h); err != nil {
		t.Fatal(err)
	}
	return Sources{Conf: conf, Sockets: h, Units: h}
}

// TestLayouts: nginx.txt of each layout is what nginx 1.22.1 printed of it, want.json what was found.
func TestLayouts(t *testing.T) {
	dirs, _ := filepath.Glob("testdata/*")
	if len(dirs) < 14 {
		t.Fatalf("only %d layouts", len(dirs))
	}
	for _, dir := range dirs {
		t.Run(filepath.Base(dir), func(t *testing.T) {
			found, err := Discover(context.Background(), layout(t, dir))
			if err != nil {
				t.Fatal(err)
			}
			got, err := json.MarshalIndent(found, "", "  ")
			if err != nil {
				t.Fatal(err)
			}
			path := filepath.Join(dir, "want.json")
			if *update {
				if err := os.WriteFile(path, append(got, '\n'), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), string(got)+"\n"); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

// TestOnlyProvenServicesAreManaged holds the promise itself, whatever the golden files say.
func TestOnlyProvenServicesAreManaged(t *testing.T) {
	managed := map[string]string{"unix": "shop.service", "tcp": "shop.service", "activated": "shop.service", "activated-idle": "shop.service",
		"upstream-several": "shop-a.service", "conf-py": "shop.service", "cmd-args": "shop.service", "one-unit-two-sites": "app.service",
		"several-sites": "blog.service blog-api.service org.service shop.service", "tls-redirect": "shop.service", "other-name": "myshop-web@2.service", "two-down": "blue.service",
		"uvicorn-workers": "shop.service", "setproctitle": "shop.service", "sh-c": "shop.service", "poetry-run": "shop.service", "template": "gunicorn@shop.service", "several-binds": "shop.service"}
	dirs, _ := filepath.Glob("testdata/*")
	for _, dir := range dirs {
		found, err := Discover(context.Background(), layout(t, dir))
		if err != nil {
			t.Fatal(err)
		}
		allowed := strings.Fields(managed[filepath.Base(dir)])
		for _, s := range found.Sites {
			for _, r := range s.Routes {
				act := r.Manage == detect.ManageAct
				if act && !contains(allowed, r.Unit) {
					t.Errorf("%s: %s is managed", dir, r.Unit)
				}
				if !act && r.Reason == "" {
					t.Errorf("%s: %s%s is only observed, and nothing says why", dir, s.Server, r.Path)
				}
				if !act && contains(allowed, r.Unit) {
					t.Errorf("%s: %s is not managed: %s", dir, r.Unit, r.Reason)
				}
			}
		}
		if len(allowed) > 0 && len(found.Sites) == 0 {
			t.Errorf("%s: nothing was found", dir)
		}
	}
}

func contains(in []string, s string) bool {
	for _, x := range in {
		if x == s {
			return true
		}
	}
	return false
}

type blind struct{ host }

func (blind) Listening(context.Context) ([]detect.Listener, error) {
	return nil, errors.New("not root")
}

func TestABlindHostIsAnErrorAndNoSites(t *testing.T) {
	from := layout(t, "testdata/unix")
	from.Sockets = blind{}
	if found, err := Discover(context.Background(), from); err == nil || len(found.Sites) > 0 {
		t.Errorf("%+v %v: who cannot see listeners must not think that everything is down", found, err)
	}
}

func TestNames(t *testing.T) {
	for server, want := range map[string]string{"shop.example.com": "shop", "www.shop.example.com": "shop", "10.0.0.5": "10.0.0.5", "localhost": "localhost", "_": "web"} {
		s := detect.Site{Server: server, Routes: []detect.Route{{Unit: "web.service"}}}
		if got := candidates(s)[0]; got != want {
			t.Errorf("%s: %s, want %s", server, got, want)
		}
	}
}
