package config

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/gatemend/gatemend/detect"
	"github.com/gatemend/gatemend/policy"
)

func TestWriteIsGolden(t *testing.T) {
	api := detect.Site{Name: "api", Server: "_", Probe: shop.Probe, Routes: []detect.Route{{Path: "/", Target: detect.TCP("127.0.0.1:8000"),
		Manage: detect.ManageObserve, Reason: "a container's proxy (docker-proxy, PID 812) listens there: \"docker\" looks after it"}}}
	activated := shop
	activated.Name = "123"
	activated.Routes = []detect.Route{shop.Routes[0]}
	activated.Routes[0].Socket = "shop.socket"
	activated.Routes[0].Also = []string{"shop-celery.service", `odd\x2dname.service`}
	golden(t, "testdata/written/sites.yaml", string(Write([]detect.Site{shop, api, activated}, policy.ModeAct)))
	golden(t, "testdata/written/none.yaml", string(Write(nil, policy.ModeDryRun)))
}

// TestWhatIsWrittenIsReadBack: any text may be in a reason, any name in a server.
func TestWhatIsWrittenIsReadBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		site := shop
		site.Name = rapid.StringMatching(`[a-zA-Z0-9][a-zA-Z0-9._-]{0,10}`).Draw(t, "name")
		site.Server = rapid.StringMatching(`_|[a-zA-Z0-9][a-zA-Z0-9._-]{0,10}`).Draw(t, "server")
		route := shop.Routes[0]
		route.Reason = rapid.StringOfN(rapid.Rune(), 0, 40, -1).Draw(t, "reason")
		route.Path = rapid.StringMatching(`/[!-~]{0,8}`).Draw(t, "path")
		route.Target = rapid.SampledFrom([]detect.Target{detect.Unix("/run/a b/x.sock"), detect.TCP("[::1]:80"), detect.TCP("0:1")}).Draw(t, "target")
		site.Routes, site.Probe.Path = []detect.Route{route}, route.Path
		text := Write([]detect.Site{site}, policy.ModeAct)
		c, err := Parse("x", text)
		if err != nil {
			t.Fatalf("%v\n%s", err, text)
		}
		if diff := cmp.Diff([]detect.Site{site}, c.Sites); diff != "" {
			t.Fatalf("-written +read:\n%s\n%s", diff, text)
		}
	})
}

func TestFingerprint(t *testing.T) {
	base := SiteFingerprint(shop)
	for name, change := range map[string]func(*detect.Site){
		"server": func(s *detect.Site) { s.Server = "other.example.com" },
		"target": func(s *detect.Site) { s.Routes[0].Target = detect.TCP("127.0.0.1:1") },
		"unit":   func(s *detect.Site) { s.Routes[0].Unit = "other.service" },
		"probe":  func(s *detect.Site) { s.Probe.Path = "/x" },
	} {
		s := shop
		s.Routes = []detect.Route{shop.Routes[0]}
		change(&s)
		if SiteFingerprint(s) == base {
			t.Errorf("another %s has the same fingerprint", name)
		}
	}
	s := shop
	s.Routes = []detect.Route{shop.Routes[0]}
	s.Routes[0].Manage, s.Probe.Every = detect.ManageAsk, hour
	if SiteFingerprint(s) != base {
		t.Error("how much is managed is no part of what was seen healthy")
	}
}

func FuzzSpan(f *testing.F) {
	for _, s := range []string{"10s", "1d", "2d12h", "-1s", "1", "d", "1.5h", "999999999h", "900999h", "36500d1h"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got, bad := parseSpan(s)
		if bad != nil {
			return
		}
		if got < 0 {
			t.Fatalf("%q is negative", s)
		}
		if again, bad := parseSpan(formatSpan(got)); bad != nil || again != got {
			t.Fatalf("%q: %d, written %q, read %d %v", s, got, formatSpan(got), again, bad)
		}
	})
}
