package host

import (
	"context"
	"testing"

	"github.com/gatemend/gatemend/detect"
	"github.com/gatemend/gatemend/remediate"
	"github.com/gatemend/gatemend/remediate/ledger"
)

// told is gunicorn's own mode, as detect/unit reads it.
type told struct{ mode int }

func (t told) Unit(_ context.Context, name string) (*detect.Unit, error) {
	return &detect.Unit{Name: name, BindMode: t.mode}, nil
}

func TestNeverWiderThanStated(t *testing.T) {
	seen := func(string, string) *ledger.Seen {
		return &ledger.Seen{
			Socket: detect.PathPart{Path: "/run/shop/s", Mode: 0o660, Group: "www-data"},
			Dir:    detect.PathPart{Path: "/run/shop", Mode: 0o750, Group: "www-data"},
		}
	}
	service := unit{name: "shop.service", props: map[string]any{"RuntimeDirectoryMode": uint32(0o755), "Group": "shop"}}
	socket := unit{name: "shop.socket", props: map[string]any{"SocketMode": uint32(0o600), "SocketGroup": "front"}}
	p := place{file: "/run/shop/s"}
	of := func(c Config, u unit) []bound { return (&Host{c}).socketBounds(t.Context(), u, p) }
	dir := func(c Config, path string) []bound { return (&Host{c}).dirBounds(service, p, path) }
	knows, nothing := Config{Seen: seen}, Config{Units: told{}}
	for name, tt := range map[string]struct {
		limits []bound
		mode   int
		group  string
		want   bool
	}{
		"back to what was seen":             {of(knows, service), 0o660, "", true},
		"and its group":                     {of(knows, service), 0o660, "www-data", true},
		"narrower":                          {of(knows, service), 0o600, "", true},
		"wider":                             {of(knows, service), 0o666, "", false},
		"sticky is wider":                   {of(knows, service), 0o1660, "", false},
		"another group":                     {of(knows, service), 0o660, "sudo", false},
		"nothing states it":                 {of(nothing, service), 0o600, "", false},
		"gunicorn's own":                    {of(Config{Units: told{0o770}}, service), 0o770, "shop", true},
		"wider than gunicorn's own":         {of(Config{Units: told{0o770}}, service), 0o777, "", false},
		"gunicorn's, not another's group":   {of(Config{Units: told{0o770}}, service), 0o770, "sudo", false},
		"the .socket states it":             {of(nothing, socket), 0o600, "front", true},
		"not gunicorn, where systemd binds": {of(Config{Units: told{0o777}}, socket), 0o660, "", false},
		"the mode of one, group of another": {of(knows, socket), 0o660, "front", false},
		"the unit states the directory's":   {dir(nothing, "/run/shop"), 0o755, "", true},
		"another directory was seen":        {dir(knows, "/run/else"), 0o750, "www-data", false},
		"this directory was seen":           {dir(knows, "/run/shop"), 0o750, "www-data", true},
		"world-writable was never stated":   {dir(knows, "/run/shop"), 0o777, "", false},
	} {
		err := within(tt.limits, remediate.Request{Mode: tt.mode, Group: tt.group})
		if (err == nil) != tt.want {
			t.Errorf("%s: %v", name, err)
		}
	}
	other := place{file: "/run/other/s"}
	if l := (&Host{knows}).socketBounds(t.Context(), service, other); len(l) != 0 {
		t.Errorf("what was seen at another path bounds this one: %v", l)
	}
}

func TestRuntimeDir(t *testing.T) {
	u := unit{name: "shop.service", props: map[string]any{"RuntimeDirectory": []string{"shop", "shop/inner", "../etc", "", "shop2"}}}
	for socket, want := range map[string]string{
		"/run/shop/shop.sock":    "/run/shop",
		"/run/shop/inner/a.sock": "/run/shop/inner",
		"/run/shop/other/a.sock": "/run/shop",
		"/run/shop22/a.sock":     "",
		"/run/a.sock":            "",
		"/etc/a.sock":            "",
		"/home/me/app/a.sock":    "",
	} {
		if got, err := runtimeDir(u, socket); got != want || (err == nil) != (want != "") {
			t.Errorf("runtimeDir(%q) = %q, %v; want %q", socket, got, err, want)
		}
	}
}

// What root owns in the directory of a unit's own user is another's, which that user moved there.
func TestOwners(t *testing.T) {
	const unset = uint32(1<<32 - 1)
	for name, tt := range map[string]struct {
		unit string
		of   map[string]any
		want uint32
	}{
		"a service that runs":      {"a.service", map[string]any{"UID": uint32(1000), "User": "shop"}, 1000},
		"one that never ran":       {"a.service", map[string]any{"UID": unset, "User": "nobody"}, 65534},
		"one by number":            {"a.service", map[string]any{"UID": unset, "User": "65534"}, 65534},
		"root's own":               {"a.service", map[string]any{"UID": uint32(0)}, 0},
		"a socket of root's":       {"a.socket", map[string]any{"UID": uint32(1000), "User": "shop"}, 0},
		"a socket of another user": {"a.socket", map[string]any{"UID": unset, "SocketUser": "nobody"}, 65534},
		"a service without a word": {"a.service", map[string]any{"UID": unset}, 0},
	} {
		if got, err := owners(unit{name: tt.unit, props: tt.of}); err != nil || len(got) != 1 || got[0] != tt.want {
			t.Errorf("%s: %v, %v; want %d", name, got, err, tt.want)
		}
	}
}
