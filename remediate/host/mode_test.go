package host

import (
	"testing"

	"github.com/gatemend/gatemend/detect"
	"github.com/gatemend/gatemend/remediate"
)

func TestNeverWiderThanStated(t *testing.T) {
	base := &detect.Baseline{
		Socket: &detect.PathPart{Mode: 0o660, Group: "www-data"},
		Dir:    &detect.PathPart{Path: "/run/shop", Mode: 0o750, Group: "www-data"},
	}
	service := unit{name: "shop.service", props: map[string]any{"RuntimeDirectoryMode": uint32(0o755), "Group": "shop"}}
	socket := unit{name: "shop.socket", props: map[string]any{"SocketMode": uint32(0o600), "SocketGroup": "front"}}
	for name, tt := range map[string]struct {
		limits []bound
		mode   int
		group  string
		want   bool
	}{
		"back to the baseline":              {socketBounds(service, base), 0o660, "", true},
		"and its group":                     {socketBounds(service, base), 0o660, "www-data", true},
		"narrower":                          {socketBounds(service, base), 0o600, "", true},
		"wider":                             {socketBounds(service, base), 0o666, "", false},
		"sticky is wider":                   {socketBounds(service, base), 0o1660, "", false},
		"another group":                     {socketBounds(service, base), 0o660, "sudo", false},
		"nothing states it":                 {socketBounds(service, nil), 0o600, "", false},
		"the .socket states it":             {socketBounds(socket, nil), 0o600, "front", true},
		"the mode of one, group of another": {socketBounds(socket, base), 0o660, "front", false},
		"the unit states the directory's":   {dirBounds(service, nil, "/run/shop"), 0o755, "", true},
		"the baseline is of another one":    {dirBounds(service, base, "/run/else"), 0o750, "www-data", false},
		"the baseline of this directory":    {dirBounds(service, base, "/run/shop"), 0o750, "www-data", true},
		"world-writable was never stated":   {dirBounds(service, base, "/run/shop"), 0o777, "", false},
	} {
		err := within(tt.limits, remediate.Request{Mode: tt.mode, Group: tt.group})
		if (err == nil) != tt.want {
			t.Errorf("%s: %v", name, err)
		}
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
