package config

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/gatemend/gatemend/detect"
)

// Hash names the text of the configuration.
func (c *Config) Hash() string { return Hash([]byte(c.text)) }

// Text is the configuration as it was read.
func (c *Config) Text() string { return c.text }

// Hash names a text.
func Hash(text []byte) string {
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:8])
}

// Key is the same for two channels that lead to the same place in the same way. It shows nothing
// of a URL.
func (n Notify) Key() string {
	parts := append([]string{n.kind(), n.Address().File, n.Address().URL.Reveal().String()}, n.Command...)
	switch {
	case n.Webhook != nil:
		parts = append(parts, n.Webhook.Template)
	case n.Ntfy != nil:
		parts = append(append(parts, n.Ntfy.Priority), n.Ntfy.Tags...)
	case n.Heartbeat != nil:
		parts = append(parts, n.Heartbeat.Every.String())
	}
	return Hash(fmt.Appendf(nil, "%q", parts))
}

// mostChanges are told; who changes more reads the file.
const mostChanges = 30

// Changes says in words what differs, by the file's own keys. It names channels and shows nothing of
// where they lead.
func Changes(was, is *Config) []string {
	before, after := was.flat(), is.flat()
	var out []string
	for _, k := range slices.Sorted(maps.Keys(merged(before, after))) {
		if before[k] != after[k] && !strings.HasPrefix(k, "sites.") && !strings.HasPrefix(k, "notify.") {
			out = append(out, fmt.Sprintf("%s: %s → %s", k, cmp.Or(before[k], "default"), cmp.Or(after[k], "default")))
		}
	}
	out = append(out, named("channel", before, after, "notify.")...)
	out = append(out, named("site", before, after, "sites.")...)
	if more := len(out) - mostChanges; more > 0 {
		out = append(out[:mostChanges], fmt.Sprintf("and %d more", more))
	}
	return out
}

// named compares what has a name of its own: it comes, goes, or is changed in this and that.
func named(what string, before, after map[string]string, prefix string) (out []string) {
	names := map[string]bool{}
	for k := range merged(before, after) {
		if rest, ok := strings.CutPrefix(k, prefix); ok {
			name, _, _ := strings.Cut(rest, "\x00")
			names[name] = true
		}
	}
	for _, name := range slices.Sorted(maps.Keys(names)) {
		_, was := before[prefix+name]
		_, is := after[prefix+name]
		switch {
		case !was:
			out = append(out, fmt.Sprintf("%s %s: added", what, name))
		case !is:
			out = append(out, fmt.Sprintf("%s %s: removed", what, name))
		default:
			out = append(out, within(what+" "+name, before, after, prefix+name+"\x00")...)
		}
	}
	return out
}

func within(whose string, before, after map[string]string, prefix string) (out []string) {
	for _, k := range slices.Sorted(maps.Keys(merged(before, after))) {
		key, ok := strings.CutPrefix(k, prefix)
		switch {
		case !ok || before[k] == after[k]:
		case key == "":
			out = append(out, whose+": changed")
		default:
			out = append(out, fmt.Sprintf("%s: %s: %s → %s", whose, key, cmp.Or(before[k], "not set"), cmp.Or(after[k], "not set")))
		}
	}
	return out
}

func merged(a, b map[string]string) map[string]string {
	m := maps.Clone(a)
	maps.Copy(m, b)
	return m
}

// flat is the file as keys with values: "limits.gap", "sites.shop\x00routes /.unit". Of a channel it
// holds the name and its key only.
func (c *Config) flat() map[string]string {
	m := map[string]string{}
	for _, n := range c.Notify {
		m["notify."+n.Name] = "there"
		m["notify."+n.Name+"\x00"] = n.Key()
	}
	top, bad := parse([]byte(c.text))
	if bad != nil {
		return m
	}
	top.pairs(func(key, value *node) {
		switch key.text {
		case "notify":
		case "sites":
			value.pairs(func(site, n *node) {
				m["sites."+site.text] = "there"
				flatten(m, "sites."+site.text+"\x00", "", n)
			})
		default:
			flatten(m, key.text, ".", value)
		}
	})
	return m
}

func flatten(m map[string]string, at, between string, n *node) {
	switch n.kind {
	case mapping:
		n.pairs(func(k, v *node) { flatten(m, at+between+k.text, ".", v) })
	case list:
		flattenList(m, at, n)
	case scalar:
		m[at] = detect.Clean(n.text)
	}
}

// flattenList keeps a list of words together, and names a route by its path.
func flattenList(m map[string]string, at string, n *node) {
	var words []string
	for _, item := range n.items {
		if item.kind != mapping {
			words = append(words, detect.Clean(item.text))
			continue
		}
		path := ""
		item.pairs(func(k, v *node) {
			if k.text == "path" {
				path = v.text
			}
		})
		flatten(m, at+" "+path, ".", item)
	}
	if len(words) > 0 {
		m[at] = "[" + strings.Join(words, ", ") + "]"
	}
}
