package collect

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"syscall"

	"github.com/gatemend/gatemend/detect"
	"github.com/gatemend/gatemend/detect/look"
	"github.com/gatemend/gatemend/detect/nginxlog"
	"github.com/gatemend/gatemend/detect/probe"
	"github.com/gatemend/gatemend/detect/signature"
)

// tail is how much of a log file's end is read: some hundred lines of nginx's.
const tail = 256 << 10

// ends reads the ends of nginx's error log and of the app's own log files, for a look that nobody
// followed them before.
func (s *snapshot) ends(known detect.Facts, from detect.Time) (lines []detect.Line, err error) {
	if log := onDisk(known).ErrorLog; strings.HasPrefix(log, "/") {
		text, readErr := end(log)
		err = readErr
		lines = append(lines, s.nginxLines(text, from)...)
	}
	if known.Unit == nil {
		return lines, err
	}
	for _, path := range known.Unit.LogFiles {
		text, readErr := end(path)
		err = errors.Join(err, readErr)
		if look.Changed(path) >= from {
			lines = append(lines, appLines(text, from)...)
		}
	}
	return lines, err
}

// mostNginxLines are kept of one look; the newest count.
const mostNginxLines = 100

// nginxLines keeps the lines of this site, ours marked: one error log may serve many sites.
func (s *snapshot) nginxLines(text []byte, from detect.Time) (lines []detect.Line) {
	for line := range bytes.Lines(text) {
		l, ok := nginxlog.ParseError(line)
		if !ok || l.At < from || !ofServer(line, s.site.Server) {
			continue
		}
		l.Ours = s.Marker != "" && probe.Marker(string(line)) == s.Marker && s.site.Asks(l.Attr["request"])
		lines = append(lines, l)
	}
	return lines[max(len(lines)-mostNginxLines, 0):]
}

// ofServer tells a line of the server block, or of no request at all. The field comes before those
// that a client writes.
func ofServer(line []byte, server string) bool {
	_, rest, ok := bytes.Cut(line, []byte(", server: "))
	name, _, _ := bytes.Cut(rest, []byte(","))
	return !ok || server == "" || string(name) == server
}

// appLines reads what the app wrote. Where its lines carry no time, all that is kept is recent only as
// far as the file is.
func appLines(text []byte, from detect.Time) (lines []detect.Line) {
	var records []signature.Record
	for line := range bytes.Lines(text) {
		records = append(records, signature.Record{Source: detect.FromApp, Message: string(bytes.TrimRight(line, "\r\n"))})
	}
	for _, l := range signature.Lines(records) {
		if l.At == 0 || l.At >= from {
			lines = append(lines, l)
		}
	}
	return lines
}

// end reads the last part of a file, from the beginning of a line.
func end(path string) ([]byte, error) {
	f, err := os.OpenFile(path, os.O_RDONLY|syscall.O_NONBLOCK|syscall.O_NOCTTY, 0) // a FIFO must not block
	if err != nil {
		return nil, err
	}
	defer f.Close()
	fi, err := f.Stat()
	if err != nil || !fi.Mode().IsRegular() {
		return nil, fmt.Errorf("cannot read %q: it is not a file", path)
	}
	start := max(fi.Size()-tail, 0)
	text, err := io.ReadAll(io.NewSectionReader(f, start, tail))
	if start > 0 {
		_, text, _ = bytes.Cut(text, []byte("\n"))
	}
	return text, err
}
