package audit

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"golang.org/x/sys/unix"

	"github.com/gatemend/gatemend/detect/fault"
)

// JournalOnly says that a record is in journald and not on the disk, which cannot take it
// now. It is written there as soon as the disk does. For an intent this is enough to act on.
type JournalOnly struct{ Cause error }

// Error says why.
func (e *JournalOnly) Error() string {
	return fmt.Sprintf("recorded in journald only: %v", e.Cause)
}

// Unwrap gives the disk's error.
func (e *JournalOnly) Unwrap() error { return e.Cause }

// What is kept in memory for a disk that may come back. The lesser bound, for what is not
// vital, leaves room in the reserve for an intent behind all that waits.
const (
	waitingMax   = 1 << 20
	waitingVital = 4 << 20
)

// Append gives the record its number, time and place in the chain, and returns once it is
// synced to the disk. With a [JournalOnly] error the record counts, and the number is
// valid; with any other nothing was recorded. Seq, Prev and Hash of r are ignored; At, Boot
// and Uptime are set where they are empty. A disk that hangs makes it hang: ctx is only
// asked before it begins.
func (l *Log) Append(ctx context.Context, r Record) (int64, error) {
	if err := ctx.Err(); err != nil {
		return 0, fmt.Errorf("cannot record: %w", err)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if errors.Is(l.stuck, os.ErrClosed) {
		return 0, fmt.Errorf("cannot record: %w", os.ErrClosed)
	}
	seq, err := l.append(&r)
	if l.file != nil && l.size >= l.opt.SegmentSize && len(l.pending) == 0 {
		l.rotate()
	}
	return seq, err
}

func (l *Log) append(r *Record) (int64, error) {
	l.complete(r)
	line, err := encode(r)
	if err != nil {
		return 0, err
	}
	vital, bound := r.Kind.vital(), waitingMax
	if vital {
		bound = waitingVital
	}
	derr := l.flush(vital)
	if derr == nil {
		derr = l.write(line, vital)
	}
	if derr == nil {
		l.advance(*r)
		_ = l.journal.head(*r) // the second medium is a help, not a condition
		return r.Seq, nil
	}
	if l.waiting+len(line) > bound {
		return 0, fmt.Errorf("cannot record: the disk does not take it (%w), and too much waits for it already", derr)
	}
	if jerr := l.journal.record(*r, line, derr); jerr != nil {
		return 0, fmt.Errorf("cannot record: neither on the disk (%w) nor in journald: %w", derr, jerr)
	}
	l.pending, l.waiting = append(l.pending, line), l.waiting+len(line)
	l.retryLater()
	l.advance(*r)
	return r.Seq, &JournalOnly{derr}
}

func (l *Log) complete(r *Record) {
	r.Seq, r.Prev = l.seq+1, l.hash
	if r.At == 0 {
		r.At = l.opt.Now()
	}
	if r.Boot == "" {
		r.Boot, r.Uptime = l.opt.Boot()
	}
}

func (l *Log) advance(r Record) {
	l.seq, l.hash = r.Seq, r.Hash
	l.past.add(r)
}

// flush writes what waits for the disk, in the chain's order; into the reserve only when a
// vital record is to follow.
func (l *Log) flush(vital bool) error {
	if l.file == nil {
		if l.stuck = l.retry(); l.stuck != nil {
			return l.stuck
		}
	}
	for len(l.pending) > 0 {
		line := l.pending[0]
		if err := l.write(line, vital); err != nil {
			return err
		}
		l.pending, l.waiting = l.pending[1:], l.waiting-len(line)
	}
	return nil
}

// retryLater has what waits written once the disk takes it, though nothing more happens.
func (l *Log) retryLater() {
	if l.retrying != nil {
		return
	}
	l.retrying = time.AfterFunc(l.opt.Retry, func() {
		l.mu.Lock()
		defer l.mu.Unlock()
		l.retrying = nil
		if errors.Is(l.stuck, os.ErrClosed) {
			return
		}
		if _ = l.flush(false); len(l.pending) > 0 { // the reserve is not for these
			l.retryLater()
		}
	})
}

// retry looks whether a disk that did not let us open the log does so now.
func (l *Log) retry() error {
	if errors.Is(l.stuck, os.ErrClosed) {
		return l.stuck
	}
	next := l.seq + 1 - int64(len(l.pending))
	segs, err := segments(l.dir)
	if err != nil {
		return err
	}
	if len(segs) == 0 || segs[len(segs)-1].size >= l.opt.SegmentSize {
		return l.create(next)
	}
	last := segs[len(segs)-1]
	return l.reopen(last.path, goodEnd(last.path))
}

// write appends the line by one write(2) and syncs it. What a failed write left behind is
// cut off again; where even that fails the segment is given up.
func (l *Log) write(line []byte, vital bool) error {
	if err := l.room(int64(len(line)), vital); err != nil {
		return err
	}
	n, err := l.file.Write(line)
	fault.Reach(fault.RecordWritten)
	if n == 0 && err != nil {
		return fmt.Errorf("cannot write to the audit log: %w", err) // nothing to cut off, and the reserve stays
	}
	if err == nil {
		if err = unix.Fdatasync(int(l.file.Fd())); err == nil {
			l.size += int64(len(line))
			l.allocated = max(l.allocated, l.size)
			return nil
		}
	}
	if l.file.Truncate(l.size) != nil {
		l.file.Close()
		l.file = nil
	} else {
		l.allocated = l.size // cutting frees what was allocated behind the end
		_ = l.topUp(0)       // room asks again before each record
	}
	return fmt.Errorf("cannot write to the audit log: %w", err)
}
