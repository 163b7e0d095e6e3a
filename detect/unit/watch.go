package unit

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/gatemend/gatemend/detect"
	"github.com/gatemend/gatemend/detect/pulse"
)

// Times of the sensor.
const (
	// settle is how long further signals of a unit are gathered into one re-read: each change comes as
	// a Service and a Unit signal, repeated and mixed.
	settle       = 20 * time.Millisecond
	firstBackoff = 50 * time.Millisecond
	lastBackoff  = 5 * time.Second
	// busTime is for what is asked of D-Bus between two waits, each question with its own deadline.
	busTime = time.Minute
)

// Watch reports changes of units until ctx ends, whose error it returns. units maps a unit's name to
// the sites it serves; one trigger is sent for each of them, "" for a unit of all sites (nginx). A
// connection that is lost is reported at once ([detect.Trigger].Lost, no site), made again, and
// followed by a re-read of every unit, reported the same way. Sending to out blocks.
func Watch(ctx context.Context, units map[string][]string, out chan<- detect.Trigger) error {
	w := &watcher{units: units, out: out, last: map[string]state{}, beat: pulse.Begin(ctx, "the sensor of units")}
	defer w.beat.End()
	backoff := firstBackoff
	for {
		lived, err := w.session(ctx)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if lived || !w.lost {
			w.lose(ctx, err)
		}
		if lived {
			backoff = firstBackoff
		}
		if !w.sleep(ctx, backoff) {
			return ctx.Err()
		}
		backoff = min(2*backoff, lastBackoff)
	}
}

func (w *watcher) sleep(ctx context.Context, d time.Duration) bool {
	defer w.beat.Enter("wait for D-Bus", d)()
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-t.C:
		return true
	}
}

// watcher holds what was last seen of each unit, over connections.
type watcher struct {
	units map[string][]string
	out   chan<- detect.Trigger
	last  map[string]state
	lost  bool
	beat  *pulse.Pulse
}

var errLost = errors.New("the connection was closed")

// session watches over one connection. It tells whether the connection came to work, and how it ended.
func (w *watcher) session(ctx context.Context) (lived bool, err error) {
	s, err := w.connect(ctx)
	if err != nil {
		return false, err
	}
	defer s.close()
	if w.lost {
		w.lost = false
		w.send(ctx, "", "connected to D-Bus again, every unit was read anew", true)
	}
	return true, w.follow(ctx, s)
}

// connect subscribes first and reads second: what changes in between is seen at least once.
func (w *watcher) connect(ctx context.Context) (*subscription, error) {
	defer w.beat.Enter("connect to D-Bus", busTime)()
	s, err := subscribe(ctx, w.names())
	if err != nil {
		return nil, err
	}
	if err := w.readAll(ctx, s); err != nil {
		s.close()
		return nil, err
	}
	return s, nil
}

// follow re-reads a unit at once when a signal names it, and once more when its signals have settled.
// The timer runs only between the two.
func (w *watcher) follow(ctx context.Context, s *subscription) error {
	var timer <-chan time.Time
	dirty := map[string]bool{}
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case answered := <-w.beat.Ping():
			close(answered)
		case sig, ok := <-s.signals:
			if !ok || sig == nil { // godbus closes the channel when the bus goes away
				return errLost
			}
			name, ours := s.paths[sig.Path]
			if !ours {
				continue
			}
			if timer == nil {
				if err := w.read(ctx, s, name); err != nil {
					return err
				}
				timer = time.After(settle)
			}
			dirty[name] = true
		case <-timer:
			timer = nil
			for name := range dirty {
				if err := w.read(ctx, s, name); err != nil {
					return err
				}
			}
			clear(dirty)
		}
	}
}

func (w *watcher) readAll(ctx context.Context, s *subscription) error {
	for _, name := range w.names() {
		if err := w.read(ctx, s, name); err != nil {
			return err
		}
	}
	return nil
}

// read compares a unit with what was last seen of it, and reports a difference. The first sight of a
// unit is none.
func (w *watcher) read(ctx context.Context, s *subscription, name string) error {
	defer w.beat.Enter("read "+name, busTime)()
	now, err := s.state(ctx, name)
	if err != nil {
		return err
	}
	before, known := w.last[name]
	w.last[name] = now
	if !known || before == now {
		return nil
	}
	why := fmt.Sprintf("%s: %v → %v", name, before, now)
	for _, site := range w.units[name] {
		w.send(ctx, site, why, false)
	}
	return nil
}

func (w *watcher) lose(ctx context.Context, err error) {
	w.lost = true
	w.send(ctx, "", fmt.Sprintf("no connection to D-Bus: %v; trying again", err), true)
}

func (w *watcher) send(ctx context.Context, site, why string, lost bool) {
	t := detect.Trigger{At: detect.At(time.Now()), Site: site, Sensor: detect.SensorUnit, Why: detect.Clean(why), Lost: lost}
	select {
	case w.out <- t:
	case <-ctx.Done():
	}
}

func (w *watcher) names() []string {
	var names []string
	for name := range w.units {
		if strings.TrimSpace(name) != "" {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}
