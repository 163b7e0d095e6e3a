package signature

import (
	"strings"

	"github.com/gatemend/gatemend/detect"
	"github.com/gatemend/gatemend/detect/journal"
	"github.com/gatemend/gatemend/detect/nginxlog"
)

// Record is one message with what is known of its writer.
type Record struct {
	At        detect.Time
	PID       int
	Source    detect.Source
	MessageID string
	Fields    map[string]string
	Message   string
	headed    bool // gunicorn's own head was taken off
}

// MaxLines bounds what one look keeps; the newest count.
const MaxLines = 400

// FromJournal reads a unit's journal entries, oldest first.
func FromJournal(entries []journal.Entry) []detect.Line {
	records := make([]Record, len(entries))
	for i, e := range entries {
		records[i] = Record{At: e.At, PID: e.PID, Source: e.Source, MessageID: e.MessageID, Fields: e.Fields, Message: e.Message}
		if e.Source == detect.FromApp && e.Identifier == "nginx" {
			records[i].Source = detect.FromNginxError // Debian's nginx writes its [emerg] lines to stderr; trusted no further than an app
		}
	}
	return Lines(records)
}

// Text reads a single line; tracebacks need [Lines].
func Text(source detect.Source, line string) (detect.Line, bool) {
	return read(prepare(Record{Source: source, Message: line}))
}

// Lines reads messages, oldest first: tracebacks become one line each, and the same message
// again and again is counted, not repeated. Lines of one PID are told apart from another's,
// because workers write between each other.
func Lines(records []Record) []detect.Line {
	g := grouping{open: map[int]*traceback{}, heads: map[int]head{}}
	for _, r := range records {
		for _, text := range strings.Split(strings.TrimRight(r.Message, "\n"), "\n") {
			one := r
			one.Message = text
			g.add(prepare(one))
		}
	}
	g.closeAll()
	return fold(g.lines)
}

// prepare finds out who wrote a line and takes the beginnings off.
func prepare(r Record) Record {
	if len(r.Message) > 4096 {
		r.Message = r.Message[:4096]
	}
	r.Message = strings.TrimRight(r.Message, " \t\r") // a terminal's, an editor's
	if r.Source == detect.FromPaste || r.Source == detect.FromStatus {
		r = unhead(r)
	}
	if r.Source != detect.FromSystemd && r.Source != detect.FromKernel && r.Source != detect.FromNginxError {
		r = ungunicorn(r)
	}
	return r
}

// read tells the event of a prepared record.
func read(r Record) (detect.Line, bool) {
	l, ok := classify(r)
	if !ok {
		return detect.Line{}, false
	}
	l.At, l.Source = r.At, r.Source
	if l.PID == 0 {
		l.PID = r.PID
	}
	if l.Text == "" {
		l.Text = detect.Clean(r.Message)
	}
	return l, true
}

// classify asks the readers that the source allows.
func classify(r Record) (detect.Line, bool) {
	switch r.Source {
	case detect.FromSystemd:
		return systemd(r)
	case detect.FromKernel:
		return kernel(r.Message)
	case detect.FromApp:
		return app(r.Message)
	case detect.FromNginxError:
		return nginxlog.ParseError([]byte(r.Message))
	case detect.FromStatus, detect.FromPaste:
		return pasted(r)
	}
	return detect.Line{}, false
}

// pasted asks all of them.
func pasted(r Record) (detect.Line, bool) {
	if !r.headed {
		if l, ok := systemd(r); ok {
			return l, true
		}
		if l, ok := match(statusLines, r.Message); ok {
			return l, true
		}
		if l, ok := kernel(r.Message); ok {
			return l, true
		}
		if l, ok := match(keeperLines, r.Message); ok {
			tidy(&l)
			return l, true
		}
	}
	return app(r.Message)
}
