package tail

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"sync"
	"time"

	"golang.org/x/sys/unix"
)

// file is one generation of a log.
type file struct {
	f      *os.File
	id     identity
	offset int64    // of what was read
	head   []byte   // the file's first bytes, at most headMax and not behind offset
	mark   Position // behind the last whole line
	lines  splitter
	moved  time.Time // it last grew, or became old
	old    bool      // its writers are about to leave it
}

// headMax bytes of a log's beginning hold the time of its first line, so a truncated log has
// others. The bytes in front of the offset would not tell: a flood of errors is made of lines of
// one length that end alike.
const headMax = 64

var chunks = sync.Pool{New: func() any { b := make([]byte, 32<<10); return &b }}

// toEnd starts behind what is there. A line that is only half there is not ours.
func (f *file) toEnd() {
	info, err := f.f.Stat()
	if err != nil || info.Size() == 0 {
		return
	}
	f.seek(info.Size())
	end := make([]byte, 1)
	if n, _ := f.f.ReadAt(end, f.offset-1); n == 1 && end[0] != '\n' {
		f.lines.skip = true
	}
}

// seek moves to offset.
func (f *file) seek(offset int64) {
	f.offset = offset
	f.learn()
	f.marked(offset)
}

// learn keeps the beginning of the file.
func (f *file) learn() {
	if want := min(f.offset, headMax); int64(len(f.head)) < want {
		head := make([]byte, want)
		n, _ := f.f.ReadAt(head, 0)
		f.head = head[:n]
	}
}

func (f *file) marked(offset int64) {
	f.mark = Position{f.id.dev, f.id.inode, offset, sum(f.head[:min(int64(len(f.head)), offset)])}
}

// read gives the lines up to the present end of the file.
func (f *file) read(ctx context.Context, now time.Time, sink func(Batch)) error {
	buf := chunks.Get().(*[]byte)
	defer chunks.Put(buf)
	for ctx.Err() == nil {
		n, err := f.f.ReadAt(*buf, f.offset)
		if err != nil && !errors.Is(err, io.EOF) {
			return err
		}
		// Only after the read is it known that what was read belongs behind what came before.
		if f.truncated() {
			f.rewind(sink)
			continue
		}
		if n == 0 {
			return nil
		}
		if (*buf)[0] == 0 && f.skipHole() {
			continue
		}
		f.take((*buf)[:n], now, sink)
		if n < len(*buf) {
			return nil
		}
	}
	return nil
}

// truncated tells that the file is not the longer one of what was read: it is shorter, or grew
// again from nothing.
func (f *file) truncated() bool {
	info, err := f.f.Stat()
	if err != nil {
		return false
	}
	if info.Size() < f.offset {
		return true
	}
	var now [headMax]byte
	n, err := f.f.ReadAt(now[:len(f.head)], 0)
	return (err == nil || errors.Is(err, io.EOF)) && !bytes.Equal(now[:n], f.head)
}

// take gives the lines that end in p.
func (f *file) take(p []byte, now time.Time, sink func(Batch)) {
	start := f.offset
	f.offset += int64(len(p))
	f.moved = now
	f.learn()
	if end := bytes.LastIndexByte(p, '\n'); end >= 0 {
		f.marked(start + int64(end) + 1)
	}
	if lines, cut := f.lines.split(p); len(lines) > 0 {
		sink(Batch{Lines: lines, Cut: cut, At: f.mark})
	}
}

// rewind starts a truncated file again.
func (f *file) rewind(sink func(Batch)) {
	f.finish(sink)
	f.head = nil
	f.seek(0)
	sink(Batch{Lost: 1, Why: "the file was truncated: what was written since the last look is not known", At: f.mark})
}

// skipHole moves past a hole. After copytruncate a writer without O_APPEND (StandardError=file:)
// goes on where it was: the file is as long as before, and its front has no blocks.
func (f *file) skipHole() bool {
	data, err := unix.Seek(int(f.f.Fd()), f.offset, unix.SEEK_DATA)
	if err != nil || data <= f.offset {
		return false
	}
	f.seek(data)
	return true
}

// finish gives the half line at the end as it is: its writer is gone, or its other half.
func (f *file) finish(sink func(Batch)) {
	line, over := f.lines.rest()
	if len(line) == 0 {
		return
	}
	b := Batch{Lines: [][]byte{line}, At: f.mark}
	if over {
		b.Cut = 1
	}
	sink(b)
}

// removed tells that no name leads to the file any more.
func (f *file) removed() bool {
	var st unix.Stat_t
	return unix.Fstat(int(f.f.Fd()), &st) == nil && st.Nlink == 0
}

// quiet tells that an old file has not been written to for long, since it became old.
func (f *file) quiet(old bool, now time.Time) bool {
	if old && !f.old {
		f.moved = now
	}
	f.old = old
	return old && now.Sub(f.moved) >= linger
}

func (f *file) close() { _ = f.f.Close() }
