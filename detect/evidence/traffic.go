package evidence

import (
	"strings"

	"github.com/gatemend/gatemend/detect"
	"github.com/gatemend/gatemend/detect/nginxlog"
)

// lineLimit is gunicorn's --limit-request-line: it answers 400 to a longer one.
const lineLimit = 4094

// traffic counts nginx_access. The log's times are whole seconds, its order is finer: each line is
// dated a microsecond after the one before, so that an answer after the last error counts as one.
func (d *document) traffic() *detect.Traffic {
	t := &detect.Traffic{}
	for i, line := range d.NginxAccess {
		a, ok := nginxlog.ParseAccess([]byte(line))
		if !ok || a.Ours {
			continue
		}
		t.Known = true
		t.Requests++
		a.At += detect.Time(i)
		if refusedForSize(a, line) {
			t.TooLong++
		}
		d.count(t, a)
	}
	if !t.Known {
		return nil
	}
	if len(d.UnitProperties)+len(d.GunicornJournal) == 0 {
		t.Unlogged = 0 // an access log alone: its owner did not look into the other
	}
	return t
}

func (d *document) count(t *detect.Traffic, a nginxlog.Access) {
	switch {
	case a.Status == 9:
		t.NotHTTP++
	case a.Status == 499:
		t.Gone++
	case a.Status >= 500 && a.MadeByNginx(len(d.NginxError) > 0):
		t.Nginx5xx++
		t.LastError = max(t.LastError, a.At)
		if a.Bytes > 0 && (a.Status == 502 || a.Status == 504) && d.NginxError != nil && len(d.NginxError) == 0 {
			t.Unlogged++
		}
	case a.Status >= 500:
		t.App5xx++
	case a.Status != 400:
		t.Answered++
		t.LastAnswer = max(t.LastAnswer, a.At)
	}
}

// refusedForSize tells a request that was refused because its line or its headers are too big: 414, 431
// and nginx's own 494 say so, gunicorn's 400 only where the line is seen to be too long.
func refusedForSize(a nginxlog.Access, line string) bool {
	switch a.Status {
	case 414, 431, 494:
		return true
	case 400:
		_, request, _ := strings.Cut(line, `"`)
		return strings.IndexByte(request, '"') > lineLimit
	}
	return false
}

// spoke tells that nginx's error lines stand somewhere else in the document, in the journal for instance.
func spoke(lines []detect.Line) bool {
	for _, l := range lines {
		if l.Source == detect.FromNginxError {
			return true
		}
	}
	return false
}
