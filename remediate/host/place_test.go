package host

import (
	"context"
	"strings"
	"testing"

	"github.com/gatemend/gatemend/detect"
	"github.com/gatemend/gatemend/remediate"
)

func sites(routes ...detect.Route) func() []detect.Site {
	return func() []detect.Site { return []detect.Site{{Name: "shop", Routes: routes}} }
}

func route(unit string, m detect.Manage) detect.Route {
	return detect.Route{Path: "/", Unit: unit, Target: detect.Unix("/run/shop/shop.sock"), Manage: m}
}

func TestResolve(t *testing.T) {
	activated := route("shop.service", detect.ManageAct)
	activated.Socket = "shop.socket"
	tcp := route("shop.service", detect.ManageAct)
	tcp.Target = detect.TCP("127.0.0.1:8000")
	ours := route("shop.service", detect.ManageAct)
	for name, tt := range map[string]struct {
		route     detect.Route
		request   string
		unit, err string
	}{
		"the service":              {ours, "restart shop / unit", "shop.service", ""},
		"asked for by a person":    {route("shop.service", detect.ManageAsk), "start shop / unit", "shop.service", ""},
		"the socket":               {activated, "start shop / socket", "shop.socket", ""},
		"the socket's own file":    {activated, "set-mode shop / socket 0660", "shop.socket", ""},
		"the service's file":       {ours, "set-mode shop / socket 0660", "shop.service", ""},
		"the directory":            {activated, "set-mode shop / dir 0755", "shop.service", ""},
		"nginx":                    {ours, "reload shop / nginx", "nginx.service", ""},
		"observed only":            {route("shop.service", detect.ManageObserve), "restart shop / unit", "", "manage: observe"},
		"manage was never written": {route("shop.service", ""), "restart shop / unit", "", "manage: observe"},
		"nginx of an observed one": {route("shop.service", detect.ManageObserve), "reload shop / nginx", "", "manage: observe"},
		"unknown site":             {ours, "restart shopp / unit", "", "no site"},
		"unknown route":            {ours, "restart shop /api unit", "", "no route"},
		"no socket unit":           {ours, "restart shop / socket", "", "no .socket"},
		"no unit":                  {route("", detect.ManageAct), "restart shop / unit", "", "no unit"},
		"a database":               {route("postgresql.service", detect.ManageAct), "restart shop / unit", "", "deny list"},
		"ssh":                      {route("ssh.service", detect.ManageAct), "restart shop / unit", "", "deny list"},
		"nginx as a site's unit":   {route("nginx.service", detect.ManageAct), "restart shop / unit", "", "deny list"},
		"a slice":                  {route("system.slice", detect.ManageAct), "restart shop / unit", "", "deny list"},
		"a pattern":                {route("*.service", detect.ManageAct), "restart shop / unit", "", "deny list"},
		"mode of a port":           {tcp, "set-mode shop / socket 0660", "", "no unix socket"},
	} {
		h, err := New(Config{Sites: sites(tt.route)})
		if err != nil {
			t.Fatal(err)
		}
		r, err := remediate.ParseRequest(tt.request)
		if err != nil {
			t.Fatal(err)
		}
		p, err := h.resolve(r)
		if tt.err == "" && (err != nil || p.unit != tt.unit) {
			t.Errorf("%s: unit %q, error %v; want %q", name, p.unit, err, tt.unit)
		}
		if tt.err != "" && (err == nil || !strings.Contains(err.Error(), tt.err)) {
			t.Errorf("%s: error %v, want %q", name, err, tt.err)
		}
	}
}

func TestNginxUnitMustBeNginx(t *testing.T) {
	h, _ := New(Config{Sites: sites(route("shop.service", detect.ManageAct)), NginxUnit: "sshd.service"})
	if _, err := h.resolve(remediate.Request{Verb: remediate.Reload, Site: "shop", Route: "/", On: remediate.OnNginx}); err == nil {
		t.Error("another unit passed for nginx")
	}
}

func TestNothingWithoutAnIntent(t *testing.T) {
	h, _ := New(Config{Sites: sites(route("shop.service", detect.ManageAct))})
	if _, err := h.Do(context.Background(), remediate.Recorded{}); err == nil {
		t.Error("a request without an intent was carried out")
	}
	if _, err := New(Config{}); err == nil {
		t.Error("a host without a configuration was made")
	}
}
