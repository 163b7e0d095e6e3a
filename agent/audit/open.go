package audit

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"time"

	"golang.org/x/sys/unix"

	"github.com/gatemend/gatemend/agent/journald"
	"github.com/gatemend/gatemend/detect"
	"github.com/gatemend/gatemend/detect/proc"
)

// Options of a log. Zero values are the defaults.
type Options struct {
	SegmentSize int64                            // a new segment from this size: 8 MiB
	Reserve     int64                            // bytes kept allocated for intents on a full disk: 2 MiB
	KeepBytes   int64                            // all segments together: 50 MB
	KeepTime    detect.Span                      // and their age: 90 days
	Window      detect.Span                      // the longest budget's window; kept whatever the size: 24 h
	Retry       time.Duration                    // between two tries to write what waits for the disk: 10 s
	Journal     string                           // journald's socket: [journald.Socket]
	Kept        func(since detect.Time) [][]byte // lines that journald kept instead of the disk ([FieldRecord]), oldest first; nil: not asked
	Boot        func() (string, detect.Span)     // [proc.Clock]
	Now         func() detect.Time               // the clock
}

func (o Options) withDefaults() Options {
	set := func(v *int64, d int64) {
		if *v <= 0 {
			*v = d
		}
	}
	set(&o.SegmentSize, 8<<20)
	set(&o.Reserve, 2*maxLine)
	set(&o.KeepBytes, 50e6)
	set((*int64)(&o.KeepTime), int64(90*day))
	set((*int64)(&o.Window), int64(day))
	if o.Retry <= 0 {
		o.Retry = 10 * time.Second
	}
	if o.Journal == "" {
		o.Journal = journald.Socket
	}
	if o.Boot == nil {
		o.Boot = proc.Clock
	}
	if o.Now == nil {
		o.Now = func() detect.Time { return detect.At(time.Now()) }
	}
	return o
}

const day = detect.Span(24 * time.Hour / time.Microsecond)

// ErrLocked says that another process writes the log.
var ErrLocked = errors.New("the audit log is being written by another process: is `gatemend run` active?")

// Log is the writer of a directory's log. One process has it at a time; its methods may
// be called concurrently.
type Log struct {
	dir     string
	opt     Options
	lock    *os.File // the directory, locked
	journal journal

	mu        sync.Mutex
	file      *os.File // active segment; nil while the disk does not take it
	size      int64    // of the active segment
	allocated int64    // how far it is allocated
	stuck     error    // why file is nil
	seq       int64
	hash      string
	past      history
	latest    latest
	pending   [][]byte // lines that journald has and the disk has not, in order
	waiting   int      // their bytes
	retrying  *time.Timer
	oldest    int64 // first record still kept
}

// Open locks the log of dir, makes dir when it is missing (0700), takes an unfinished last
// line aside and reads the past. On a read-only disk it opens too: Append then goes to
// journald. It errs with [ErrLocked] when another process has the log.
func Open(dir string, opt Options) (*Log, error) {
	opt = opt.withDefaults()
	if err := os.MkdirAll(dir, 0o700); err != nil && !errors.Is(err, unix.EROFS) {
		return nil, fmt.Errorf("cannot make the audit directory: %w", err)
	}
	lock, err := lockDir(dir)
	if err != nil {
		return nil, err
	}
	l := &Log{dir: dir, opt: opt, lock: lock, journal: journal{opt.Journal}, hash: Genesis, past: newHistory(), latest: latest{}, oldest: 1}
	if err := l.load(); err != nil {
		lock.Close()
		return nil, err
	}
	return l, nil
}

// lockDir locks the directory itself, which works on a read-only disk and leaves no file.
func lockDir(dir string) (*os.File, error) {
	f, err := os.Open(dir)
	if err != nil {
		return nil, fmt.Errorf("cannot open the audit directory: %w", err)
	}
	if err := unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB); err != nil {
		f.Close()
		if errors.Is(err, unix.EWOULDBLOCK) {
			return nil, ErrLocked
		}
		return nil, fmt.Errorf("cannot lock the audit directory: %w", err)
	}
	return f, nil
}

// load reads the past, mends the tail and opens the last segment for appending.
func (l *Log) load() error {
	segs, err := segments(l.dir)
	if err != nil {
		return err
	}
	if len(segs) > 0 {
		l.oldest = segs[0].first
	}
	var at detect.Time
	defer func() { l.catchUp(at) }()
	for _, s := range segs {
		for line := range lines(s.path) {
			if line.record.Seq > 0 && line.whole {
				at = line.record.At
				l.seq, l.hash = line.record.Seq, line.record.Hash
				l.past.read(line.record, line.err)
				l.latest.note(line.record, len(l.past.boots)-1, line.err)
			}
		}
	}
	if len(segs) == 0 {
		l.stuck = l.create(1)
		return nil
	}
	last := segs[len(segs)-1]
	l.stuck = l.reopen(last.path, goodEnd(last.path))
	return nil
}

// goodEnd is the offset behind the last line that is a record.
func goodEnd(path string) int64 {
	var end int64
	for line := range lines(path) {
		if line.record.Seq > 0 && line.whole {
			end = line.offset + int64(len(line.bytes)) + 1
		}
	}
	return end
}

// reopen opens a segment for appending behind the last good line.
func (l *Log) reopen(path string, end int64) error {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_APPEND|unix.O_NOFOLLOW|unix.O_CLOEXEC, 0)
	if err != nil {
		return fmt.Errorf("cannot open the audit log: %w", err)
	}
	info, err := f.Stat()
	if err != nil {
		f.Close()
		return fmt.Errorf("cannot open the audit log: %w", err)
	}
	l.file, l.size, l.allocated = f, info.Size(), info.Size()
	if info.Size() > end {
		l.takeAside(path, end)
	}
	if l.file != nil {
		_ = l.topUp(0) // room asks again before each record
	}
	return nil
}

// create makes a new segment, owned as the directory is, and syncs its name.
func (l *Log) create(first int64) error {
	path := filepath.Join(l.dir, segmentName(first))
	f, err := os.OpenFile(path, os.O_RDWR|os.O_APPEND|os.O_CREATE|os.O_EXCL|unix.O_NOFOLLOW|unix.O_CLOEXEC, 0o600)
	if err != nil {
		return fmt.Errorf("cannot make an audit segment: %w", err)
	}
	if err := errors.Join(l.adopt(f), l.lock.Sync()); err != nil {
		f.Close()
		return fmt.Errorf("cannot make an audit segment: %w", err)
	}
	l.file, l.size, l.allocated = f, 0, 0
	_ = l.topUp(0) // room asks again before each record
	return nil
}

// adopt gives a file that root makes to the owner of the directory: the agent must be
// able to go on with what `sudo gatemend heal` left.
func (l *Log) adopt(f *os.File) error {
	if os.Geteuid() != 0 {
		return nil
	}
	var st unix.Stat_t
	if err := unix.Fstat(int(l.lock.Fd()), &st); err != nil {
		return err
	}
	return f.Chown(int(st.Uid), int(st.Gid))
}

// Close gives the lock back. Records that only journald has stay there.
func (l *Log) Close() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.retrying != nil {
		l.retrying.Stop()
	}
	_ = l.flush(true) // journald has what stays behind
	var err error
	if l.file != nil {
		err = l.file.Close()
		l.file = nil
	}
	l.stuck = os.ErrClosed
	return errors.Join(err, l.lock.Close())
}

// Head is the chain's end.
func (l *Log) Head() Head {
	l.mu.Lock()
	defer l.mu.Unlock()
	return Head{l.seq, l.hash}
}
