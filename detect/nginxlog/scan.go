package nginxlog

import (
	"bytes"
	"fmt"
	"io"

	"github.com/gatemend/gatemend/detect"
)

// Classifier finds the interesting lines in a stream of chunks that cut lines anywhere,
// as reads of a growing file do. The zero value is ready; it is not safe for concurrent use.
type Classifier struct {
	// Found is called for each interesting line, in order. The bytes are good until it
	// returns; a flood need not be parsed line by line, so that is left to it.
	Found func(event detect.Event, line []byte)
	Lines int    // complete lines seen
	part  []byte // the beginning of a line whose end has not come yet
}

// Write takes the next chunk. It never fails and keeps no reference to p.
func (c *Classifier) Write(p []byte) (int, error) {
	n := len(p)
	for {
		end := bytes.IndexByte(p, '\n')
		if end < 0 {
			c.keep(p)
			return n, nil
		}
		c.line(p[:end])
		p = p[end+1:]
	}
}

// line judges a complete line; rest is its end, of which the front may be kept already.
func (c *Classifier) line(rest []byte) {
	c.Lines++
	if len(c.part) > 0 {
		c.keep(rest)
		rest = c.part
	}
	h, msg := split(rest)
	if event := classify(h.level, msg); event != "" && c.Found != nil {
		c.Found(event, rest)
	}
	c.part = c.part[:0]
}

// keep holds at most one line: nginx cuts its own at 2048 bytes, a longer one is not its.
func (c *Classifier) keep(p []byte) {
	c.part = append(c.part, p[:min(len(p), max(2*LineMax-len(c.part), 0))]...)
}

// Scan classifies all of r and returns how many lines it saw.
func Scan(r io.Reader, found func(event detect.Event, line []byte)) (int, error) {
	c := Classifier{Found: found}
	buf := make([]byte, 128<<10)
	_, err := io.CopyBuffer(onlyWrite{&c}, onlyRead{r}, buf)
	if len(c.part) > 0 {
		c.line(nil)
	}
	if err != nil {
		return c.Lines, fmt.Errorf("cannot read the error log: %w", err)
	}
	return c.Lines, nil
}

// io.CopyBuffer uses its buffer only where neither side has a shortcut.
type (
	onlyWrite struct{ io.Writer }
	onlyRead  struct{ io.Reader }
)
