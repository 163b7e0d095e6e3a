package detect

import (
	"regexp"
	"slices"
	"strings"
)

// ArgsMax is how many words of a command line are kept.
const ArgsMax = 64

// CleanArgs makes a command line fit to be kept: at most 64 words, each by [Clean], and without
// the values of secrets: the word after --token or --password, and what is set for the program
// (NAME=value in front of it, `gunicorn --env NAME=value`, `sh -c "NAME=value …"`), for the value
// of an environment variable is collected nowhere.
func CleanArgs(argv []string) []string {
	var words []string
	for i, w := range argv[:min(len(argv), ArgsMax)] {
		switch {
		case i > 0 && takesSecret(argv[i-1]):
			w = hiddenText
		case i > 0 && (argv[i-1] == "-e" || argv[i-1] == "--env"):
			w = hideVariable(w)
		case strings.Contains(w, "="): // of most words of most processes there is nothing to hide
			w = assignment.ReplaceAllStringFunc(w, hideAssignment)
		}
		words = append(words, Clean(w))
	}
	return words
}

// takesSecret asks Scrub's own list of names: an option is one whose value it would hide.
func takesSecret(option string) bool {
	name := strings.TrimLeft(option, "-")
	if name == option || strings.Contains(option, "=") {
		return false
	}
	return Scrub(name+"=x") != name+"=x"
}

// assignment is NAME=value, in capitals as variables of the environment are.
var assignment = regexp.MustCompile(`(^|[\s"'=;]|^-e)([A-Z_][A-Z0-9_]*=)("[^"]*"?|'[^']*'?|[^\s"';]+)`)

// plainNames are variables that say how a server is run, and hold no secret.
var plainNames = []string{"PORT", "HOST", "PATH", "PYTHONPATH", "PYTHONUNBUFFERED", "WEB_CONCURRENCY", "GUNICORN_CMD_ARGS", "FLASK_APP", "FLASK_ENV", "LANG", "LC_ALL", "TZ"}

func hideAssignment(m string) string {
	p := assignment.FindStringSubmatch(m)
	if slices.Contains(plainNames, strings.TrimSuffix(p[2], "=")) {
		return m
	}
	return p[1] + p[2] + hide(p[3])
}

func hideVariable(w string) string {
	name, value, ok := strings.Cut(w, "=")
	if !ok || value == "" || slices.Contains(plainNames, name) {
		return w
	}
	return name + "=" + hiddenText
}
