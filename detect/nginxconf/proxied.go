package nginxconf

import (
	"slices"
	"strings"

	"github.com/gatemend/gatemend/detect"
)

// Proxied is a path of a server that nginx hands to an upstream.
type Proxied struct {
	Server string   // a name that leads to the server block: used as Host; "_" where only its address does
	Names  []string // all its names, as written
	Path   string
	To     []detect.ProxyTo
	Where  string // file:line of the pass directive
}

// Proxied lists what is handed to upstreams, in the order of the configuration: for each server
// and each set of upstreams the shortest path that leads there. notes says, with file:line, what could not be told.
func (c *Conf) Proxied() (out []Proxied, notes []string) {
	for _, s := range c.servers {
		if !s.proxiesAny() {
			continue
		}
		name, ok := c.nameOf(s)
		if !ok {
			notes = append(notes, s.d.where()+": no name leads to this server block")
			continue
		}
		found, covered := c.proxiedBy(s, name)
		out = append(out, found...)
		notes = append(notes, c.uncovered(s, covered)...)
	}
	return out, notes
}

func (c *Conf) proxiedBy(s *server, name string) (out []Proxied, covered map[*directive]bool) {
	covered = map[*directive]bool{}
	seen := map[string]bool{}
	for _, path := range s.paths() {
		r := s.follow(path)
		if r.pass == nil {
			continue
		}
		covered[r.pass] = true
		if key := r.pass.arg(0) + targets(c.proxyTo(r.pass)); !seen[key] {
			seen[key] = true
			out = append(out, Proxied{Server: name, Names: s.names, Path: path, To: c.proxyTo(r.pass), Where: r.pass.where()})
		}
	}
	return out, covered
}

// uncovered names the locations that proxy and that no path was found for: regular expressions.
func (c *Conf) uncovered(s *server, covered map[*directive]bool) (notes []string) {
	walk(s.d, "", func(_ string, d *directive) {
		if pass := proxies(d); d.name == "location" && pass != nil && !covered[pass] && newLocation(d).kind != "@" {
			notes = append(notes, d.where()+": "+title(d)+": no path is known that leads here")
		}
	})
	return notes
}

// paths are what the locations of a server begin with, the shortest first.
func (s *server) paths() []string {
	out := []string{"/"}
	walk(s.d, "", func(_ string, d *directive) {
		if l := newLocation(d); d.name == "location" && !l.regex() && askable(l.text) && !slices.Contains(out, l.text) {
			out = append(out, l.text)
		}
	})
	slices.SortStableFunc(out, func(a, b string) int { return len(a) - len(b) })
	return out
}

// askable tells whether a location's text can be asked for as a path, unescaped.
func askable(path string) bool {
	return strings.HasPrefix(path, "/") && !strings.ContainsFunc(path, func(r rune) bool { return r <= ' ' || r >= 0x7f })
}

// nameOf finds a name that nginx brings to this very block; a wildcard gets www in place of the star.
func (c *Conf) nameOf(s *server) (string, bool) {
	for _, n := range s.names {
		name := strings.TrimPrefix(n, ".")
		if rest, ok := strings.CutPrefix(n, "*."); ok {
			name = "www." + rest
		}
		if rest, ok := strings.CutSuffix(name, ".*"); ok {
			name = rest + ".com"
		}
		if sendable(name) && c.leads(name, s) {
			return name, true
		}
	}
	return "_", c.leads("_", s)
}

// sendable tells whether a name can be sent as Host as it is: no pattern, no variable.
func sendable(name string) bool {
	return name != "" && !strings.ContainsFunc(name, func(r rune) bool {
		return r != '.' && r != '-' && r != '_' && (r < '0' || r > '9') && (r < 'a' || r > 'z')
	})
}

func (c *Conf) leads(name string, s *server) bool {
	return slices.ContainsFunc(c.choose(name), func(o chosen) bool { return o.server == s })
}

func targets(to []detect.ProxyTo) string {
	var b strings.Builder
	for _, p := range to {
		b.WriteString(" " + p.Schema + "|" + p.Target.String() + "|" + p.Flags)
	}
	return b.String()
}
