package agent

import (
	"errors"
	"fmt"

	"github.com/gatemend/gatemend/detect"
	"github.com/gatemend/gatemend/policy"
)

// Setup is what the configuration says. A reload replaces it as a whole, see [Agent.Reload];
// nobody changes one in place.
type Setup struct {
	Sites    []detect.Site
	Settings policy.Settings
	Remind   []detect.Span // reminders while an incident is open; the last one repeats
	Silent   []Silence     // sources that the host switches off; may be empty
	Sensors  []Sensor      // pointers: one that is also in the next setup is not started again
	Verifier Verifier
}

// Silence is a source that the host's configuration switches off, and what that costs.
type Silence struct {
	Site   string         `json:"site"`
	Sensor string         `json:"sensor"`
	Why    string         `json:"why"` // access_log off; error_log goes to syslog …
	Costs  []detect.Cause `json:"costs,omitempty"`
}

func (s *Setup) validate() error {
	var errs []error
	if s.Verifier == nil {
		errs = append(errs, missing("Verifier"))
	}
	for _, site := range s.Sites {
		if site.Probe.Every < detect.Span(5_000_000) {
			errs = append(errs, missing("a probe interval of at least 5s for site "+site.Name))
		}
	}
	return errors.Join(errs...)
}

func missing(what string) error { return fmt.Errorf("cannot make the agent: %s is missing", what) }

// place names a route: the same route of the next configuration goes on under its keeper.
type place struct{ site, route string }

// assignment is what a keeper keeps from now on.
type assignment struct {
	setup *Setup
	site  detect.Site
	route detect.Route
	gone  bool // the route has left the configuration
}

// assignments are those of a setup, in its order.
func (s *Setup) assignments() (places []place, all map[place]*assignment) {
	all = map[place]*assignment{}
	for _, site := range s.Sites {
		for _, r := range site.Routes {
			p := place{site.Name, r.Path}
			places = append(places, p)
			all[p] = &assignment{setup: s, site: site, route: r}
		}
	}
	return places, all
}

// mode is the present one, as messages name it.
func (a *Agent) mode() string { return string(a.setup.Load().Settings.Mode) }
