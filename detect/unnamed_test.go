package detect

import "testing"

// TestDropped: a site that nginx served is missed only when no server block bears its name, in the
// configuration that nginx runs with.
func TestDropped(t *testing.T) {
	named, other := Endpoint{Where: "/etc/nginx/sites-enabled/shop:3"}, Endpoint{ByDefault: true}
	for name, tt := range map[string]struct {
		disk     SiteConf
		loaded   Time
		baseline Baseline
		want     bool
	}{
		"no server at all":                    {SiteConf{Hash: "h"}, 20, Baseline{Status: 200}, true},
		"the default server answers for it":   {SiteConf{Hash: "h", Endpoints: []Endpoint{other}}, 20, Baseline{Status: 200}, true},
		"it is named, and answered by return": {SiteConf{Hash: "h", Endpoints: []Endpoint{named}}, 20, Baseline{Status: 200}, false},
		"the default server is its own":       {SiteConf{Hash: "h", Endpoints: []Endpoint{other}, Upstreams: []ProxyTo{{Var: true}}}, 20, Baseline{Status: 200}, false},
		"not loaded yet":                      {SiteConf{Hash: "h"}, 9, Baseline{Status: 200}, false},
		"when nginx loaded it is not known":   {SiteConf{Hash: "h"}, 0, Baseline{Status: 200}, false},
		"it was never seen through nginx":     {SiteConf{Hash: "h"}, 20, Baseline{}, false},
		"the configuration could not be read": {SiteConf{}, 20, Baseline{Status: 200}, false},
	} {
		f := Facts{Nginx: &Nginx{Disk: &tt.disk, LoadedAt: tt.loaded, ChangedAt: 10}, Baseline: &tt.baseline}
		if got := f.Dropped(); got != tt.want {
			t.Errorf("%s: %v", name, got)
		}
	}
	if (&Facts{}).Dropped() {
		t.Error("nothing is known, and the site is said to be dropped")
	}
}
