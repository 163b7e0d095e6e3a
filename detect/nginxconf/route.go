package nginxconf

import (
	"fmt"
	"slices"
	"strings"
)

// hopsMax bounds try_files leading to try_files; nginx stops after ten internal redirects.
const hopsMax = 10

// route is where a path of a server leads.
type route struct {
	server   *server
	chain    []*directive // http, server, and the locations that were matched, outermost first
	pass     *directive   // proxy_pass and the like; nil when nginx answers by itself
	redirect string       // a server-wide or location-wide return that leads elsewhere
	answers  []string
}

// follow finds where nginx sends a request for path in this server.
func (s *server) follow(path string) route {
	path, _, _ = strings.Cut(path, "?")
	r := route{server: s, chain: []*directive{s.http, s.d}}
	r.rewrites(s.d)
	if r.returns(s.d) {
		return r
	}
	for range hopsMax {
		found := search{path: path}
		found.find(s.d)
		for _, l := range found.blind {
			r.note(l.d, "%s: this pattern cannot be tried here; it may take the path", l.title())
		}
		r.chain = append(r.chain[:2:2], found.chain...)
		if found.slash {
			r.note(found.chain[len(found.chain)-1], "redirects %s to %s/", path, path)
		}
		next, again := r.enter()
		if !again {
			break
		}
		path = next
	}
	r.inherited()
	return r
}

func (r *route) last() *directive { return r.chain[len(r.chain)-1] }

func (r *route) note(d *directive, format string, args ...any) {
	if line := d.where() + ": " + fmt.Sprintf(format, args...); !slices.Contains(r.answers, line) {
		r.answers = append(r.answers, line)
	}
}

// enter looks into the matched location. again is true when try_files sends the request on to another path.
func (r *route) enter() (next string, again bool) {
	here := r.last()
	if here.name == "location" {
		r.rewrites(here)
		if r.returns(here) {
			return "", false
		}
	}
	if try := here.first("try_files"); try != nil && len(try.args) > 1 { // not inherited
		return r.try(try)
	}
	r.content(here)
	return "", false
}

// try follows the last argument of try_files: a named location, a code, or a path. A path is looked up again;
// what stands before it are files, which nginx answers by itself.
func (r *route) try(d *directive) (next string, again bool) {
	last := d.args[len(d.args)-1]
	r.note(d, "try_files %s: files that exist are answered by nginx", strings.Join(d.args, " "))
	switch {
	case strings.HasPrefix(last, "@"):
		r.named(d, last)
	case strings.HasPrefix(last, "/") && !strings.Contains(last, "$"):
		return last, true
	default:
		r.content(r.last()) // =404, or a path that is only known at run time
	}
	return "", false
}

// named jumps to `location @name`, which is a child of the server.
func (r *route) named(from *directive, name string) {
	for _, l := range locations(r.server.d) {
		if l.kind+l.text == name {
			r.chain = append(r.chain[:2:2], l.d)
			if !r.returns(l.d) {
				r.content(l.d)
			}
			return
		}
	}
	r.note(from, "leads to %s, which does not exist", name)
}

// content is the location's handler.
func (r *route) content(d *directive) {
	if d.name == "location" {
		r.pass = proxies(d)
	}
	if r.pass == nil {
		r.note(d, "%s: nothing is proxied here", title(d))
	}
	for _, cond := range d.all("if", "limit_except") {
		if inner := proxies(cond); inner != nil {
			r.note(inner, "%s (…) { %s %s }: may go elsewhere", cond.name, inner.name, inner.arg(0))
		}
	}
}

// returns notes what nginx answers by itself, and tells when that is every request.
func (r *route) returns(d *directive) bool {
	for _, cond := range d.all("if") {
		if ret := cond.first("return"); ret != nil {
			r.note(ret, "if (…) { return %s }", strings.Join(ret.args, " "))
		}
	}
	ret := d.first("return")
	if ret == nil {
		return false
	}
	r.note(ret, "return %s", strings.Join(ret.args, " "))
	r.redirect = strings.Join(ret.args, " ")
	return true
}

func (r *route) rewrites(d *directive) {
	for _, rw := range d.all("rewrite") {
		r.note(rw, "rewrite … %s: the path may change before it is matched", rw.arg(0))
	}
}

func title(d *directive) string {
	if d.name == "location" {
		return newLocation(d).title()
	}
	return d.name
}
