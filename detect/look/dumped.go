package look

import (
	"context"
	"sync"
	"time"

	"github.com/gatemend/gatemend/detect"
	"github.com/gatemend/gatemend/detect/nginxconf"
)

// tick is how far the kernel's file times lag behind the clock at most: what changed within it after a dump
// began may carry an earlier time.
const tick = detect.Span(20_000)

// dumped keeps nginx's configuration as it was read last.
type dumped struct {
	turn chan struct{} // one dump at a time: who asks beside it takes what that one gives
	mu   sync.Mutex
	last dump
}

// dump is one reading; of the files themselves where nginx refuses them.
type dump struct {
	conf    *nginxconf.Conf
	refused error
	changed detect.Time // of its last change
	firm    bool        // nothing changed while it was read
	at      time.Time
}

func newDumped() *dumped { return &dumped{turn: make(chan struct{}, 1)} }

// read gives what was dumped within age, 0 is ever, and is still so, be another dump under way or not; else
// it dumps anew.
func (d *dumped) read(ctx context.Context, age time.Duration, now func(context.Context) (*nginxconf.Conf, error)) (*nginxconf.Conf, error) {
	if last, ok := d.usable(age); ok {
		return last.conf, last.refused
	}
	select {
	case d.turn <- struct{}{}:
		defer func() { <-d.turn }()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	if last, ok := d.usable(age); ok {
		return last.conf, last.refused
	}
	began := detect.At(time.Now())
	next := dump{}
	if next.conf, next.refused = now(ctx); next.conf != nil {
		_, next.changed = next.conf.LastChange()
		next.firm, next.at = next.changed.Add(tick) < began, time.Now()
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.last = next
	return next.conf, next.refused
}

func (d *dumped) usable(age time.Duration) (dump, bool) {
	d.mu.Lock()
	last := d.last
	d.mu.Unlock()
	if last.conf == nil || !last.firm || age != 0 && time.Since(last.at) >= age {
		return dump{}, false
	}
	_, changed := last.conf.LastChange()
	return last, changed == last.changed
}

// remembered is nginx's configuration as long as none of its files changes: for where things lie. nil where
// it cannot be read.
func (l *Local) remembered(ctx context.Context) *nginxconf.Conf {
	conf, _ := l.conf.read(ctx, 0, l.readConf)
	return conf
}
