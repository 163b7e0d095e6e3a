package config

import (
	"net"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"

	"github.com/gatemend/gatemend/detect"
	"github.com/gatemend/gatemend/policy"
)

// pathMax is what fits into sun_path with its final NUL (unix(7)).
const pathMax = 107

// target reads an address that can be connected to.
func (r *reader) target(n *node) detect.Target {
	s, ok := r.text(n, "target")
	if !ok {
		return detect.Target{}
	}
	if scheme, rest, found := strings.Cut(s, "://"); found && scheme != "unix" {
		r.wrong(n, strings.TrimSuffix(rest, "/"), "target %q is a URL", s)
		return detect.Target{}
	}
	t, err := detect.ParseTarget(s)
	if err != nil {
		r.wrong(n, "unix:/run/shop/shop.sock or 127.0.0.1:8000", "target %q is not an address", s)
		return detect.Target{}
	}
	if why, write := impossible(t); why != "" {
		r.wrong(n, write, "target %q %s", s, why)
		return detect.Target{}
	}
	return t
}

// impossible says why nothing can ever listen there.
func impossible(t detect.Target) (why, write string) {
	if t.IsUnix() {
		switch clean := filepath.Clean(t.Address); {
		case len(t.Address) > pathMax:
			return "is longer than the 107 bytes that a socket's path may have", "a shorter path"
		case clean != t.Address || clean == "/":
			return "is not a plain path", "unix:" + clean
		}
		return "", ""
	}
	host, port, _ := net.SplitHostPort(t.Address)
	number, err := strconv.Atoi(port)
	switch {
	case err != nil || number < 1 || number > 65535:
		return "has no port from 1 to 65535", "127.0.0.1:8000"
	case host == "":
		return "has no host", "127.0.0.1:" + port
	case strings.ContainsFunc(host, func(c rune) bool { return c <= ' ' || c >= 0x7f || c == '/' }):
		return "has no valid host", "127.0.0.1:" + port
	}
	return "", ""
}

// unitName is what systemd accepts (unit_name_is_valid in src/basic/unit-name.c).
var unitName = regexp.MustCompile(`^[a-zA-Z0-9:_.@\\-]{1,240}\.[a-z]+$`)

// unit reads the name of a unit of one kind, and refuses those that are never touched.
func (r *reader) unit(n *node, where, suffix string) string {
	s, ok := r.text(n, where)
	if !ok {
		return ""
	}
	if !strings.HasSuffix(s, suffix) || !unitName.MatchString(s) {
		r.wrong(n, strings.TrimSuffix(filepath.Base(s), filepath.Ext(s))+suffix, "%s %q is not the name of a %s unit", where, s, suffix)
		return ""
	}
	if strings.Contains(s, "@.") {
		r.wrong(n, strings.Replace(s, "@.", "@NAME.", 1), "%s %q is a template, not a unit", where, s)
		return ""
	}
	if policy.DenyListed(s) {
		r.wrong(n, "the unit of the app itself, or leave it out and write manage: observe", "%s %q is on the list of units that are never touched", where, s)
		return ""
	}
	return s
}

// also reads units that systemd may take along.
func (r *reader) also(n *node) []string {
	var out []string
	for _, item := range r.texts(n, "also") {
		dot := strings.LastIndexByte(item.text, '.')
		if dot < 0 {
			r.wrong(item, item.text+".service", "also: %q is not the name of a unit", item.text)
			continue
		}
		if name := r.unit(item, "also", item.text[dot:]); name != "" {
			out = append(out, name)
		}
	}
	return out
}
