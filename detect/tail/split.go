package tail

import "bytes"

// LineMax is the longest line that is given whole, in bytes. nginx cuts its own error lines at
// 2048; the combined format escapes a URI, a referer and an agent of up to 8 KiB each fourfold.
const LineMax = 16 << 10

// splitter makes lines of chunks that cut them anywhere.
type splitter struct {
	part, spare []byte // the beginning of a line whose end has not come yet
	over        bool   // it is longer than LineMax
	skip        bool   // it is not wanted: its beginning was not seen
	lines       [][]byte
}

// split gives the lines that end in p, good until the next call, and how many were cut.
func (s *splitter) split(p []byte) (lines [][]byte, cut int) {
	s.lines = s.lines[:0]
	for {
		end := bytes.IndexByte(p, '\n')
		if end < 0 {
			s.keep(p)
			return s.lines, cut
		}
		if s.over || len(s.part)+end > LineMax {
			cut++
		}
		s.line(p[:end])
		p = p[end+1:]
	}
}

// line adds the line that ends with rest. The kept beginning is given out as it is, so the next
// one is kept elsewhere.
func (s *splitter) line(rest []byte) {
	line := rest[:min(len(rest), LineMax)]
	if len(s.part) > 0 {
		s.keep(rest)
		line, s.part, s.spare = s.part, s.spare[:0], s.part
	}
	if !s.skip {
		s.lines = append(s.lines, unholed(line))
	}
	s.over, s.skip = false, false
}

// unholed takes off the end of a hole: it is cut at a line's beginning, a hole's blocks are not.
func unholed(line []byte) []byte { return bytes.TrimLeft(line, "\x00") }

func (s *splitter) keep(p []byte) {
	room := max(LineMax-len(s.part), 0)
	s.over = s.over || len(p) > room
	s.part = append(s.part, p[:min(len(p), room)]...)
}

// rest gives what has no end yet, and begins anew.
func (s *splitter) rest() (line []byte, over bool) {
	line, over = unholed(s.part), s.over
	if s.skip {
		line = nil
	}
	*s = splitter{}
	return line, over
}
