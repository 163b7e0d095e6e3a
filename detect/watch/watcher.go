package watch

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/fsnotify/fsnotify"
	"github.com/gatemend/gatemend/detect/pulse"
)

// pollEvery is how often subs are told to look while events cannot be had.
const pollEvery = 5 * time.Second

// Watcher is the process's inotify instance. It is safe for concurrent use; [Watcher.Run]
// must be running for subs to be woken.
type Watcher struct {
	open func() (*fsnotify.Watcher, error)
	poll time.Duration
	kick chan struct{} // something for the loop to see to

	mu      sync.Mutex
	fs      *fsnotify.Watcher // nil: there is none, subs are polled
	subs    map[*Sub]bool
	holders map[string]int // subs that want a directory watched
	trouble string
	lost    string        // reported by the instance, not yet told to the subs
	blind   bool          // some sub is polled
	turned  chan struct{} // closed when blind changes
}

// New opens the instance. It never fails: without one, subs are polled and Trouble tells why.
func New() *Watcher { return newWatcher(fsnotify.NewWatcher, pollEvery) }

func newWatcher(open func() (*fsnotify.Watcher, error), poll time.Duration) *Watcher {
	w := &Watcher{open: open, poll: poll, kick: make(chan struct{}, 1), subs: map[*Sub]bool{}, holders: map[string]int{}, turned: make(chan struct{})}
	w.reopen()
	return w
}

// Trouble says, for a person, why events cannot be had at present; "" when they can.
func (w *Watcher) Trouble() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.troubled()
}

func (w *Watcher) troubled() string {
	if w.trouble != "" {
		return w.trouble
	}
	for s := range w.subs {
		if s.why != nil {
			return fmt.Sprintf("%v by inotify; looking every %v instead (see fs.inotify.max_user_watches)", s.why, w.poll)
		}
	}
	return ""
}

// Sense waits until events cannot be had, and says why; nil when ctx ends first. It is how a
// loss of files' events is told of: the subs themselves go on, by polling.
func (w *Watcher) Sense(ctx context.Context) error {
	for {
		w.mu.Lock()
		why, turned := w.troubled(), w.turned
		w.mu.Unlock()
		if why != "" {
			return errors.New(why)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-turned:
		}
	}
}

// Subscribe wakes the sub whenever something happens to path, from now on. Look at the path
// after it returns, not before. The path need not exist; it must be absolute.
func (w *Watcher) Subscribe(path string, scope Scope) *Sub {
	s := &Sub{w: w, path: path, scope: scope, wake: make(chan struct{}, 1)}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.subs[s] = true
	s.arm()
	w.nudge()
	return s
}

func (w *Watcher) drop(s *Sub) {
	w.mu.Lock()
	defer w.mu.Unlock()
	delete(w.subs, s)
	for _, dir := range s.dirs {
		w.release(dir)
	}
	s.dirs = nil
}

// Run passes events to the subs until ctx ends. It closes the instance: run it once.
func (w *Watcher) Run(ctx context.Context) error {
	defer w.close()
	beat := pulse.Begin(ctx, "the watcher of files")
	defer beat.End()
	tick := time.NewTicker(w.poll)
	tick.Stop()
	defer tick.Stop()
	for ticking := false; ; {
		if blind := w.settle(); blind != ticking {
			ticking = blind
			if tick.Stop(); blind {
				tick.Reset(w.poll)
			}
		}
		select {
		case <-ctx.Done():
			return nil
		case answered := <-beat.Ping():
			close(answered)
		case e, ok := <-w.events():
			if !ok {
				w.fail(errors.New("inotify instance closed"))
				continue
			}
			w.dispatch(e)
		case <-tick.C:
			w.pollOnce()
		case <-w.kick:
		}
	}
}

// settle does what came up outside of the loop, and tells whether any sub has to be polled: an
// idle agent has no timer under five seconds.
func (w *Watcher) settle() (blind bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.lost != "" {
		w.tellAll(Note{Structure: true, Lost: w.lost})
		w.lost = ""
	}
	blind = w.fs == nil
	for s := range w.subs {
		blind = blind || s.blind
	}
	if blind != w.blind {
		w.blind = blind
		close(w.turned)
		w.turned = make(chan struct{})
	}
	return blind
}

func (w *Watcher) events() chan fsnotify.Event {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.fs == nil {
		return nil
	}
	return w.fs.Events
}

func (w *Watcher) dispatch(e fsnotify.Event) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for s := range w.subs {
		mine, rearm := s.concerns(e)
		if rearm {
			s.arm()
		}
		if mine {
			s.tell(Note{Structure: e.Op&(fsnotify.Create|fsnotify.Remove|fsnotify.Rename) != 0})
		}
	}
}

// pollOnce tries to get events back, and has the subs look that have none.
func (w *Watcher) pollOnce() {
	w.mu.Lock()
	gone := w.fs == nil
	w.mu.Unlock()
	if gone && w.reopen() {
		return
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	for s := range w.subs {
		if s.blind {
			s.arm()
			s.tell(Note{Structure: true, Polled: true})
		}
	}
}

// reopen gets an instance and subscribes everything anew.
func (w *Watcher) reopen() bool {
	fs, err := w.open()
	w.mu.Lock()
	defer w.mu.Unlock()
	if err != nil {
		w.trouble = fmt.Sprintf("cannot watch files by inotify: %v; looking every %v instead (see fs.inotify.max_user_instances)", err, w.poll)
		return false
	}
	w.fs, w.trouble, w.holders = fs, "", map[string]int{}
	go w.drainErrors(fs)
	for s := range w.subs {
		s.dirs = nil
	}
	w.tellAll(Note{Structure: true, Lost: "files are watched again"})
	return true
}

// drainErrors reads errors apart from the loop: fsnotify reports one while it holds the lock
// that Add needs (backend_inotify.go, IN_MOVE_SELF), so a loop that adds would hang.
func (w *Watcher) drainErrors(fs *fsnotify.Watcher) {
	for err := range fs.Errors {
		w.mu.Lock()
		if errors.Is(err, fsnotify.ErrEventOverflow) {
			w.lost = "too many file events at once: some were lost"
		} else {
			w.lost = fmt.Sprintf("watching files: %v", err)
		}
		w.mu.Unlock()
		w.nudge()
	}
}

func (w *Watcher) fail(err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.fs, w.trouble = nil, fmt.Sprintf("cannot watch files: %v", err)
	w.tellAll(Note{Structure: true, Lost: w.trouble})
}

// tellAll has every sub look, and watches anew what there is now.
func (w *Watcher) tellAll(n Note) {
	for s := range w.subs {
		s.arm()
		s.tell(n)
	}
}

func (w *Watcher) close() {
	w.mu.Lock()
	fs := w.fs
	w.fs = nil
	w.mu.Unlock()
	if fs != nil {
		_ = fs.Close()
	}
}

func (w *Watcher) nudge() {
	select {
	case w.kick <- struct{}{}:
	default:
	}
}

// hold has a directory watched. It is added each time: when it was replaced by another of the
// same name, that is the only way to watch the new one, and else it changes nothing.
func (w *Watcher) hold(dir string) error {
	if w.fs == nil {
		return errors.New("no inotify instance")
	}
	if err := w.fs.Add(dir); err != nil {
		return fmt.Errorf("cannot watch directory %q: %w", dir, err)
	}
	w.holders[dir]++
	return nil
}

func (w *Watcher) release(dir string) {
	w.holders[dir]--
	if w.holders[dir] > 0 {
		return
	}
	delete(w.holders, dir)
	if w.fs != nil {
		_ = w.fs.Remove(dir) // already gone with the directory, as often as not
	}
}

// Subs is how many subscriptions there are, for status.
func (w *Watcher) Subs() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return len(w.subs)
}
