package diagnose

import (
	"cmp"
	"strings"

	"github.com/gatemend/gatemend/detect"
)

// pass is the first server behind the route, as nginx's configuration has it.
func (v *view) pass() (p detect.ProxyTo, ok bool) {
	if n := v.f.Nginx; n != nil {
		for _, conf := range []*detect.SiteConf{n.Disk, n.Loaded} {
			if conf != nil && len(conf.Upstreams) > 0 {
				return conf.Upstreams[0], true
			}
		}
	}
	return p, false
}

// passWhere is file:line of the directive that passes the route on: not that of a server in an upstream{}.
func (v *view) passWhere() string {
	p, _ := v.pass()
	return cmp.Or(p.Pass, p.Where, "nginx")
}

// passing is what proxy_pass is told by another schema: the upstream{} that it names stays, and its URI, which
// takes the place of the location's path.
func (v *view) passing(schema string, t detect.Target) string {
	p, _ := v.pass()
	switch {
	case p.Name != "" && !p.Var:
		return schema + "://" + p.Name + p.URI
	case !t.Known():
		return schema + "://…"
	case t.IsUnix(): // a path ends in a colon there
		return schema + "://" + t.String() + ":" + p.URI
	}
	return schema + "://" + t.String() + p.URI
}

// plainPass is what proxy_pass says to the route's target, by plain HTTP.
func (v *view) plainPass() string { return v.passing("http", v.f.Route.Target) }

// passTo is the directive of nginx that leads to a target: in an upstream{} block a server.
func (v *view) passTo(t detect.Target) string {
	p, ok := v.pass()
	switch s := p.Schema; {
	case ok && p.Name != "" && !p.Var:
		return "server " + t.String()
	case foreign[s]:
		return s + "_pass " + t.String()
	case s == "https":
		return "proxy_pass " + v.passing(s, t)
	}
	return "proxy_pass " + v.passing("http", t)
}

// addressAt is what stands at that place of nginx's configuration once it goes by address, not by name.
func (v *view) addressAt(where string) string {
	if p, ok := v.pass(); ok && !p.Var && p.Name != "" && p.Where == where && v.f.Route.Target.Known() {
		return "server " + v.f.Route.Target.String()
	}
	return "proxy_pass " + v.plainPass()
}

// foreign are the protocols that nginx has a _pass of their own for, and directives of their own beside it.
var foreign = map[string]bool{"uwsgi": true, "fastcgi": true, "scgi": true}

// spoken writes directives of proxy_pass for the protocol in which nginx asked: uwsgi_pass goes by none of them.
func spoken(l detect.Line, directives string) string {
	if s := l.Attr["schema"]; foreign[s] {
		return strings.ReplaceAll(directives, "proxy_", s+"_")
	}
	return directives
}
