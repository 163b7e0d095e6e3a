package watch

import (
	"errors"
	"io/fs"
	"path"
	"strings"
	"sync"

	"github.com/fsnotify/fsnotify"
	"github.com/gatemend/gatemend/detect/pathwalk"
	"golang.org/x/sys/unix"
)

// Scope says how much of a path a [Sub] wants to know of.
type Scope int

const (
	// Leaf is the file itself, and those beside it whose names begin with its name (a log's
	// rotated ones). Its directory is watched, or the nearest that exists.
	Leaf Scope = iota
	// Chain is the path itself and every directory on it: also what happens to those.
	Chain
)

// Note is what happened since the last one.
type Note struct {
	Structure bool   // something was made, removed or renamed: not only written to or changed in mode
	Lost      string // why events may be missing, for a person; "" when none are
	Polled    bool   // nothing is known to have happened: it is only time to look
}

// Sub is a subscription to one path.
type Sub struct {
	w     *Watcher
	path  string
	scope Scope
	wake  chan struct{}

	mu   sync.Mutex
	note Note

	// Owned by the Watcher, under its lock.
	steps map[string]bool // real paths that an event must be about
	leaf  string          // real path of the file
	dirs  []string        // watched for this sub
	blind bool            // a directory could not be watched: polled
	why   error           // and that is not only because it has just gone
}

// C is ready when there is a note.
func (s *Sub) C() <-chan struct{} { return s.wake }

// Take gives what happened since the last Take.
func (s *Sub) Take() Note {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := s.note
	s.note = Note{}
	return n
}

// Close ends the subscription.
func (s *Sub) Close() { s.w.drop(s) }

func (s *Sub) tell(n Note) {
	s.mu.Lock()
	s.note.Polled = n.Polled && (s.note.Polled || s.note == Note{})
	s.note.Structure = s.note.Structure || n.Structure
	if n.Lost != "" {
		s.note.Lost = n.Lost
	}
	s.mu.Unlock()
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

// concerns tells whether an event is this sub's, and whether it may have changed what has to
// be watched: a directory of the path was made, removed or renamed, or a link.
func (s *Sub) concerns(e fsnotify.Event) (mine, rearm bool) {
	structural := e.Op.Has(fsnotify.Create) || e.Op.Has(fsnotify.Remove) || e.Op.Has(fsnotify.Rename)
	switch {
	case e.Name == s.leaf:
		return true, structural
	case s.steps[e.Name]:
		return s.scope == Chain || structural, structural
	case s.scope == Leaf && strings.HasPrefix(e.Name, s.leaf):
		return path.Dir(e.Name) == path.Dir(s.leaf), false
	}
	return false, false
}

// arm walks the path and watches its directories. Each is watched before the next component
// is looked at, so that one made meanwhile is either seen or makes an event. What was watched
// before and is not any more is let go at the end.
func (s *Sub) arm() {
	before := s.dirs
	s.dirs, s.steps, s.leaf, s.blind = nil, map[string]bool{}, s.path, s.w.fs == nil
	s.why = nil
	pathwalk.Walk("", s.path, func(step pathwalk.Step) bool {
		s.steps[step.Real] = true
		s.leaf = step.Real // in the end the file, or the first component that is missing
		if step.Kind() == unix.S_IFDIR {
			s.watch(step.Real)
		}
		return true
	})
	for _, dir := range before {
		s.w.release(dir)
	}
}

func (s *Sub) watch(dir string) {
	if dir == s.path {
		return // a directory that stands where the file should be is told of by its parent
	}
	if err := s.w.hold(dir); err != nil {
		s.blind = true
		// A directory that is closed to our user stays so: polled, and no trouble of the machine's.
		if s.w.fs != nil && !errors.Is(err, fs.ErrNotExist) && !errors.Is(err, fs.ErrPermission) {
			s.why = err
		}
		return
	}
	s.dirs = append(s.dirs, dir)
	if s.scope == Leaf && len(s.dirs) > 1 {
		s.w.release(s.dirs[0])
		s.dirs = s.dirs[1:]
	}
}
