package nginxconf

import (
	"regexp"
	"slices"
	"strings"
)

// location is the head of a location block.
type location struct {
	d    *directive
	kind string // "" prefix, "=", "^~", "~", "~*", "@"
	text string
}

// newLocation reads "= /x", "=/x", "~ re", "@name", "/x".
func newLocation(d *directive) location {
	if len(d.args) >= 2 {
		return location{d, d.args[0], d.args[1]}
	}
	text := d.arg(0)
	for _, kind := range []string{"~*", "^~", "=", "~", "@"} {
		if rest, ok := strings.CutPrefix(text, kind); ok {
			return location{d, kind, rest}
		}
	}
	return location{d, "", text}
}

// title is the location as it was written.
func (l location) title() string { return "location " + strings.Join(l.d.args, " ") }

func (l location) regex() bool { return l.kind == "~" || l.kind == "~*" }

func locations(block *directive) []location {
	var out []location
	for _, d := range block.all("location") {
		out = append(out, newLocation(d))
	}
	return out
}

// search finds the location for a path, as ngx_http_core_find_location does: an exact match
// wins at once; else the longest prefix, then what is nested in it, then the regular expressions of this
// level in their order, unless the prefix says ^~.
type search struct {
	path  string
	chain []*directive // of locations, outermost first
	slash bool         // nginx answers with a redirect to path/ (auto_redirect of a proxied prefix)
	blind []location   // regular expressions that could not be tried
}

// find reports whether the search is over: the match is exact, or a regular expression's.
func (s *search) find(block *directive) (over bool) {
	all := locations(block)
	prefix, over := s.prefix(all)
	if over {
		return true
	}
	noRegex := false
	if prefix != nil {
		s.chain = append(s.chain, prefix.d)
		noRegex = prefix.kind == "^~"
		if s.find(prefix.d) {
			return true
		}
	}
	if noRegex {
		return false
	}
	depth := s.depthOf(block)
	for _, l := range all {
		if l.regex() && s.matches(l) {
			s.chain = append(s.chain[:depth], l.d)
			s.find(l.d)
			return true
		}
	}
	return false
}

// depthOf is how much of the chain leads to block.
func (s *search) depthOf(block *directive) int {
	for i, d := range s.chain {
		if d == block {
			return i + 1
		}
	}
	return 0
}

// prefix is the longest prefix match of one level; over when it is exact or a redirect.
func (s *search) prefix(all []location) (best *location, over bool) {
	for i, l := range all {
		switch {
		case l.regex() || l.kind == "@":
		case l.kind == "=" && l.text == s.path:
			s.chain = append(s.chain, l.d)
			return nil, true
		case l.kind == "=":
		case l.text == s.path+"/" && proxies(l.d) != nil:
			s.chain, s.slash = append(s.chain, l.d), true
			return nil, true
		case strings.HasPrefix(s.path, l.text) && (best == nil || len(l.text) > len(best.text)):
			best = &all[i]
		}
	}
	return best, false
}

// matches tries a regular expression. nginx uses PCRE: what Go cannot read is noted.
func (s *search) matches(l location) bool {
	text := l.text
	if l.kind == "~*" {
		text = "(?i)" + text
	}
	re, err := regexp.Compile(text)
	if err != nil {
		s.blind = append(s.blind, l)
		return false
	}
	return re.MatchString(s.path)
}

// handlers hand a location's requests to an upstream.
var handlers = []string{"proxy_pass", "uwsgi_pass", "fastcgi_pass", "scgi_pass", "grpc_pass"}

// proxies is the one of a location, nil when there is none.
func proxies(d *directive) *directive { return d.first(handlers...) }

func passes(d *directive) bool { return len(d.args) > 0 && slices.Contains(handlers, d.name) }
