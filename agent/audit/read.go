package audit

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"iter"
	"path/filepath"

	"github.com/gatemend/gatemend/remediate/durable"
)

// line is one line of a segment, with its place.
type line struct {
	segment string // base name
	number  int    // from 1
	offset  int64  // of its first byte
	bytes   []byte // without the newline; valid until the next line
	whole   bool   // it ends in a newline
	record  Record
	err     error // of decode, or of reading
}

func (l line) place() string { return fmt.Sprintf("%s:%d", l.segment, l.number) }

// lines reads one segment. A line longer than any record is given as an error and skipped.
func lines(path string) iter.Seq[line] {
	return func(yield func(line) bool) {
		name := filepath.Base(path)
		f, _, err := durable.Open(path) // a FIFO in a segment's place would hold a person up for good
		if err != nil {
			yield(line{segment: name, err: err})
			return
		}
		defer f.Close()
		r := bufio.NewReaderSize(f, 64<<10)
		var offset int64
		for n := 1; ; n++ {
			l, length, err := nextLine(r)
			if length == 0 && err != nil {
				if !errors.Is(err, io.EOF) {
					yield(line{segment: name, number: n, offset: offset, err: err})
				}
				return
			}
			l.segment, l.number, l.offset = name, n, offset
			if l.err == nil {
				l.record, l.err = decode(l.bytes)
			}
			offset += length
			if !yield(l) {
				return
			}
		}
	}
}

// nextLine reads to the newline or the end, keeping at most maxLine bytes.
func nextLine(r *bufio.Reader) (line, int64, error) {
	var l line
	var length int64
	for {
		part, err := r.ReadSlice('\n')
		length += int64(len(part))
		if len(l.bytes) < maxLine {
			l.bytes = append(l.bytes, part...)
		}
		if errors.Is(err, bufio.ErrBufferFull) {
			continue
		}
		if n := len(l.bytes); n > 0 && l.bytes[n-1] == '\n' {
			l.bytes, l.whole = l.bytes[:n-1], err == nil
		} else if err == nil {
			l.whole = true // its newline came after what is kept
		}
		if length > maxLine {
			l.err = fmt.Errorf("a line of %d bytes is longer than any record", length)
		}
		return l, length, err
	}
}

// All reads every record, oldest first. What cannot be read is given as an error with its
// place, and reading goes on behind it; an edited record comes with its error. It needs no
// lock: an unfinished last line of a log that is being written is left out.
func All(dir string) iter.Seq2[Record, error] {
	return func(yield func(Record, error) bool) {
		segs, err := segments(dir)
		if err != nil {
			yield(Record{}, err)
			return
		}
		for _, s := range segs {
			for l := range lines(s.path) {
				if l.bytes != nil && !l.whole {
					continue
				}
				err := l.err
				if err != nil {
					err = fmt.Errorf("cannot read %s: %w", l.place(), err)
				}
				if !yield(l.record, err) {
					return
				}
			}
		}
	}
}
