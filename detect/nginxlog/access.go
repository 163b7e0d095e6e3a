package nginxlog

import (
	"bytes"
	"time"

	"github.com/gatemend/gatemend/detect"
)

// Access is one line of an access log in the combined format, with the upstream fields
// that people add behind it where they are there.
type Access struct {
	At     detect.Time
	Status int // 9 is "009": nginx took the answer for HTTP/0.9
	Bytes  int
	Path   string // of the request line, without its query
	Agent  string
	Ours   bool // our own probe: User-Agent gatemend/VERSION
	// ByApp tells who made a 5xx where the line tells it: $upstream_header_time is a number
	// only if the app answered. "yes", "no", "" when the line has no such field.
	ByApp string
}

var (
	oursAgent = []byte("gatemend/")
	monthDays = []byte("JanFebMarAprMayJunJulAugSepOctNovDec")
)

// ParseAccess reads one line; ok is false when it is not in the combined format. The values are
// escaped by nginx (\xHH), so a quote always ends a field. It allocates only strings.
func ParseAccess(line []byte) (Access, bool) {
	open := bytes.IndexByte(line, '[')
	if open < 0 || len(line) < open+28 || line[open+27] != ']' {
		return Access{}, false
	}
	at, ok := clfTime(line[open+1 : open+27])
	if !ok {
		return Access{}, false
	}
	request, rest, ok := quoted(line[open+28:])
	if !ok {
		return Access{}, false
	}
	a := Access{At: detect.At(at), Path: pathOf(request)}
	if a.Status, a.Bytes, rest, ok = statusBytes(rest); !ok {
		return Access{}, false
	}
	_, rest, _ = quoted(rest) // referer
	agent, rest, _ := quoted(rest)
	a.Agent = string(agent[:min(len(agent), 200)])
	a.Ours = bytes.HasPrefix(agent, oursAgent)
	a.ByApp = whoAnswered(rest)
	return a, true
}

// Zone is the zone that an access line is dated in, which is the error log's too.
func Zone(line []byte) (*time.Location, bool) {
	open := bytes.IndexByte(line, '[')
	if open < 0 || len(line) < open+28 {
		return nil, false
	}
	if _, ok := clfTime(line[open+1 : open+27]); !ok {
		return nil, false
	}
	sign, zone := line[open+22], line[open+23:open+27]
	seconds := number(zone[:2])*3600 + number(zone[2:])*60
	if sign == '-' {
		seconds = -seconds
	}
	return time.FixedZone("", seconds), true
}

// quoted takes the next "…" off.
func quoted(b []byte) (value, rest []byte, ok bool) {
	start := bytes.IndexByte(b, '"')
	if start < 0 {
		return nil, b, false
	}
	end := bytes.IndexByte(b[start+1:], '"')
	if end < 0 {
		return nil, b, false
	}
	return b[start+1 : start+1+end], b[start+end+2:], true
}

func pathOf(request []byte) string {
	_, rest, ok := bytes.Cut(request, []byte(" "))
	if !ok {
		return ""
	}
	path, _, _ := bytes.Cut(rest, []byte(" "))
	path, _, _ = bytes.Cut(path, []byte("?"))
	return string(path[:min(len(path), 200)])
}

// statusBytes reads ` 502 157`; the status has three digits, 009 included.
func statusBytes(b []byte) (status, size int, rest []byte, ok bool) {
	b = bytes.TrimLeft(b, " ")
	if len(b) < 4 || b[3] != ' ' || !digits(b[:3]) {
		return 0, 0, b, false
	}
	status, b = number(b[:3]), b[4:]
	n := leading(b)
	return status, max(number(b[:n]), 0), b[n:], true
}

// whoAnswered reads fields such as uht=0.012 or urt= behind the combined format.
func whoAnswered(rest []byte) string {
	for _, key := range [][]byte{[]byte("uht="), []byte("upstream_header_time="), []byte("header_time=")} {
		if i := bytes.Index(rest, key); i >= 0 {
			return answeredBy(rest[i+len(key):])
		}
	}
	return ""
}

// answeredBy judges the last try of a list such as `-, 0.004`.
func answeredBy(v []byte) string {
	v = bytes.Trim(v, `"`)
	end := 0
	for end < len(v) && (v[end] == '-' || v[end] == '.' || v[end] == ',' || v[end] >= '0' && v[end] <= '9' || v[end] == ' ' && end > 0 && v[end-1] == ',') {
		end++
	}
	if end == 0 {
		return ""
	}
	if v[end-1] == '-' {
		return "no"
	}
	return "yes"
}

// clfTime reads "22/Nov/2026:11:20:15 +0000".
func clfTime(b []byte) (time.Time, bool) {
	if b[2] != '/' || b[6] != '/' || b[11] != ':' || b[14] != ':' || b[17] != ':' || b[20] != ' ' {
		return time.Time{}, false
	}
	month := bytes.Index(monthDays, b[3:6])
	day, year, hour, minute, second := number(b[0:2]), number(b[7:11]), number(b[12:14]), number(b[15:17]), number(b[18:20])
	zh, zm := number(b[22:24]), number(b[24:26])
	if month < 0 || month%3 != 0 || min(day, year, hour, minute, second, zh, zm) < 0 {
		return time.Time{}, false
	}
	offset := time.Duration(zh)*time.Hour + time.Duration(zm)*time.Minute
	if b[21] == '-' {
		offset = -offset
	}
	return time.Date(year, time.Month(month/3+1), day, hour, minute, second, 0, time.UTC).Add(-offset), true
}

// pages are the sizes of nginx's own error pages with server_tokens off; the version adds some
// bytes, and for MSIE and Chrome's sake nginx pads them by 402.
var pages = map[int]int{500: 170, 501: 174, 502: 150, 503: 190, 504: 160}

// MadeByNginx tells whether nginx itself made a 5xx, by $upstream_header_time where the line
// has it, else by the size of nginx's own pages; errors tells that the error log spoke too,
// which it does not for an app's answer.
func (a Access) MadeByNginx(errors bool) bool {
	if a.ByApp != "" {
		return a.ByApp == "no"
	}
	base, ok := pages[a.Status]
	if !ok || a.Status == 500 && !errors {
		return false
	}
	within := func(from int) bool { return a.Bytes >= from && a.Bytes <= from+30 }
	return errors || within(base) || within(base+402) || a.Bytes == 0
}
