package detect

import "testing"

func TestUnrouted(t *testing.T) {
	blue, green := Unix("/run/blue/shop.sock"), Unix("/run/green/shop.sock")
	to := func(targets ...Target) *SiteConf {
		c := &SiteConf{}
		for _, t := range targets {
			c.Upstreams = append(c.Upstreams, ProxyTo{Target: t, Schema: "http"})
		}
		return c
	}
	marked := func(flags string) *SiteConf {
		c := to(green, blue)
		c.Upstreams[1].Flags = flags
		return c
	}
	for name, tt := range map[string]struct {
		disk, loaded *SiteConf
		want         bool
		serving      Target
	}{
		"the only server":               {to(blue), to(blue), false, blue},
		"switched and loaded":           {to(green), to(green), true, green},
		"switched, not loaded yet":      {to(green), to(blue), false, blue},
		"switched back, not loaded yet": {to(blue), to(green), false, blue},
		"switched, loaded not known":    {to(green), nil, true, green},
		"one of two":                    {to(green, blue), nil, false, blue},
		"marked down":                   {marked("weight=5 down"), nil, true, green},
		"a backup serves when asked":    {marked("backup"), nil, false, blue},
		"a variable":                    {&SiteConf{Upstreams: []ProxyTo{{Var: true}}}, nil, false, blue},
		"nothing known":                 {&SiteConf{}, nil, false, blue},
		"by its other name":             {to(Unix("/var/run/blue/shop.sock")), nil, false, blue},
	} {
		t.Run(name, func(t *testing.T) {
			f := Facts{Route: Route{Target: blue}, Nginx: &Nginx{Disk: tt.disk, Loaded: tt.loaded}}
			if f.Unrouted() != tt.want || f.Serving() != tt.serving {
				t.Errorf("unrouted %v, serving %s", f.Unrouted(), f.Serving())
			}
		})
	}
	if (&Facts{Route: Route{Target: blue}}).Unrouted() {
		t.Error("unrouted although nothing is known of nginx")
	}
}
