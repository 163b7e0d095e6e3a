package discover

import (
	"context"
	"fmt"
	"slices"

	"github.com/gatemend/gatemend/detect"
	"github.com/gatemend/gatemend/detect/nginxconf"
)

// Sockets tells who listens on this host.
type Sockets interface {
	// Listening lists every listening stream socket with its owners.
	Listening(ctx context.Context) ([]detect.Listener, error)
}

// Units asks systemd.
type Units interface {
	// Unit gives one unit; Load is "not-found" where there is none.
	Unit(ctx context.Context, name string) (*detect.Unit, error)
	// Names lists the .service and .socket units of the system manager, running or only installed.
	Names(ctx context.Context) ([]string, error)
}

// Sources is what is looked at.
type Sources struct {
	Conf    *nginxconf.Conf
	Sockets Sockets
	Units   Units
}

// Found is what a host has.
type Found struct {
	Sites []detect.Site `json:"sites"`
	Notes []string      `json:"notes,omitempty"` // what was not understood, for a person
}

// Discover finds the sites. An error means that the host could not be looked at; what it has
// in unusual places is in the notes.
func Discover(ctx context.Context, from Sources) (Found, error) {
	listeners, err := from.Sockets.Listening(ctx)
	if err != nil {
		return Found{}, fmt.Errorf("cannot find who listens: %w", err)
	}
	f := &finder{ctx: ctx, units: from.Units, listeners: listeners, known: map[string]*detect.Unit{}}
	proxied, notes := from.Conf.Proxied()
	f.out.Notes = append(from.Conf.Problems(), notes...)
	for _, p := range proxied {
		if err := f.proxied(p); err != nil {
			return Found{}, err
		}
	}
	if len(proxied) == 0 {
		f.note("nginx hands nothing to an upstream: no proxy_pass was found in %d files", len(from.Conf.Files()))
	}
	f.name()
	return f.out, nil
}

// finder collects one answer.
type finder struct {
	ctx       context.Context
	units     Units
	listeners []detect.Listener
	known     map[string]*detect.Unit
	names     []string // of all units; read when first needed
	hosts     []string // the server of each site, as sites are in out
	out       Found
}

func (f *finder) note(format string, args ...any) {
	if n := fmt.Sprintf(format, args...); !slices.Contains(f.out.Notes, n) {
		f.out.Notes = append(f.out.Notes, n)
	}
}

// proxied turns one proxied path into a route of its site.
func (f *finder) proxied(p nginxconf.Proxied) error {
	to, ok := f.choose(p)
	if !ok {
		return nil
	}
	route := detect.Route{Path: p.Path, Target: to.Target, Manage: detect.ManageObserve}
	owner, err := f.behind(to.Target)
	if err != nil {
		return err
	}
	owner.apply(&route)
	f.alongside(owner)
	f.add(p, route)
	return nil
}

// choose takes the upstream that is asked first: one route has one target.
func (f *finder) choose(p nginxconf.Proxied) (detect.ProxyTo, bool) {
	var usable []detect.ProxyTo
	for _, to := range p.To {
		if why := f.unusable(to); why != "" {
			f.note("%s: %s", to.Where, why)
			continue
		}
		usable = append(usable, to)
	}
	if len(usable) == 0 {
		return detect.ProxyTo{}, false
	}
	slices.SortStableFunc(usable, func(a, b detect.ProxyTo) int { return spare(a) - spare(b) })
	for _, other := range usable[1:] {
		f.note("%s: nginx also sends %s%s to %s; it is not looked after: only the first server of upstream %s is",
			other.Where, p.Server, p.Path, other.Target, other.Name)
	}
	return usable[0], true
}

// add appends to the site of the server, which is made with its first route.
func (f *finder) add(p nginxconf.Proxied, route detect.Route) {
	i := slices.Index(f.hosts, p.Server)
	if i < 0 {
		i = len(f.hosts)
		f.hosts = append(f.hosts, p.Server)
		f.out.Sites = append(f.out.Sites, detect.Site{Server: p.Server, Probe: probe(p.Path)})
	}
	site := &f.out.Sites[i]
	same := slices.IndexFunc(site.Routes, func(r detect.Route) bool { return r.Path == route.Path })
	switch {
	case same < 0:
		site.Routes = append(site.Routes, route)
	case site.Routes[same].Target != route.Target: // plain and TLS blocks of a site usually lead to the same
		f.note("%s: %s%s also leads to %s in this server block; only %s is looked after", p.Where, p.Server, p.Path, route.Target, site.Routes[same].Target)
	}
}

func probe(path string) detect.ProbeSpec {
	const second = detect.Span(1_000_000)
	return detect.ProbeSpec{Path: path, Method: "GET", Every: 30 * second, Timeout: 10 * second, Public: "auto"}
}
