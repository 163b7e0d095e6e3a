package config

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/gatemend/gatemend/detect"
	"github.com/gatemend/gatemend/policy"
)

// reader walks the tree and collects what is wrong.
type reader struct {
	file     string
	lines    []string
	problems Problems
}

// field is one key that a group may hold.
type field struct {
	name string
	read func(*node)
}

// wrong records a problem at a node. write may be empty.
func (r *reader) wrong(n *node, write, format string, args ...any) {
	r.problems = append(r.problems, r.problem(n.line, n.column, write, fmt.Sprintf(format, args...)))
}

func (r *reader) problem(line, column int, write, message string) Problem {
	return Problem{File: r.file, Line: line, Column: column, Message: detect.Scrub(hideURLs(message)), Write: write,
		Excerpt: excerpt(r.lines, line, column)}
}

// group reads a mapping whose keys are known. where names it in messages.
func (r *reader) group(n *node, where string, fields ...field) {
	if n.kind == empty {
		return
	}
	if n.kind != mapping {
		r.wrong(n, "", "%s must be a group of keys, but is %s", where, n.kind)
		return
	}
	names := make([]string, len(fields))
	for i, f := range fields {
		names[i] = f.name
	}
	r.keys(n, where, func(key, value *node) {
		if i := slices.Index(names, key.text); i >= 0 {
			fields[i].read(value)
			return
		}
		r.unknown(key, where, names)
	})
}

// keys walks a mapping, and refuses what is given twice.
func (r *reader) keys(n *node, where string, visit func(key, value *node)) {
	seen := map[string]int{}
	n.pairs(func(key, value *node) {
		if first, twice := seen[key.text]; twice {
			r.wrong(key, "it once", "%q is given twice in %s, first in line %d", key.text, where, first)
			return
		}
		seen[key.text] = key.line
		visit(key, value)
	})
}

func (r *reader) unknown(key *node, where string, names []string) {
	if near := closest(key.text, names); near != "" {
		r.wrong(key, near, "unknown key %q in %s (did you mean %q?)", key.text, where, near)
		return
	}
	r.wrong(key, "one of "+strings.Join(names, ", "), "unknown key %q in %s", key.text, where)
}

// text reads a single value; ok is false, and a problem recorded, when it is none.
func (r *reader) text(n *node, where string) (string, bool) {
	if n.kind == scalar && n.text != "" {
		return n.text, true
	}
	what := n.kind.String()
	if n.kind == scalar {
		what = "empty"
	}
	r.wrong(n, "", "%s must be a single value, but is %s", where, what)
	return "", false
}

// texts reads a list of single values. One value alone is taken as a list of one.
func (r *reader) texts(n *node, where string) []*node {
	switch n.kind {
	case empty:
		return nil
	case scalar:
		return []*node{n}
	case list:
		return slices.DeleteFunc(slices.Clone(n.items), func(item *node) bool {
			_, ok := r.text(item, where)
			return !ok
		})
	}
	r.wrong(n, "[…]", "%s must be a list, but is %s", where, n.kind)
	return nil
}

// word reads one of a few words.
func word[T ~string](r *reader, n *node, where string, to *T, known ...T) {
	s, ok := r.text(n, where)
	if !ok {
		return
	}
	names := make([]string, len(known))
	for i, k := range known {
		names[i] = string(k)
	}
	if slices.Contains(names, s) {
		*to = T(s)
		return
	}
	write := strings.Join(names, " or ")
	if near := closest(s, names); near != "" {
		write = near
	}
	r.wrong(n, write, "%s cannot be %q", where, s)
}

// span reads a length of time between low and high.
func (r *reader) span(n *node, where string, to *detect.Span, low, high detect.Span) {
	s, ok := r.text(n, where)
	if !ok {
		return
	}
	got, err := parseSpan(s)
	switch {
	case err != nil:
		r.wrong(n, err.write, "%s: %s", where, err.message)
	case got < low || got > high:
		r.wrong(n, fmt.Sprintf("%s to %s", formatSpan(low), formatSpan(high)), "%s cannot be %s", where, s)
	default:
		*to = got
	}
}

// count reads a whole number between low and high.
func (r *reader) count(n *node, where string, to *int, low, high int) {
	s, ok := r.text(n, where)
	if !ok {
		return
	}
	got, err := strconv.Atoi(s)
	if err != nil || got < low || got > high {
		r.wrong(n, fmt.Sprintf("a number from %d to %d", low, high), "%s cannot be %q", where, s)
		return
	}
	*to = got
}

// rate reads "3/1h".
func (r *reader) rate(n *node, where string, to *policy.Rate) {
	s, ok := r.text(n, where)
	if !ok {
		return
	}
	got, why := parseRate(s)
	if why != "" {
		r.wrong(n, "a number, a slash and a time, such as 3/1h", "%s cannot be %q: %s", where, s, why)
		return
	}
	*to = got
}
