package signature

import (
	"regexp"
	"strconv"
	"strings"

	"github.com/gatemend/gatemend/detect"
)

var (
	// exception is the last line of a traceback: `sqlalchemy.exc.OperationalError: text`.
	exception = regexp.MustCompile(`^((?:[A-Za-z_]\w*\.)*[A-Za-z_]\w*)(?:: (.*))?$`)
	// looksRaised is what an exception's class is mostly called: text outside of a traceback
	// counts only with such a name.
	looksRaised = regexp.MustCompile(`(?:^|[\s>\]*])((?:[A-Za-z_]\w*\.)*(?:[A-Z]\w*(?:Error|Exception|Exit)|ImproperlyConfigured|AppRegistryNotReady|HaltServer|DistributionNotFound|VersionConflict))(?:: (.*?)|: ?|\*\*)?$`)

	errnoText  = regexp.MustCompile(`\[Errno (-?\d+)\]`)
	quotedPath = regexp.MustCompile(`: b?'(/[^']*)'|'(/[^']*)' isn't writable`)
	listenPath = regexp.MustCompile(`listen on [^:\s]*:(/[^:\s]+): \[Errno 98\]`) // Twisted
	noModule   = regexp.MustCompile(`No module named '?([\w.-]+)'?`)
	cannotName = regexp.MustCompile(`cannot import name '?(\w+)'?(?: from (?:partially initialized module )?'([\w.]+)')?`)
)

// bare reads an exception's line that stands alone, as people paste it.
func bare(text string) (detect.Line, bool) {
	m := looksRaised.FindStringSubmatch(strings.TrimRight(text, " *"))
	if m == nil || strings.HasPrefix(text, " ") {
		return detect.Line{}, false
	}
	l := detect.Line{Event: detect.EventBareException, Attr: map[string]string{}}
	raised(&l, m[1], m[2])
	if l.Attr["kind"] == "HaltServer" {
		return halt(text), true
	}
	return l, true
}

// halt is gunicorn's own exception for "a worker could not boot": a consequence.
func halt(text string) detect.Line {
	e := detect.EventWorkerBootFailed
	if strings.Contains(text, "App failed to load") {
		e = detect.EventAppLoadFailed
	}
	return detect.Line{Event: e, Attr: map[string]string{}}
}

// raised fills in an exception's class and what its message names.
func raised(l *detect.Line, class, message string) {
	kind := class[strings.LastIndexByte(class, '.')+1:]
	l.Attr["kind"], l.Attr["class"], l.Attr["message"] = kind, detect.Clean(class), detect.Clean(message)
	if m := errnoText.FindStringSubmatch(message); m != nil {
		l.Errno, _ = strconv.Atoi(m[1])
	}
	if m := listenPath.FindStringSubmatch(message); m != nil {
		l.Attr["path"] = detect.Clean(m[1])
	}
	if m := quotedPath.FindStringSubmatch(message); m != nil {
		l.Attr["path"] = detect.Clean(m[1] + m[2])
	}
	switch kind {
	case "ModuleNotFoundError", "ImportError":
		imported(l, message)
	default:
		variable(l, kind, message)
	}
}

func imported(l *detect.Line, message string) {
	if m := noModule.FindStringSubmatch(message); m != nil {
		l.Attr["module"] = detect.Clean(m[1])
	}
	if m := cannotName.FindStringSubmatch(message); m != nil {
		l.Attr["name"], l.Attr["module"] = detect.Clean(m[1]), detect.Clean(m[2])
	}
}
