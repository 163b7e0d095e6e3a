package gunicorn

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

// wanted are the settings read from a configuration file.
var wanted = map[string]bool{
	"bind": true, "timeout": true, "umask": true, "worker_class": true, "threads": true, "wsgi_app": true, "chdir": true,
	"errorlog": true, "accesslog": true,
}

var (
	assignment = regexp.MustCompile(`^([a-z_]+)\s*(?::\s*[A-Za-z\[\], .|]+)?=\s*([^=].*)$`)
	otherwise  = regexp.MustCompile(`^\s*([a-z_]+)\s*(?::[^=]+)?\+?=[^=]`)
	starImport = regexp.MustCompile(`^\s*from\s+\S+\s+import\s+\*`)
)

// parseConfig reads a gunicorn.conf.py as text: assignments of plain values at the outermost level.
// A setting that is computed, or assigned inside a branch, is opaque.
func parseConfig(text, file string) settings {
	s := settings{}
	lines := strings.Split(strings.ReplaceAll(text, "\r\n", "\n"), "\n")
	var docstring bool
	for i, line := range lines {
		where := fmt.Sprintf("%s:%d", file, i+1)
		fences := strings.Count(line, `"""`) + strings.Count(line, `'''`)
		if docstring || fences%2 == 1 {
			docstring = docstring != (fences%2 == 1)
			continue
		}
		if starImport.MatchString(line) {
			for name := range wanted {
				s[name] = setting{where: where, opaque: true}
			}
			continue
		}
		if m := assignment.FindStringSubmatch(line); m != nil && wanted[m[1]] {
			values, ok := literal(m[2], lines[i+1:])
			s[m[1]] = setting{values: values, where: where, opaque: !ok}
		} else if m := otherwise.FindStringSubmatch(line); m != nil && wanted[m[1]] {
			s[m[1]] = setting{where: where, opaque: true}
		}
	}
	return s
}

// literal reads a plain value: a string, a number, None, or a list or tuple of strings, which may go
// on over the lines that follow.
func literal(text string, following []string) ([]string, bool) {
	p := scanner{rest: text, lines: following}
	p.space()
	switch p.peek() {
	case '[':
		return p.list(']')
	case '(':
		return p.list(')')
	case '"', '\'':
		v, ok := p.quoted()
		return []string{v}, ok && p.ends()
	}
	word := strings.TrimSpace(uncomment(p.rest))
	if word == "None" {
		return nil, true
	}
	if n, err := strconv.ParseInt(strings.ReplaceAll(word, "_", ""), 0, 64); err == nil {
		return []string{strconv.FormatInt(n, 10)}, true
	}
	return nil, false
}

func uncomment(s string) string {
	s, _, _ = strings.Cut(s, "#")
	return s
}
