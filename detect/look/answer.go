package look

import (
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/gatemend/gatemend/detect/wire"
)

// The verbs on look.sock.
const (
	verbConnect      = "connect"
	verbTest         = "nginx-test"
	verbConf         = "nginx-conf"
	verbForeign      = "foreign"
	verbListeners    = "listeners"
	verbPath         = "path"
	verbUnit         = "unit"
	verbFingerprints = "fingerprints"
	verbTouched      = "touched"
	verbNamed        = "named"
	verbProcesses    = "processes"
	verbHost         = "host"
)

// query is what a line may name, and nothing else: a site, a route's path, which of its units.
type query struct {
	site, route string
	of          Of
}

// verb is one line of the table: how many words follow it, and who answers.
type verb struct {
	words  int
	answer func(ctx context.Context, l *Local, q query) (any, error)
}

// verbs is the whole of what can be asked of root, but for connect.
var verbs = map[string]verb{
	verbTest:    {0, func(ctx context.Context, l *Local, _ query) (any, error) { return l.NginxTest(ctx) }},
	verbConf:    {0, func(ctx context.Context, l *Local, _ query) (any, error) { return partOf(l.NginxConf(ctx)), nil }},
	verbForeign: {0, func(ctx context.Context, l *Local, _ query) (any, error) { return l.Foreign(ctx) }},
	verbFingerprints: {1, func(ctx context.Context, l *Local, q query) (any, error) {
		return l.Fingerprints(ctx, q.site)
	}},
	verbListeners: {2, func(ctx context.Context, l *Local, q query) (any, error) {
		return l.Listeners(ctx, q.site, q.route)
	}},
	verbPath:      {2, func(ctx context.Context, l *Local, q query) (any, error) { return l.Path(ctx, q.site, q.route) }},
	verbTouched:   {2, func(ctx context.Context, l *Local, q query) (any, error) { return l.Touched(ctx, q.site, q.route) }},
	verbNamed:     {2, func(ctx context.Context, l *Local, q query) (any, error) { return l.Named(ctx, q.site, q.route) }},
	verbProcesses: {2, func(ctx context.Context, l *Local, q query) (any, error) { return l.Processes(ctx, q.site, q.route) }},
	verbHost: {2, func(ctx context.Context, l *Local, q query) (any, error) {
		return partOf(l.Host(ctx, q.site, q.route)), nil
	}},
	verbUnit: {3, func(ctx context.Context, l *Local, q query) (any, error) { return l.Unit(ctx, q.site, q.route, q.of) }},
}

// Answer answers one line on look.sock; it is a [wire.Handler]. Of host and nginx-conf, a part is an answer too.
func (l *Local) Answer(ctx context.Context, _ int, words []string) (any, *os.File, error) {
	name := words[0]
	v, known := verbs[name]
	if name == verbConnect {
		v, known = verb{words: 2}, true
	}
	if !known || len(words) != v.words+1 {
		return nil, nil, fmt.Errorf("cannot look: %q is none of the verbs", wire.Line(words...))
	}
	q := query{}
	for i, into := range []*string{&q.site, &q.route, (*string)(&q.of)} {
		if i < v.words {
			*into = words[i+1]
		}
	}
	if name == verbConnect {
		return l.answerConnect(ctx, q)
	}
	data, err := v.answer(ctx, l, q)
	return data, nil, err
}

// part is what could be learnt, and what could not.
type part[T any] struct {
	Known T      `json:"known,omitempty"`
	Lack  string `json:"lack,omitempty"`
}

func partOf[T any](known T, err error) part[T] {
	if err != nil {
		return part[T]{known, err.Error()}
	}
	return part[T]{Known: known}
}

func (p part[T]) both(err error) (T, error) {
	if err == nil && p.Lack != "" {
		err = errors.New(p.Lack)
	}
	return p.Known, err
}
