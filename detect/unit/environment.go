package unit

import (
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"

	"github.com/gatemend/gatemend/detect"
)

// environment is what a service will find set, for reading its server's settings. It never leaves
// this package.
type environment struct {
	values  map[string]string
	unknown bool // a file could not be read
}

func (e environment) get(name string) (string, bool) {
	v, ok := e.values[name]
	return v, ok
}

// names are those that are set, by Environment= or a file, in order; malformed ones are left out, as
// part of a value may stand there.
func (e environment) names() (names []string) {
	for _, name := range slices.Sorted(maps.Keys(e.values)) {
		if wellFormed.MatchString(name) {
			names = append(names, name)
		}
	}
	return names
}

var wellFormed = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]{0,63}$`)

// readEnvironment puts the files over Environment=, as systemd does (systemd.exec(5)).
func readEnvironment(p properties) environment {
	e := environment{values: map[string]string{}}
	for _, a := range p.texts("Environment") {
		name, value, _ := strings.Cut(a, "=")
		e.values[name] = value
	}
	for _, path := range envFiles(p) {
		path, optional := strings.CutPrefix(path, "-")
		text, err := readFile(path)
		switch {
		case err == nil:
			parseEnvFile(string(text), e.values)
		case !optional || !os.IsNotExist(err):
			e.unknown = true
		}
	}
	return e
}

// parseEnvFile reads NAME=value lines: comments by # and ;, quotes around a value, "\" at the end of a
// line goes on. "export NAME=value" is no assignment there (systemd ignores the line with a warning).
func parseEnvFile(text string, into map[string]string) {
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

// scrub makes a command line fit to be kept: at most 64 words, secrets taken out, also where the
// value is the word after the option.
func scrub(argv []string) []string {
	var words []string
	for i, w := range argv[:min(len(argv), 64)] {
		if i > 0 && strings.HasPrefix(argv[i-1], "-") && !strings.Contains(argv[i-1], "=") && secretOption(argv[i-1]) {
			w = "[hidden]"
		}
		words = append(words, detect.Clean(w))
	}
	return words
}

// secretOption asks detect's own list of words: an option is one whose value that list would hide.
func secretOption(option string) bool {
	probe := strings.TrimLeft(option, "-") + "=x"
	return detect.Scrub(probe) != probe
}
