package config

import (
	"slices"
	"strings"

	"github.com/gatemend/gatemend/detect"
	"github.com/gatemend/gatemend/policy"
)

// ladders reads `cause: [action, ask action]`. An empty list leaves the cause to a person.
func (r *reader) ladders(n *node, p *policy.Settings) {
	if n.kind == empty {
		return
	}
	if n.kind != mapping {
		r.wrong(n, "cause: [action, …]", "ladders must be a group of causes, but is %s", n.kind)
		return
	}
	r.keys(n, "ladders", func(key, value *node) {
		cause := detect.Cause(key.text)
		if _, ok := detect.Info(cause); !ok {
			r.unknownCause(key)
			return
		}
		if p.Ladders == nil {
			p.Ladders = map[detect.Cause][]policy.Rung{}
		}
		p.Ladders[cause] = r.ladder(value, cause)
	})
}

func (r *reader) unknownCause(key *node) {
	names := make([]string, len(detect.Catalogue))
	for i, info := range detect.Catalogue {
		names[i] = string(info.Cause)
	}
	if near := closest(key.text, names); near != "" {
		r.wrong(key, near, "unknown cause %q in ladders (did you mean %q?)", key.text, near)
		return
	}
	r.wrong(key, "one that `gatemend explain` lists", "unknown cause %q in ladders", key.text)
}

func (r *reader) ladder(n *node, cause detect.Cause) []policy.Rung {
	rungs := []policy.Rung{}
	for _, item := range r.texts(n, "the ladder of "+string(cause)) {
		rung, ok := r.rung(item, cause)
		if !ok {
			continue
		}
		if slices.ContainsFunc(rungs, func(o policy.Rung) bool { return o.Verb == rung.Verb }) {
			r.wrong(item, "it once", "%s is twice in the ladder of %s", rung.Verb, cause)
			continue
		}
		rungs = append(rungs, rung)
	}
	return rungs
}

// rung reads one action. Which actions a cause may have is policy's table: a verb that cannot
// help (a restart does not mend an import error) can be neither decided nor configured.
func (r *reader) rung(n *node, cause detect.Cause) (policy.Rung, bool) {
	rung, err := policy.ParseRung(n.text)
	if err != nil {
		r.wrong(n, suggestVerb(strings.TrimPrefix(n.text, "ask "), cause), "unknown action %q in the ladder of %s", n.text, cause)
		return rung, false
	}
	if !slices.Contains(policy.Allowed(cause), rung.Verb) {
		r.wrong(n, allowedWords(cause), "%s is not safe, or does not help, for %s", rung.Verb, cause)
		return rung, false
	}
	return rung, true
}

func suggestVerb(word string, cause detect.Cause) string {
	if near := closest(word, allowedNames(cause)); near != "" {
		return near
	}
	return allowedWords(cause)
}

// allowedWords says what the ladder of a cause may hold, as a person would write it.
func allowedWords(cause detect.Cause) string {
	if names := allowedNames(cause); len(names) > 0 {
		return strings.Join(names, ", ") + ", or [] to leave it to a person"
	}
	return "[]: only a person can mend this"
}

func allowedNames(cause detect.Cause) []string {
	var names []string
	for _, v := range policy.Allowed(cause) {
		names = append(names, string(v))
	}
	return names
}
