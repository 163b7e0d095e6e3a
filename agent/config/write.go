package config

import (
	"bytes"
	"fmt"
	"regexp"
	"strings"

	"github.com/gatemend/gatemend/detect"
	"github.com/gatemend/gatemend/policy"
)

// head is the part of the file that is the same on every host. The defaults stand in it as
// comments: what is not written follows the version, what is written stays.
const head = `# gatemend: what it looks after on this host. Written by ` + "`gatemend init`" + `; check edits with ` + "`gatemend check`" + `.

mode: %s                  # dry-run: decide and tell, touch nothing. act: mend. status and every message say which

# These are the defaults. Take the # away from a line to change it.
# limits:   {restarts_per_site: 3/1h, restarts_per_site_day: 6, restarts_per_host: 5/1h, reloads_nginx: 2/10m, parallel: 1, gap: 15s}
# cooldown: {first: 60s, factor: 2, max: 30m}    # between actions on one site, after one that did not recover it
# recurrence: 15m                                # back within this: the action failed
# verify:   {passes: 3, over: 10s}               # good answers in a row that prove a recovery
# remind:   [15m, 1h, 4h, 24h]
# quiet:    {after_change: 10s, nginx: 60s, package_lock_max: 15m}
# operator_stop: {tell: 60s, start_after: 15m}   # after a person's systemctl stop; start_after: never
# start_grace: auto
# notify:                                        # whom to tell; gatemend notify test tries it
#   - {command: [/usr/local/bin/page-me]}        # argv, JSON on standard input
#   - {ntfy: {url: "https://ntfy.sh/TOPIC"}}     # or webhook: {url: …, template: slack}
#   - {heartbeat: {url: "https://hc-ping.com/ID", every: 5m}}  # tells you when this host is silent
# ladders:  {gunicorn-hung: [ask end-leftovers-restart]}  # actions for a cause; ask: held for a person

`

// Write gives the configuration that `init` proposes.
func Write(sites []detect.Site, mode policy.Mode) []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, head, mode)
	if len(sites) == 0 {
		b.WriteString("sites: {}                      # none was found\n")
		return b.Bytes()
	}
	b.WriteString("sites:\n")
	for _, s := range sites {
		writeSite(&b, s)
	}
	return b.Bytes()
}

func writeSite(b *bytes.Buffer, s detect.Site) {
	fmt.Fprintf(b, "  %s:\n    server: %s\n    routes:\n", scalarText(s.Name), scalarText(s.Server))
	for _, r := range s.Routes {
		writeRoute(b, r)
	}
	p := s.Probe
	fmt.Fprintf(b, "    probe: {path: %s", scalarText(p.Path))
	if p.Method != "" && p.Method != "GET" {
		fmt.Fprintf(b, ", method: %s", p.Method)
	}
	fmt.Fprintf(b, ", every: %s, timeout: %s, public: %s}\n", formatSpan(p.Every), formatSpan(p.Timeout), scalarText(p.Public))
}

func writeRoute(b *bytes.Buffer, r detect.Route) {
	fmt.Fprintf(b, "      - path: %s\n        target: %s\n", scalarText(r.Path), scalarText(r.Target.String()))
	for _, pair := range [][2]string{{"unit", r.Unit}, {"socket", r.Socket}, {"manage", string(r.Manage)}, {"reason", r.Reason}} {
		if pair[1] != "" {
			fmt.Fprintf(b, "        %s: %s\n", pair[0], scalarText(pair[1]))
		}
	}
	if len(r.Also) > 0 {
		names := make([]string, len(r.Also))
		for i, a := range r.Also {
			names[i] = scalarText(a)
		}
		fmt.Fprintf(b, "        also: [%s]\n", strings.Join(names, ", "))
	}
}

// plain is what YAML reads back as the same string without quotes, also inside {…}: a letter,
// a slash or two or more characters that cannot be a number.
var (
	plain    = regexp.MustCompile(`^[a-zA-Z/][a-zA-Z0-9_./@:-]*[a-zA-Z0-9_./@-]$|^/$`)
	reserved = regexp.MustCompile(`(?i)^(y|n|yes|no|on|off|true|false|null)$`)
)

// scalarText writes a string so that it is read back unchanged. "off" is quoted nowhere else
// than here, and the reader takes it as text either way.
func scalarText(s string) string {
	if plain.MatchString(s) && (!reserved.MatchString(s) || s == "off") {
		return s
	}
	return quoted(s)
}

// quoted writes a double-quoted YAML scalar (YAML 1.2, 5.7: \xNN, \uNNNN, \UNNNNNNNN).
func quoted(s string) string {
	var b strings.Builder
	b.WriteByte('"')
	for _, c := range s {
		switch {
		case c == '"' || c == '\\':
			b.WriteByte('\\')
			b.WriteRune(c)
		case c < 0x20 || c >= 0x7f && c <= 0xff:
			fmt.Fprintf(&b, `\x%02x`, c)
		case c > 0xffff:
			fmt.Fprintf(&b, `\U%08x`, c)
		case c > 0xff:
			fmt.Fprintf(&b, `\u%04x`, c)
		default:
			b.WriteRune(c)
		}
	}
	b.WriteByte('"')
	return b.String()
}
