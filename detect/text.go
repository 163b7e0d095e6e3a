package detect

import (
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Printable makes foreign text (log lines, /proc, headers) fit to be shown to a person:
// control and other unprintable characters, and bytes that are no UTF-8, are written as
// escapes, and at most limit bytes of the result are kept, ending in "…" when cut. Such
// text can otherwise move a terminal's cursor or fake further lines of a report.
func Printable(s string, limit int) string {
	var b strings.Builder
	for i := 0; i < len(s); {
		r, size := utf8.DecodeRuneInString(s[i:])
		piece := s[i : i+size]
		if (r == utf8.RuneError && size == 1) || !unicode.IsPrint(r) {
			piece = escaped(s[i:i+size], r, size)
		}
		if b.Len()+len(piece) > limit {
			b.WriteString("…")
			break
		}
		b.WriteString(piece)
		i += size
	}
	return b.String()
}

func escaped(raw string, r rune, size int) string {
	if r == utf8.RuneError && size == 1 {
		return `\x` + hexByte(raw[0])
	}
	q := strconv.QuoteRune(r)
	return q[1 : len(q)-1]
}

func hexByte(c byte) string {
	const digits = "0123456789abcdef"
	return string([]byte{digits[c>>4], digits[c&15]})
}
