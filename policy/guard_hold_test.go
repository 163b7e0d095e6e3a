package policy

import (
	"slices"
	"testing"

	"github.com/gatemend/gatemend/detect"
)

func TestHolding(t *testing.T) {
	const at = detect.Time(1000)
	ann, annLong := Hold{Site: "shop", Owner: "ann", Until: 2000}, Hold{Site: "shop", Owner: "ann", Reason: "long", Until: 3000}
	bob, all := Hold{Site: "blog", Owner: "bob", Until: 2000}, Hold{Owner: "eve"}
	for name, tt := range map[string]struct {
		holds []Hold
		site  string
		by    string
		want  *Hold
	}{
		"none":                        {nil, "shop", "", nil},
		"of the site":                 {[]Hold{bob, ann}, "shop", "", &ann},
		"of another":                  {[]Hold{bob}, "shop", "", nil},
		"of another, for all sites":   {[]Hold{bob}, "", "", &bob},
		"of all":                      {[]Hold{all}, "shop", "", &all},
		"the longest":                 {[]Hold{ann, annLong}, "shop", "", &annLong},
		"one without end":             {[]Hold{ann, all, annLong}, "shop", "", &all},
		"its owner asks":              {[]Hold{ann, annLong}, "shop", "ann", nil},
		"its owner asks, bob holds":   {[]Hold{ann, bob}, "", "ann", &bob},
		"over":                        {[]Hold{{Site: "shop", Owner: "ann", Until: at}}, "shop", "", nil},
		"nobody owns it, nobody asks": {[]Hold{{Site: "shop"}}, "shop", "", &Hold{Site: "shop"}},
	} {
		h, held := Holding(tt.holds, tt.site, tt.by, at)
		if held != (tt.want != nil) || held && h != *tt.want {
			t.Errorf("%s: %v %v", name, h, held)
		}
	}
}

// An agent that asks by itself is nobody, whatever stands in By.
func TestAHoldPassesOnlyItsOwnerWhoAsks(t *testing.T) {
	for _, tt := range []struct {
		person bool
		by     string
		held   bool
	}{{true, "ann", false}, {true, "bob", true}, {true, "", true}, {false, "ann", true}} {
		c := crashed()
		c.Holds = []Hold{{Site: "shop", Owner: "ann", Reason: "deploy", Until: moment + detect.Time(hour)}}
		c.Incident.Person, c.Incident.By = tt.person, tt.by
		d := Decide(c)
		if held := slices.ContainsFunc(d.Refusals, func(r Refusal) bool { return r.Code == Held }); held != tt.held {
			t.Errorf("person %v by %q: %s (%s)", tt.person, tt.by, d.Do, d.Why)
		}
	}
}

// A site that shares a unit with one that is held is held too: a restart for the one is a restart of the other.
func TestSpread(t *testing.T) {
	site := func(name string, r ...detect.Route) detect.Site { return detect.Site{Name: name, Routes: r} }
	sites := []detect.Site{
		site("shop", detect.Route{Unit: "shop.service"}),
		site("admin", detect.Route{Unit: "admin.service"}, detect.Route{Unit: "shop.service"}),
		site("queue", detect.Route{Unit: "queue.service", Also: []string{"shop.service"}}),
		site("blog", detect.Route{Unit: "blog.service"}),
		site("static", detect.Route{}), site("bare", detect.Route{}),
	}
	got := Spread([]Hold{{Site: "shop", Owner: "ann"}, {Site: "static", Owner: "bob"}, {Owner: "eve"}, {Site: "gone", Owner: "zoe"}}, sites)
	want := []Hold{
		{Site: "shop", Owner: "ann"}, {Site: "static", Owner: "bob"}, {Owner: "eve"}, {Site: "gone", Owner: "zoe"},
		{Site: "admin", Owner: "ann", Via: "shop"}, {Site: "queue", Owner: "ann", Via: "shop"},
	}
	if !slices.Equal(got, want) {
		t.Errorf("got  %v\nwant %v", got, want)
	}
}
