package main

import (
	"fmt"
	"regexp"
	"strings"
	"testing"
)

// The same outage is told in other words by another release of systemd, another way to print a journal, an editor,
// another name of the unit: the answer is the same.
func TestRetold(t *testing.T) {
	for name, d := range documents(t) {
		whole := ask(t, d.json(t))
		for how, tell := range retold {
			other := d
			for _, key := range logs {
				lines := []any{}
				for _, l := range d.lines(key) {
					lines = append(lines, tell(key, l.(string)))
				}
				if len(lines) > 0 {
					other = other.with(key, lines)
				}
			}
			if got := ask(t, other.json(t)); got != whole {
				t.Errorf("%s, %s: %v instead of %v", name, how, got, whole)
			}
		}
	}
}

var (
	named    = regexp.MustCompile(`\b(Starting|Started|Stopping|Stopped|Reloading|Reloaded|Failed to start) (nginx\.service) - `)
	hours    = regexp.MustCompile(`((?:\[2026-11-22 |2026/11/22 |22/Nov/2026:))(\d\d)(:\d\d:\d\d)`)
	unheaded = regexp.MustCompile(`^(?:gunicorn|systemd|nginx|python3|uvicorn)\[\d+\]: `)
)

var retold = map[string]func(key, line string) string{
	"systemd 247": func(_, line string) string {
		return strings.Replace(named.ReplaceAllString(line, "$1 "), ": Deactivated successfully.", ": Succeeded.", 1)
	},
	"an editor's blanks and CRs": func(_, line string) string { return line + " \r" },
	"journalctl -o short": func(key, line string) string {
		if key == "gunicorn_journal" && unheaded.MatchString(line) {
			return "Nov 22 11:20:00 web-01 " + line
		}
		return line
	},
	"journalctl -o short-iso-precise": func(key, line string) string {
		if key == "gunicorn_journal" && unheaded.MatchString(line) {
			return "2026-11-22T11:20:00.123456+00:00 web-01 " + line
		}
		return line
	},
	"docker compose logs": func(key, line string) string {
		if strings.HasPrefix(key, "nginx") {
			return "nginx-1  | " + line
		}
		return line
	},
	"nginx in the journal": func(key, line string) string {
		if key == "nginx_error" && strings.HasPrefix(line, "2026/") {
			return "Nov 22 11:20:00 web-01 nginx[641]: " + line
		}
		return line
	},
	"two hours to the east": func(_, line string) string {
		line = hours.ReplaceAllStringFunc(line, func(s string) string {
			m := hours.FindStringSubmatch(s)
			var hour int
			fmt.Sscanf(m[2], "%d", &hour)
			return fmt.Sprintf("%s%02d%s", m[1], (hour+2)%24, m[3])
		})
		return strings.NewReplacer(" +0000]", " +0200]").Replace(line)
	},
}
