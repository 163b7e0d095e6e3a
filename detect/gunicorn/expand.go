package gunicorn

import (
	"os"
	"strings"
)

// expandArgv does what systemd does to ExecStart= (systemd.service(5), "Command lines"): a word that
// is $NAME is replaced by the words of its value, ${NAME} inside a word by its value, $$ by $.
func expandArgv(argv []string, get func(string) (string, bool)) []string {
	var words []string
	for _, w := range argv {
		if name, ok := strings.CutPrefix(w, "$"); ok && isName(name) {
			value, _ := get(name)
			words = append(words, strings.Fields(value)...)
			continue
		}
		words = append(words, strings.ReplaceAll(braces(w, get), "$$", "$"))
	}
	return words
}

// braces replaces ${NAME} only: $NAME inside a word is left for a shell.
func braces(w string, get func(string) (string, bool)) string {
	var b strings.Builder
	for {
		before, rest, ok := strings.Cut(w, "${")
		name, after, closed := strings.Cut(rest, "}")
		if !ok || !closed || !isName(name) || strings.HasSuffix(before, "$") {
			b.WriteString(w)
			return b.String()
		}
		value, _ := get(name)
		b.WriteString(before)
		b.WriteString(value)
		w = after
	}
}

// expand does what a shell does to $NAME, ${NAME} and ${NAME:-default}. Quotes are gone by then, so
// that a '$' in single quotes is expanded too.
func expand(w string, get func(string) (string, bool)) string {
	if !strings.Contains(w, "$") {
		return w
	}
	return os.Expand(w, func(s string) string {
		name, otherwise, _ := strings.Cut(s, ":-")
		if value, ok := get(name); ok && value != "" {
			return value
		}
		return otherwise
	})
}

func isName(s string) bool { return isAssignment(s + "=") }
