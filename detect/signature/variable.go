package signature

import (
	"regexp"
	"strings"

	"github.com/gatemend/gatemend/detect"
)

// shout is how people write the name of an environment variable: at least two words, or said to be one.
const shout = `[A-Z][A-Z0-9]*_[A-Z0-9_]+`

// Messages that name a missing variable: of people's own checks, and of the libraries that read settings
// (django-environ, environs, python-decouple, starlette.config, Flask-SQLAlchemy, Django itself).
var (
	missingNames = []*regexp.Regexp{
		regexp.MustCompile(`(?i:environment variables?):? ['"‘“]?([A-Z][A-Z0-9_]+)\b`),
		regexp.MustCompile(`\b([A-Z][A-Z0-9_]{2,})['"’”]? (?i:environment variable|env(?:ironment)? var)`),
		regexp.MustCompile(`\b(` + shout + `)\b['"’”]?(?: \w+){0,4}? (?:not set|is required|must be set|not found|not defined|is missing|is unset|is empty|cannot be empty)`),
		regexp.MustCompile(`(?i:\bmissing|please set|need to set|must set|must define|you need)\b[^.]{0,40}?\b(` + shout + `)\b`),
		regexp.MustCompile(`'(SQLALCHEMY_DATABASE_URI)' or '\w+' must be set`),
		regexp.MustCompile(`The (SECRET_KEY) setting must not be empty`),
		regexp.MustCompile(`^"?Config '(\w+)' is missing, and has no default`),
	}
	keyName = regexp.MustCompile(`^'([A-Za-z_][A-Za-z0-9_]*)'$`)
	// readsName is a line of source that reads a variable without insisting on it.
	readsName = regexp.MustCompile(`(?:environ(?:\.get)?\s*[\[(]|getenv\()\s*["'](\w+)["']`)
	// settings is pydantic's summary, behind which each field stands on a line of its own.
	settings  = regexp.MustCompile(`^\d+ validation errors? for (\w+)$`)
	settingOf = regexp.MustCompile(`(?i)settings|config|env|conf`)
)

// variable notes which variable a message says is missing. Of a bare KeyError only the frames above it tell
// whether it is the environment's, see block.
func variable(l *detect.Line, kind, message string) {
	if kind == "KeyError" {
		if m := keyName.FindStringSubmatch(message); m != nil {
			l.Attr["key"] = m[1]
			return
		}
	}
	if kind == "UndefinedValueError" { // python-decouple: "SECRET_KEY not found. Declare it as envvar or define a default value."
		l.Attr["variable"], _, _ = strings.Cut(message, " ")
		return
	}
	for _, re := range missingNames {
		if m := re.FindStringSubmatch(message); m != nil {
			l.Attr["variable"] = m[1]
			return
		}
	}
}

// field takes a line behind pydantic's summary: a field's name, or what is wrong with it. The first that is
// required and not there is what the settings lack.
func (b *block) field(text string) bool {
	if settings.FindStringSubmatch(b.text) == nil || len(b.fields) > 2*maxFields {
		return false
	}
	trimmed := strings.TrimSpace(text)
	switch {
	case trimmed == "" || strings.HasPrefix(trimmed, "Traceback"):
		return false
	case !strings.HasPrefix(text, " ") && strings.ContainsRune(trimmed, ' '):
		return false
	}
	b.fields = append(b.fields, text)
	return true
}

const maxFields = 40

// lacks is the variable that settings lack: pydantic's are named like the field, in capitals.
func (b *block) lacks() string {
	m := settings.FindStringSubmatch(b.text)
	if m == nil || !settingOf.MatchString(m[1]) && !b.readsSettings() {
		return ""
	}
	name := ""
	for _, f := range b.fields {
		if !strings.HasPrefix(f, " ") {
			name = strings.TrimSpace(f)
		} else if strings.Contains(strings.ToLower(f), "field required") && name != "" {
			return strings.ToUpper(detect.Clean(name))
		}
	}
	return ""
}

// readsSettings tells pydantic's own classes for settings in the frames.
func (b *block) readsSettings() bool {
	for _, f := range b.frames {
		if strings.Contains(f.file, "pydantic_settings/") || strings.HasSuffix(f.file, "pydantic/env_settings.py") || strings.HasPrefix(f.in, "pydantic.env_settings") {
			return true
		}
	}
	return false
}

// noneOf is the variable that was read on the way and is not there: None was used as if it were a value.
func (b *block) noneOf(kind, message string) string {
	switch {
	case b.read == "":
	case strings.Contains(message, "NoneType"), strings.HasSuffix(message, "got None"), kind == "AssertionError":
		return detect.Clean(b.read)
	}
	return ""
}
