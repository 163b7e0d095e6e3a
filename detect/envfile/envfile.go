package envfile

import (
	"maps"
	"regexp"
	"slices"
	"strings"
)

// Parse puts a file's assignments into a map: comments by # and ;, quotes around a value, "\" at the end of
// a line goes on. "export NAME=value" is no assignment there (systemd ignores the line with a warning).
func Parse(text string, into map[string]string) {
	text = strings.ReplaceAll(strings.ReplaceAll(text, "\r\n", "\n"), "\\\n", "")
	for _, line := range strings.Split(text, "\n") {
		line = strings.TrimSpace(line)
		name, value, ok := strings.Cut(line, "=")
		name = strings.TrimSpace(name)
		if !ok || line[0] == '#' || line[0] == ';' || strings.ContainsAny(name, " \t") {
			continue
		}
		into[name] = unquote(strings.TrimSpace(value))
	}
}

func unquote(s string) string {
	if len(s) >= 2 && (s[0] == '"' || s[0] == '\'') && s[len(s)-1] == s[0] {
		return s[1 : len(s)-1]
	}
	return s
}

var wellFormed = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]{0,63}$`)

// Names are the names that are set, in order; malformed ones are left out, as part of a value may stand
// there.
func Names(values map[string]string) (names []string) {
	for _, name := range slices.Sorted(maps.Keys(values)) {
		if wellFormed.MatchString(name) {
			names = append(names, name)
		}
	}
	return names
}
