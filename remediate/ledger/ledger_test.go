package ledger

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gatemend/gatemend/detect"
	"github.com/gatemend/gatemend/policy"
	"github.com/gatemend/gatemend/remediate"
	"pgregory.net/rapid"
)

const minute = detect.Span(60 * 1_000_000)

// clock is a boot that a test moves on.
type clock struct {
	boot   string
	uptime detect.Span
}

func (c *clock) now() (string, detect.Span) { return c.boot, c.uptime }

func limits() policy.Limits { return policy.Limits{RestartsPerSite: policy.Rate{N: 3}} }

func intent(site string, on remediate.On) remediate.Intent {
	return remediate.Intent{Steps: []remediate.Request{{Verb: remediate.Restart, Site: site, Route: "/", On: on}}}
}

// The limit outlives the process: each effect is asked of a new one.
func TestNoMoreThanSoManyInAnHour(t *testing.T) {
	dir, c := t.TempDir(), &clock{"b", 100 * minute}
	do := func(site string, on remediate.On) error {
		_, err := (&Effects{Dir: dir, Limits: limits, Clock: c.now}).Intent(t.Context(), intent(site, on))
		return err
	}
	for n := range leastPerSite {
		if err := do("shop", remediate.OnUnit); err != nil {
			t.Fatalf("effect %d: %v", n, err)
		}
	}
	if err := do("shop", remediate.OnUnit); err == nil || !strings.Contains(err.Error(), "site shop in the last hour") {
		t.Errorf("one too many: %v", err)
	}
	for range leastPerHost - leastPerSite {
		if err := do("blog", remediate.OnUnit); err != nil {
			t.Fatalf("another site: %v", err)
		}
	}
	if err := do("mail", remediate.OnUnit); err == nil || !strings.Contains(err.Error(), "this host") {
		t.Errorf("one too many on the host: %v", err)
	}
	for range leastNginx {
		if err := do("shop", remediate.OnNginx); err != nil {
			t.Fatalf("nginx: %v", err)
		}
	}
	if do("shop", remediate.OnNginx) == nil {
		t.Error("nginx: one too many")
	}
	c.uptime += window
	if err := do("shop", remediate.OnUnit); err != nil {
		t.Errorf("an hour later: %v", err)
	}
}

// Whatever the order and the times, no hour holds more than is allowed.
func TestTheLimitHoldsInEveryHour(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		dir, err := os.MkdirTemp("", "ledger")
		if err != nil {
			rt.Fatal(err)
		}
		defer func() { _ = os.Remove(filepath.Join(dir, "effects")); _ = os.Remove(dir) }()
		c := &clock{"b", 100 * minute}
		l := &Effects{Dir: dir, Limits: limits, Clock: c.now}
		var done []detect.Span
		for range rapid.IntRange(1, 60).Draw(rt, "n") {
			c.uptime += detect.Span(rapid.Int64Range(0, int64(3*minute)).Draw(rt, "pause"))
			if _, err := l.Intent(t.Context(), intent("shop", remediate.OnUnit)); err != nil {
				continue
			}
			done = append(done, c.uptime)
			if n := len(done); n > leastPerSite && done[n-1]-done[n-1-leastPerSite] < window {
				rt.Fatalf("%d effects within an hour", leastPerSite+1)
			}
		}
	})
}

func TestADamagedLedgerDoesNothing(t *testing.T) {
	for name, break_ := range map[string]func(path string) error{
		"torn":                     func(p string) error { return os.WriteFile(p, []byte("{\"boot\":\"b\"}\n{"), 0o600) },
		"a link":                   func(p string) error { return os.Symlink("/dev/null", p) },
		"a directory is not there": func(p string) error { return os.Remove(filepath.Dir(p)) },
	} {
		dir := filepath.Join(t.TempDir(), "d")
		if err := os.Mkdir(dir, 0o700); err != nil {
			t.Fatal(err)
		}
		l := &Effects{Dir: dir, Limits: limits, Clock: (&clock{"b", minute}).now}
		if err := break_(l.file()); err != nil {
			t.Fatal(err)
		}
		if _, err := l.Intent(t.Context(), intent("shop", remediate.OnUnit)); err == nil {
			t.Errorf("%s: allowed", name)
		}
	}
}

func socketAt(mode int) *detect.SocketPath {
	return &detect.SocketPath{Path: "/run/shop/s", Parts: []detect.PathPart{
		{Path: "/run/shop", Kind: "dir", Mode: 0o750, Group: "www-data", CTime: 5},
		{Path: "/run/shop/s", Kind: "socket", Mode: mode, Group: "www-data", Inode: 9},
	}}
}

// The newest counts, also when it is narrower, and outlives the process.
func TestModesRememberTheLast(t *testing.T) {
	dir := t.TempDir()
	route := detect.Route{Path: "/", Target: detect.Unix("/run/shop/s")}
	if s := (&Modes{Dir: dir}).Last("shop", "/"); s != nil {
		t.Errorf("nothing was seen: %+v", s)
	}
	for _, mode := range []int{0o777, 0o660} {
		(&Modes{Dir: dir}).Saw("shop", route, socketAt(mode))
		if s := (&Modes{Dir: dir}).Last("shop", "/"); s == nil || s.Socket.Mode != mode || s.Dir.Mode != 0o750 {
			t.Errorf("got %+v, want %o", s, mode)
		}
	}
	other, linked := socketAt(0o777), socketAt(0o777)
	other.Parts[1].Path, linked.Parts[1].Real = "/run/else/s", "/run/bus"
	for _, p := range []*detect.SocketPath{other, linked, {}, {Parts: other.Parts[:1]}} {
		(&Modes{Dir: dir}).Saw("shop", route, p)
	}
	if s := (&Modes{Dir: dir}).Last("shop", "/"); s.Socket.Mode != 0o660 {
		t.Errorf("what is not the route's own socket was remembered: %+v", s)
	}
	if err := os.WriteFile(filepath.Join(dir, "modes.json"), []byte("null"), 0o600); err != nil {
		t.Fatal(err)
	}
	m := &Modes{Dir: dir}
	if s := m.Last("shop", "/"); s != nil {
		t.Errorf("from a damaged file: %+v", s)
	}
	m.Saw("shop", route, socketAt(0o600))
}
