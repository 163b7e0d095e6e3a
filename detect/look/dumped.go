package look

import (
	"context"
	"time"

	"github.com/gatemend/gatemend/detect"
	"github.com/gatemend/gatemend/detect/nginxconf"
)

// tick is how far the kernel's file times lag behind the clock at most: what changed within it after a dump
// began may carry an earlier time.
const tick = detect.Span(20_000)

// dumped is nginx's configuration as it was read last; the files themselves where nginx refuses them.
type dumped struct {
	turn    chan struct{} // one dump at a time: who asks beside it takes what that one gives
	conf    *nginxconf.Conf
	refused error
	changed detect.Time // of its last change
	firm    bool        // nothing changed while it was read
	at      time.Time
}

func newDumped() *dumped { return &dumped{turn: make(chan struct{}, 1)} }

// read gives what was dumped within age, 0 is ever, and is still so; else it dumps anew.
func (d *dumped) read(ctx context.Context, age time.Duration, now func(context.Context) (*nginxconf.Conf, error)) (*nginxconf.Conf, error) {
	select {
	case d.turn <- struct{}{}:
		defer func() { <-d.turn }()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	if d.conf != nil && d.firm && (age == 0 || time.Since(d.at) < age) {
		if _, changed := d.conf.LastChange(); changed == d.changed {
			return d.conf, d.refused
		}
	}
	began := detect.At(time.Now())
	if d.conf, d.refused = now(ctx); d.conf == nil {
		return nil, d.refused
	}
	_, d.changed = d.conf.LastChange()
	d.firm, d.at = d.changed.Add(tick) < began, time.Now()
	return d.conf, d.refused
}

// remembered is nginx's configuration as long as none of its files changes: for where things lie. nil where
// it cannot be read.
func (l *Local) remembered(ctx context.Context) *nginxconf.Conf {
	conf, _ := l.conf.read(ctx, 0, l.readConf)
	return conf
}
