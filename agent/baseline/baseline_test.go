package baseline

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gatemend/gatemend/detect"
)

func seen() Seen {
	return Seen{
		Site: detect.Site{Name: "shop"}, Route: detect.Route{Path: "/", Target: detect.Unix("/run/shop/shop.sock")}, Config: "c1",
		Slowest: 700_000,
		Facts: detect.Facts{
			At:       1_700_000_000_000_000,
			Files:    map[string]string{"/etc/systemd/system/shop.service": "1 2 3"},
			Packages: map[string]detect.Package{"flask (python)": {Version: "2.2.2"}},
			Upstream: &detect.Answer{Outcome: detect.Answered, Status: 200},
			Public:   &detect.Answer{Outcome: detect.Answered, Status: 200, BodyHash: "h", Proof: "upstream"},
			Unit:     &detect.Unit{Binds: []detect.Target{detect.Unix("/run/shop/shop.sock")}},
			Nginx:    &detect.Nginx{Loaded: &detect.SiteConf{Hash: "n"}},
			Path: &detect.SocketPath{Path: "/run/shop/shop.sock", Parts: []detect.PathPart{
				{Path: "/run/shop", Kind: "dir", Mode: 0o755}, {Path: "/run/shop/shop.sock", Kind: "socket", Mode: 0o660, Group: "www-data"},
			}},
		},
	}
}

// noBoot is a machine that does not say which boot it is: dates are as they were written.
func noBoot() (string, detect.Span) { return "", 0 }

func store(t *testing.T) *Store {
	t.Helper()
	s, err := Open(filepath.Join(t.TempDir(), "baselines"), noBoot)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func put(t *testing.T, s *Store, in Seen) {
	t.Helper()
	v, err := Of(in)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Put(v); err != nil {
		t.Fatal(err)
	}
}

func TestRoundTrip(t *testing.T) {
	s := store(t)
	if b, err := s.Get("shop", "/"); b != nil || err != nil {
		t.Fatalf("before: %v, %v", b, err)
	}
	put(t, s, seen())
	got, err := s.Get("shop", "/")
	if err != nil {
		t.Fatal(err)
	}
	f := seen().Facts
	want := &detect.Baseline{
		At: f.At, Status: 200, BodyHash: "h", Target: seen().Route.Target, Binds: f.Unit.Binds, Socket: f.Path.Last(), Dir: &f.Path.Parts[0],
		NginxHash: "n", Files: seen().Facts.Files, Packages: map[string]string{"flask (python)": "2.2.2"}, SlowestStart: 700_000, Config: "c1",
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
	if b, err := s.Get("shop", "/other"); b != nil || err != nil {
		t.Errorf("another route: %v, %v", b, err)
	}
}

// Only what shows a healthy route makes a baseline, and the zero value stores nothing.
func TestOnlyHealthyFacts(t *testing.T) {
	for name, change := range map[string]func(*Seen){
		"upstream sick":      func(s *Seen) { s.Facts.Upstream.Status = 502 },
		"upstream not asked": func(s *Seen) { s.Facts.Upstream = nil },
		"public sick":        func(s *Seen) { s.Facts.Public.Status = 502 },
		"public refused":     func(s *Seen) { s.Facts.Public = &detect.Answer{Outcome: detect.Refused} },
		"no configuration":   func(s *Seen) { s.Config = "" },
	} {
		in := seen()
		change(&in)
		if _, err := Of(in); err == nil {
			t.Errorf("%s: made a baseline", name)
		}
	}
	in := seen()
	in.Facts.Upstream = nil
	if _, err := Of(in); !errors.Is(err, ErrNotHealthy) {
		t.Errorf("error %v, want ErrNotHealthy", err)
	}
	if err := store(t).Put(Verified{}); err == nil {
		t.Error("an unverified baseline was stored")
	}
}

// A public answer that nothing proves must not serve as proof later.
func TestUnprovenPublicStatusIsNotKept(t *testing.T) {
	in := seen()
	in.Facts.Public.Proof = ""
	v, err := Of(in)
	if err != nil || v.baseline.Status != 0 || v.baseline.BodyHash != "" {
		t.Errorf("%+v, %v", v.baseline, err)
	}
}

// What was not seen this time is kept, but never across a change of the configuration.
func TestInheritance(t *testing.T) {
	s := store(t)
	put(t, s, seen())
	less := seen()
	less.Facts.Files, less.Facts.Packages, less.Slowest, less.Facts.Public = nil, nil, 0, nil
	put(t, s, less)
	b, err := s.Get("shop", "/")
	if err != nil || b.SlowestStart != 700_000 || b.Files == nil || b.Packages == nil || b.Status != 200 {
		t.Errorf("same configuration: %+v, %v", b, err)
	}
	less.Config = "c2"
	put(t, s, less)
	b, err = s.Get("shop", "/")
	if err != nil || b.SlowestStart != 0 || b.Files != nil || b.Status != 0 || b.Config != "c2" {
		t.Errorf("changed configuration: %+v, %v", b, err)
	}
}

// A file that cannot be trusted is an error and no baseline; the next proof replaces it.
func TestCorruptFile(t *testing.T) {
	s := store(t)
	put(t, s, seen())
	path := filepath.Join(s.dir, key{"shop", "/"}.file())
	good, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for name, content := range map[string]string{
		"empty":        "",
		"half":         string(good[:len(good)/2]),
		"other route":  strings.Replace(string(good), `"route":"/"`, `"route":"/x"`, 1),
		"no config":    strings.Replace(string(good), `"config":"c1"`, `"config":""`, 1),
		"binary":       "\x00\xff\x00",
		"far too long": strings.Repeat(" ", largest+1),
	} {
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		if b, err := s.Get("shop", "/"); b != nil || err == nil {
			t.Errorf("%s: %v, %v; want an error and nothing", name, b, err)
		}
		put(t, s, seen())
		if b, err := s.Get("shop", "/"); b == nil || err != nil {
			t.Errorf("%s, replaced: %v, %v", name, b, err)
		}
	}
}

func TestFileNames(t *testing.T) {
	seen := map[string]bool{}
	for _, k := range []key{{"a", "/"}, {"a", "/x"}, {"a/", ""}, {"../../etc", "/"}, {strings.Repeat("é", 300), "/"}, {"a\x00", "/"}} {
		n := k.file()
		if seen[n] || strings.ContainsAny(n, "/\x00") || strings.HasPrefix(n, ".") || len(n) > 80 {
			t.Errorf("%q gives %q", k, n)
		}
		seen[n] = true
	}
}

// Reading makes nothing: `gatemend plan` runs as anybody.
func TestReadMakesNothing(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "none")
	if b, err := Read(dir, noBoot).Get("shop", "/"); b != nil || err != nil {
		t.Errorf("%v, %v", b, err)
	}
	if _, err := os.Stat(dir); !os.IsNotExist(err) {
		t.Errorf("the directory was made: %v", err)
	}
}

// What a crash left half written goes at the next start, and nothing else does.
func TestHalfWrittenIsRemoved(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{".shop-0123456789ab.json.1234", "shop-0123456789ab.json", "note"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte("{"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := Open(dir, noBoot); err != nil {
		t.Fatal(err)
	}
	left, err := filepath.Glob(filepath.Join(dir, "*"))
	hidden, _ := filepath.Glob(filepath.Join(dir, ".*"))
	if err != nil || len(left) != 2 || len(hidden) != 0 {
		t.Errorf("left: %v %v, %v", left, hidden, err)
	}
}
