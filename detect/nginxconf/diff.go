package nginxconf

import (
	"crypto/sha256"
	"slices"
	"strings"
)

// linesMax bounds a diff that is shown to a person.
const linesMax = 40

// Diff compares what the workers loaded with what is on disk, as far as it concerns a server name.
// lines are "- file:line: …" for what only loaded has and "+ file:line: …" for what only disk has; a change in a
// directive whose value is never kept shows as "~". elsewhere tells that other sites, or all, would change too.
func Diff(loaded, disk *Conf, server string) (lines []string, elsewhere bool) {
	old, now := loaded.scope(server), disk.scope(server)
	before, after := flatten(old), flatten(now)
	lines = append(missing("- ", before, after), missing("+ ", after, before)...)
	if len(lines) == 0 && digests(old) != digests(now) {
		lines = []string{"~ " + place(now, disk) + ": a directive whose value is not kept was changed"}
	}
	if len(lines) > linesMax {
		lines = append(lines[:linesMax], "…")
	}
	return lines, loaded.rest(old) != disk.rest(now)
}

// scope is the server blocks of a name and the upstream blocks that they proxy to.
func (c *Conf) scope(name string) []*directive {
	var out []*directive
	add := func(d *directive) {
		if !slices.Contains(out, d) {
			out = append(out, d)
		}
	}
	for _, o := range c.choose(name) {
		add(o.d)
		walk(o.d, "", func(_ string, d *directive) {
			if passes(d) {
				_, rest := schemaOf(d)
				if up := c.upstreams[strings.ToLower(authority(rest))]; up != nil {
					add(up)
				}
			}
		})
	}
	return out
}

// line is one directive with the blocks around it.
type line struct{ text, where string }

func flatten(ds []*directive) []line {
	var out []line
	for _, d := range ds {
		walk(d, head(d), func(path string, c *directive) {
			if len(c.args) > 0 && c.block == nil {
				out = append(out, line{path + " > " + c.name + " " + strings.Join(c.args, " "), c.where()})
			}
		})
	}
	return out
}

// walk visits everything below d; path names the blocks that lead there.
func walk(d *directive, path string, visit func(path string, d *directive)) {
	for _, c := range d.block {
		visit(path, c)
		if c.block != nil {
			walk(c, path+" > "+strings.TrimSpace(c.name+" "+strings.Join(c.args, " ")), visit)
		}
	}
}

func head(d *directive) string {
	if n := d.first("server_name"); d.name == "server" && n != nil {
		return "server " + strings.Join(n.args, " ")
	}
	return strings.TrimSpace(d.name + " " + strings.Join(d.args, " "))
}

// missing lists what is in one and not in the other; a line that is there twice counts twice.
func missing(sign string, in, from []line) []string {
	left := map[string]int{}
	for _, l := range from {
		left[l.text]++
	}
	var out []string
	for _, l := range in {
		if left[l.text]--; left[l.text] < 0 {
			out = append(out, sign+l.where+": "+l.text)
		}
	}
	return out
}

func place(ds []*directive, c *Conf) string {
	if len(ds) == 0 {
		return c.main
	}
	return ds[0].where()
}

func digests(ds []*directive) string {
	h := sha256.New()
	for _, d := range ds {
		h.Write(d.digest[:])
	}
	return string(h.Sum(nil))
}

// rest is the digest of all that is not in a scope.
func (c *Conf) rest(scope []*directive) string {
	var out []*directive
	for _, d := range c.top.block {
		if d.name != "http" {
			out = append(out, d)
			continue
		}
		for _, in := range d.block {
			if !slices.Contains(scope, in) {
				out = append(out, in)
			}
		}
	}
	return digests(out)
}
