package nginxconf

import (
	"regexp"
	"slices"
	"strings"
)

// server is one server{} of http{}.
type server struct {
	http, d *directive
	names   []string
	listens []listen
}

func newServer(http, d *directive) *server {
	s := &server{http: http, d: d}
	for _, n := range d.all("server_name") {
		for _, name := range n.args {
			s.names = append(s.names, strings.ToLower(name))
		}
	}
	for _, l := range d.all("listen") {
		s.listens = append(s.listens, newListen(l))
	}
	if len(s.listens) == 0 { // ngx_http_core_server: *:80 for root
		s.listens = []listen{{key: "*:80", raw: "80", where: d.where()}}
	}
	for i := range s.listens { // the old `ssl on;`
		s.listens[i].ssl = s.listens[i].ssl || d.first("ssl") != nil && d.first("ssl").arg(0) == "on"
	}
	return s
}

// chosen is a server that nginx picks for a name at an address.
type chosen struct {
	*server
	at        listen
	byDefault bool
}

// choose lists which server answers for a name at each address, in the order of the
// configuration. Where the name matches somewhere, servers that would only get it by default are left
// out; where it matches nowhere, those come that say default_server, else the first of each address.
func (c *Conf) choose(name string) []chosen {
	name = strings.ToLower(name)
	var named, byDefault []chosen
	for _, key := range c.addresses() {
		got := c.pick(key, name)
		if got.byDefault {
			byDefault = append(byDefault, got)
		} else {
			named = append(named, got)
		}
	}
	if len(named) > 0 {
		return named
	}
	said := slices.DeleteFunc(slices.Clone(byDefault), func(c chosen) bool { return !c.at.fallback })
	if len(said) > 0 {
		return said
	}
	return byDefault
}

// addresses lists each TCP or unix address once.
func (c *Conf) addresses() []string {
	var keys []string
	for _, s := range c.servers {
		for _, l := range s.listens {
			if !l.quic && !slices.Contains(keys, l.key) {
				keys = append(keys, l.key)
			}
		}
	}
	return keys
}

// pick follows ngx_http_find_virtual_server: exact name, longest wildcard in front, longest wildcard at the end,
// first regular expression, default server.
func (c *Conf) pick(key, name string) chosen {
	var best chosen
	found, rank, secure, proxied := false, 0, false, false
	for _, s := range c.servers {
		for _, l := range s.listens {
			if l.key != key || l.quic {
				continue
			}
			secure, proxied = secure || l.ssl, proxied || l.pp // options of a listen are the address's
			if n := s.rank(name); n > rank {
				best, found, rank = chosen{s, l, false}, true, n
			} else if rank == 0 && (!found || l.fallback && !best.at.fallback) {
				best, found = chosen{s, l, true}, true
			}
		}
	}
	best.at.ssl, best.at.pp = secure, proxied
	return best
}

// rank orders matches: 0 is none.
func (s *server) rank(name string) int {
	const exact, front, end, pattern = 1 << 30, 1 << 20, 1 << 10, 1
	best := 0
	for _, n := range s.names {
		switch {
		case n == name:
			return exact
		case strings.HasPrefix(n, ".") && (name == n[1:]):
			return exact
		case strings.HasPrefix(n, ".") && strings.HasSuffix(name, n):
			best = max(best, front+len(n))
		case strings.HasPrefix(n, "*.") && strings.HasSuffix(name, n[1:]) && len(name) > len(n)-1:
			best = max(best, front+len(n)-1)
		case strings.HasSuffix(n, ".*") && strings.HasPrefix(name, n[:len(n)-1]):
			best = max(best, end+len(n))
		case strings.HasPrefix(n, "~"):
			if re, err := regexp.Compile("(?i)" + n[1:]); err == nil && re.MatchString(name) {
				best = max(best, pattern)
			}
		}
	}
	return best
}
