package config

import (
	"fmt"
	"strings"
)

// Problem is one thing that is wrong with the file, for a person: where, what, and what to
// write instead.
type Problem struct {
	File    string `json:"file"`
	Line    int    `json:"line"`   // from 1; 0 when the whole file is meant
	Column  int    `json:"column"` // from 1; 0 when the whole line is meant
	Message string `json:"message"`
	Write   string `json:"write,omitempty"`   // what to write instead
	Excerpt string `json:"excerpt,omitempty"` // the line with its neighbours and a caret
	// Outage: this may be the very outage that the agent is for (a socket is missing while
	// gunicorn is down), so it is no reason not to start on a site that was once healthy.
	Outage bool `json:"outage,omitempty"`
	// Telling: this keeps a message from a person, not the agent from its work: it is no
	// reason not to start either.
	Telling bool   `json:"telling,omitempty"`
	Site    string `json:"site,omitempty"` // whom it concerns, where it is one site
}

// Error is "file:line: message; write …", without the excerpt.
func (p Problem) Error() string {
	s := p.File
	if p.Line > 0 {
		s = fmt.Sprintf("%s:%d", p.File, p.Line)
	}
	s += ": " + p.Message
	if p.Write != "" {
		s += "; write " + p.Write
	}
	return s
}

// Shown is Error with the excerpt below it.
func (p Problem) Shown() string {
	if p.Excerpt == "" {
		return p.Error()
	}
	return p.Error() + "\n" + p.Excerpt
}

// Problems is everything that is wrong with one file, in the order of its lines. As an
// error it shows each with its excerpt.
type Problems []Problem

func (ps Problems) Error() string {
	var b strings.Builder
	for i, p := range ps {
		if i > 0 {
			b.WriteByte('\n')
		}
		b.WriteString(p.Shown())
	}
	return b.String()
}

// Tolerated are the others: see [Problems.Fatal].
func (ps Problems) Tolerated(healthyOnce func(site string) bool) Problems {
	var out Problems
	for _, p := range ps {
		if p.tolerated(healthyOnce) {
			out = append(out, p)
		}
	}
	return out
}

// Fatal are the problems with which nothing may be started. What may be the outage itself is
// none for a site that was once healthy as it is configured now: else it is a misspelling.
func (ps Problems) Fatal(healthyOnce func(site string) bool) Problems {
	var out Problems
	for _, p := range ps {
		if !p.tolerated(healthyOnce) {
			out = append(out, p)
		}
	}
	return out
}

func (p Problem) tolerated(healthyOnce func(site string) bool) bool {
	return p.Telling || p.Outage && healthyOnce(p.Site)
}
