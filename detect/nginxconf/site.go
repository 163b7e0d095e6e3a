package nginxconf

import (
	"slices"
	"strings"

	"github.com/gatemend/gatemend/detect"
)

// Site says what the configuration makes of a path of a server: the server block is the one that nginx
// picks for the name and that proxies the path; where several addresses lead to different blocks
// (a redirect on port 80, the app on 443), the proxying one. server may be "_" or empty for the default server.
func (c *Conf) Site(server, path string) detect.SiteConf {
	out := detect.SiteConf{Hash: c.hash}
	r, at := c.route(server, path)
	if r == nil {
		out.Answers = []string{c.main + ": there is no server block"}
		return out
	}
	out.Answers = r.answers
	if r.pass != nil {
		out.Upstreams = c.proxyTo(r.pass)
	}
	if d := r.last(); d.name == "location" {
		out.Location = d.where() + ": " + title(d)
	}
	for _, l := range r.server.listens {
		out.Listens = append(out.Listens, l.raw)
	}
	out.Endpoints = c.endpoints(at, r)
	out.TLS = len(out.Endpoints) > 0 && out.Endpoints[0].TLS
	out.ErrorLog, out.ErrorLevel = c.errorLog(r.chain)
	out.AccessLog, out.AccessFormat = c.accessLog(r.chain)
	return out
}

// route follows the path in each server that the name leads to, and prefers one that proxies
// it. at are the addresses of that server.
func (c *Conf) route(name, path string) (best *route, at []chosen) {
	options := c.choose(name)
	for _, o := range options {
		if r := o.follow(path); best == nil || r.worth() > best.worth() {
			best = &r
		}
	}
	for _, o := range options {
		if o.server == best.server {
			at = append(at, o)
		}
	}
	return best, at
}

// worth prefers a server that proxies the path, then one that proxies anything: the block
// that only redirects to it is not the site.
func (r *route) worth() int {
	switch {
	case r.pass != nil:
		return 2
	case r.server.proxiesAny():
		return 1
	}
	return 0
}

func (s *server) proxiesAny() (any bool) {
	walk(s.d, "", func(_ string, d *directive) { any = any || passes(d) })
	return any
}

// endpoints orders where to ask. In front comes what needs the least: no PROXY header, then plain before TLS,
// unless the server redirects some requests away, which is nearly always from plain to TLS.
func (c *Conf) endpoints(at []chosen, r *route) []detect.Endpoint {
	keys := c.addresses()
	var out []detect.Endpoint
	for _, a := range at {
		out = append(out, detect.Endpoint{Target: dial(a.at.key, keys), TLS: a.at.ssl, ProxyProtocol: a.at.pp,
			ByDefault: a.byDefault, Where: a.at.where})
	}
	tlsFirst := slices.ContainsFunc(r.answers, func(s string) bool { return strings.Contains(s, "{ return 3") })
	slices.SortStableFunc(out, func(x, y detect.Endpoint) int { return cost(x, tlsFirst) - cost(y, tlsFirst) })
	return out
}

func cost(e detect.Endpoint, tlsFirst bool) int {
	n := 0
	if e.ProxyProtocol {
		n += 4
	}
	if e.TLS != tlsFirst {
		n += 2
	}
	if strings.HasPrefix(e.Target.Address, "[") {
		n++
	}
	return n
}
