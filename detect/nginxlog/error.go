package nginxlog

import (
	"bytes"
	"strconv"
	"strings"
	"time"

	"github.com/gatemend/gatemend/detect"
)

// Interesting tells whether the line of an error log says something about an outage. It
// allocates nothing.
func Interesting(line []byte) bool {
	h, msg := split(line)
	return classify(h.level, msg) != ""
}

// ParseError reads one line of an error log, with or without its end; ok is false for a
// line that says nothing about an outage. Times are read in the machine's own zone, as
// nginx writes them. Safe for any bytes of any length.
func ParseError(line []byte) (detect.Line, bool) { return ParseErrorIn(line, time.Local) }

// ParseErrorIn is ParseError with the zone that the log was written in.
func ParseErrorIn(line []byte, loc *time.Location) (detect.Line, bool) {
	if len(line) > 2*LineMax {
		line = line[:2*LineMax]
	}
	h, msg := split(line)
	event := classify(h.level, msg)
	if event == "" {
		return detect.Line{}, false
	}
	front := before(msg)
	l := detect.Line{
		At:     detect.At(h.when(loc)),
		Source: detect.FromNginxError,
		Event:  event,
		PID:    max(number(h.pid), 0),
		Errno:  errnoOf(front),
		Attr:   map[string]string{},
		Text:   detect.Clean(string(bytes.TrimRight(line, "\r\n"))),
	}
	if event == detect.EventConnectFailed && l.Errno == 0 {
		return detect.Line{}, false
	}
	describe(&l, front, msg[len(front):])
	if event == detect.EventNginxConfInvalid || event == detect.EventHostNotFound {
		place(&l, string(front))
	}
	return l, true
}

// describe fills Attr: from the message what the message says, from the fields claims.
func describe(l *detect.Line, front, fields []byte) {
	text := string(front)
	if i := strings.LastIndex(text, " while "); i >= 0 {
		l.Attr["while"] = detect.Clean(text[i+len(" while "):])
	}
	if schema, peer := claimed(fields); peer != "" {
		l.Attr["schema"], l.Attr["upstream"] = schema, detect.Clean(peer)
	}
	if p := requestPath(fields); p != "" {
		l.Attr["request"] = detect.Clean(p)
	}
	switch l.Event {
	case detect.EventConnectFailed, detect.EventNginxBind:
		set(l, "target", between(text, "to ", " failed"))
	case detect.EventUnresolved:
		set(l, "name", text[:max(strings.IndexByte(text, ' '), 0)])
	case detect.EventNoResolver:
		set(l, "name", between(text+" ", "to resolve ", " "))
	case detect.EventHostNotFound, detect.EventBadProxyPass, detect.EventNginxTemp, detect.EventNginxNoSpace:
		set(l, "name", between(text, `"`, `"`))
	case detect.EventLimited:
		set(l, "kind", between(text, "limiting ", ","))
		set(l, "zone", between(text, `zone "`, `"`))
	case detect.EventAuthRequest:
		set(l, "status", between(text, "status: ", " "))
	case detect.EventNginxWorkerDied:
		set(l, "signal", between(text+" ", "signal ", " "))
	case detect.EventNginxTestFailed:
		set(l, "file", between(text, "file ", " test"))
	}
}

func set(l *detect.Line, key, value string) {
	if value != "" {
		l.Attr[key] = detect.Clean(value)
	}
}

// between is the text after the first start up to the next end; "" when either is missing.
func between(s, start, end string) string {
	i := strings.Index(s, start)
	if i < 0 {
		return ""
	}
	s = s[i+len(start):]
	j := strings.Index(s, end)
	if j < 0 {
		return ""
	}
	return s[:j]
}

// place finds " in /etc/nginx/sites-enabled/shop:12" at the end of a configuration error.
func place(l *detect.Line, text string) {
	l.Attr["message"] = detect.Clean(text)
	file, line, ok := fileLine(text)
	if ok {
		l.Attr["file"], l.Attr["line"] = detect.Clean(file), strconv.Itoa(line)
	}
}

// fileLine reads "… in FILE:LINE".
func fileLine(text string) (file string, line int, ok bool) {
	i := strings.LastIndex(text, " in /")
	if i < 0 {
		return "", 0, false
	}
	where := strings.TrimRight(text[i+len(" in "):], " .\"")
	colon := strings.LastIndexByte(where, ':')
	if colon < 0 {
		return "", 0, false
	}
	n, err := strconv.Atoi(where[colon+1:])
	return where[:colon], n, err == nil && n > 0
}
