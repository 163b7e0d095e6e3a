package config

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/gatemend/gatemend/detect"
)

var (
	// siteName bounds a name: it is part of requests to the root helper and of file names.
	siteName = regexp.MustCompile(`^[a-zA-Z0-9][a-zA-Z0-9._-]{0,62}$`)
	// hostName is what can be sent as Host: one name, no wildcard, no pattern; "_" is nginx's
	// usual name for a server that is reached by default.
	hostName = regexp.MustCompile(`^(_|[a-zA-Z0-9]([a-zA-Z0-9._-]{0,252}))$`)
)

// sites reads all sites, in the order of the file.
func (r *reader) sites(n *node, c *Config) {
	if n.kind == empty {
		return
	}
	if n.kind != mapping {
		r.wrong(n, "sites: {shop: {server: …}}", "sites must be a group of named sites, but is %s", n.kind)
		return
	}
	owners := map[string]unitAt{}
	r.keys(n, "sites", func(key, value *node) {
		if !siteName.MatchString(key.text) {
			r.wrong(key, "letters, digits, dots, dashes and underscores, at most 63", "a site cannot be called %q", key.text)
		}
		site := r.site(key, value, c)
		r.oneUnitPerTarget(site, c, owners)
		c.Sites = append(c.Sites, site)
	})
}

func (r *reader) site(key, n *node, c *Config) detect.Site {
	s := detect.Site{Name: key.text, Probe: detect.ProbeSpec{Method: "GET", Every: 30 * second, Timeout: 10 * second, Public: "auto"}}
	var probe, server *node
	r.group(n, "site "+key.text,
		field{"server", func(n *node) { server = n; s.Server = r.server(n) }},
		field{"routes", func(n *node) { s.Routes = r.routes(n, key.text, c) }},
		field{"probe", func(n *node) { probe = n }},
	)
	if server == nil {
		r.wrong(key, "server: and the server_name of its nginx server block", "site %s has no server", key.text)
	}
	if len(s.Routes) == 0 && n.kind != scalar && n.kind != list {
		r.wrong(key, "routes: [{path: /, target: …, unit: …}]", "site %s has no route", key.text)
	}
	s.Probe.Path = probePath(s.Routes)
	if probe != nil {
		r.probe(probe, &s)
	}
	return s
}

func (r *reader) server(n *node) string {
	s, ok := r.text(n, "server")
	if ok && !hostName.MatchString(s) {
		r.wrong(n, "one name that this server answers to, such as shop.example.com", "server %q cannot be sent as a Host", s)
	}
	return s
}

// probePath is the default: the root where it is routed, else the first route.
func probePath(routes []detect.Route) string {
	path := "/"
	for i, route := range routes {
		if route.Path == "/" {
			return "/"
		}
		if i == 0 && route.Path != "" {
			path = route.Path
		}
	}
	return path
}

func (r *reader) probe(n *node, s *detect.Site) {
	p := &s.Probe
	r.group(n, "probe",
		field{"path", func(n *node) { p.Path = r.probed(n, s.Routes) }},
		field{"method", func(n *node) { word(r, n, "probe method", &p.Method, "GET", "HEAD") }},
		field{"every", func(n *node) { r.span(n, "probe every", &p.Every, 5*second, hour) }},
		field{"timeout", func(n *node) { r.span(n, "probe timeout", &p.Timeout, second/10, 2*minute) }},
		field{"public", func(n *node) { r.public(n, &p.Public) }},
	)
}

// probed reads the path that is asked. It must lead to a route of the site: the answer to
// any other says nothing about the app.
func (r *reader) probed(n *node, routes []detect.Route) string {
	path, ok := r.urlPath(n, "probe path")
	if !ok || len(routes) == 0 {
		return path
	}
	for _, route := range routes {
		if strings.HasPrefix(path, route.Path) {
			return path
		}
	}
	r.wrong(n, fmt.Sprintf("a path below %s", routes[0].Path), "probe path %q is under no route of this site", path)
	return path
}

func (r *reader) urlPath(n *node, where string) (string, bool) {
	s, ok := r.text(n, where)
	if !ok {
		return "", false
	}
	if !strings.HasPrefix(s, "/") || strings.ContainsFunc(s, func(c rune) bool { return c <= ' ' || c >= 0x7f }) {
		r.wrong(n, "a path such as /healthz", "%s %q must begin with a slash and hold no blanks", where, s)
		return "", false
	}
	return s, true
}
