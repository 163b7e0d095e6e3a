package nginxlog

import (
	"bytes"
	"time"
)

// LineMax is NGX_MAX_ERROR_STR: nginx cuts longer lines, and with them upstream: and host:.
const LineMax = 2048

// head is what stands before the message.
type head struct {
	stamp []byte // "2026/11/22 11:18:22", local time without a zone; empty in `nginx: [emerg]`
	level []byte
	pid   []byte
}

// split cuts "2026/11/22 11:18:22 [error] 12#12: *3 message" into head and message. Every
// part of the head may be missing: start-up errors on stderr have only "nginx: [emerg] ",
// and people paste what they saw.
func split(line []byte) (h head, msg []byte) {
	for len(line) > 0 && (line[len(line)-1] == '\n' || line[len(line)-1] == '\r') {
		line = line[:len(line)-1]
	}
	if isStamp(line) {
		h.stamp, line = line[:19], line[19:]
	}
	line = skipBlanks(line)
	if rest, ok := bytes.CutPrefix(line, nginxColon); ok {
		line = rest
	}
	if len(line) > 0 && line[0] == '[' {
		if end := bytes.IndexByte(line[:min(len(line), 10)], ']'); end > 0 {
			h.level, line = line[1:end], skipBlanks(line[end+1:])
		}
	}
	h.pid, line = cutPID(line)
	return h, cutConnection(line)
}

var nginxColon = []byte("nginx: ")

// isStamp tests the shape "dddd/dd/dd dd:dd:dd".
func isStamp(b []byte) bool {
	if len(b) < 19 || b[4] != '/' || b[7] != '/' || b[10] != ' ' || b[13] != ':' || b[16] != ':' {
		return false
	}
	return digits(b[0:4]) && digits(b[5:7]) && digits(b[8:10]) && digits(b[11:13]) && digits(b[14:16]) && digits(b[17:19])
}

func digits(b []byte) bool {
	for _, c := range b {
		if c < '0' || c > '9' {
			return false
		}
	}
	return len(b) > 0
}

// cutPID takes "1234#1234: " off; on Linux both numbers are the worker's PID.
func cutPID(b []byte) (pid, rest []byte) {
	n := leading(b)
	if n == 0 || n == len(b) || b[n] != '#' {
		return nil, b
	}
	m := leading(b[n+1:])
	after := b[n+1+m:]
	if m == 0 || len(after) == 0 || after[0] != ':' {
		return nil, b
	}
	return b[:n], skipBlanks(after[1:])
}

// cutConnection takes "*12 " off.
func cutConnection(b []byte) []byte {
	if len(b) < 2 || b[0] != '*' {
		return b
	}
	n := leading(b[1:])
	if n == 0 {
		return b
	}
	return skipBlanks(b[1+n:])
}

// skipBlanks is bytes.TrimLeft for the blank alone, which this is called for four times a line.
func skipBlanks(b []byte) []byte {
	for len(b) > 0 && b[0] == ' ' {
		b = b[1:]
	}
	return b
}

// leading counts the digits at the front.
func leading(b []byte) int {
	n := 0
	for n < len(b) && b[n] >= '0' && b[n] <= '9' {
		n++
	}
	return n
}

// number reads a decimal number of at most nine digits; -1 when it is none.
func number(b []byte) int {
	if len(b) == 0 || len(b) > 9 || !digits(b) {
		return -1
	}
	n := 0
	for _, c := range b {
		n = 10*n + int(c-'0')
	}
	return n
}

// when reads the stamp in loc. nginx writes local time without a zone, so an hour in
// autumn is ambiguous; the access log and the journal are not.
func (h head) when(loc *time.Location) time.Time {
	if h.stamp == nil {
		return time.Time{}
	}
	s := h.stamp
	return time.Date(number(s[0:4]), time.Month(number(s[5:7])), number(s[8:10]),
		number(s[11:13]), number(s[14:16]), number(s[17:19]), 0, loc)
}
