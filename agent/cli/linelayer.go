package cli

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/gatemend/gatemend/detect"
)

func changes(f *detect.Facts) []item {
	var l []item
	for _, c := range f.Changes {
		seen := c.Text()
		if c.At != 0 {
			seen += ", at " + clock(c.At)
		}
		l = append(l, item{note, "changed since well", seen})
	}
	return l
}

// mostLines and lineWidth keep the checklist on a screen; all lines are in `plan --json`.
const (
	mostLines = 8
	lineWidth = 160
)

// lines are the newest log lines that say something, a repeated one once.
func lines(f *detect.Facts) []item {
	var l []item
	for _, r := range repeats(f.Lines) {
		seen := cut(r.text, lineWidth)
		if r.at != 0 {
			seen = r.at.Time().Local().Format("15:04:05") + "  " + seen
		}
		if r.count > 1 {
			seen += fmt.Sprintf(" (%d times)", r.count)
		}
		l = append(l, item{note, logName(r.source), seen})
	}
	return l[max(0, len(l)-mostLines):]
}

// repeated is a message with how often it came; at is of the last.
type repeated struct {
	source detect.Source
	text   string
	at     detect.Time
	count  int
}

// repeats counts messages that come again, at the place of their last.
func repeats(all []detect.Line) []repeated {
	var l []repeated
	for _, line := range all {
		r := repeated{line.Source, message(line), line.At, max(line.Count, 1)}
		for i, old := range l {
			if old.source == r.source && old.text == r.text {
				r.count += old.count
				l = append(l[:i], l[i+1:]...)
				break
			}
		}
		l = append(l, r)
	}
	return l
}

// nginxHead is what nginx puts in front of a message: time, level, process, connection
// (ngx_log_error_core in src/core/ngx_log.c).
var nginxHead = regexp.MustCompile(`^\d{4}/\d\d/\d\d \d\d:\d\d:\d\d \[\w+\] \d+#\d+: (\*\d+ )?`)

// message is a line without what differs each time. Of nginx's, the client and its request go:
// the upstream stands in the message itself.
func message(l detect.Line) string {
	if l.Source != detect.FromNginxError {
		return l.Text
	}
	text := nginxHead.ReplaceAllString(l.Text, "")
	text, _, _ = strings.Cut(text, ", client: ")
	if l.Ours {
		text += " (our own request)"
	}
	return text
}

// logName is where a person finds lines of that source.
func logName(s detect.Source) string {
	switch s {
	case detect.FromNginxError:
		return "nginx's error log"
	case detect.FromNginxAccess:
		return "nginx's access log"
	case detect.FromApp:
		return "the app's log"
	case detect.FromSystemd:
		return "the unit's journal"
	case detect.FromKernel:
		return "the kernel's log"
	}
	return string(s)
}
