package detect

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// TextMax is the longest text of a line that is kept, in bytes.
const TextMax = 512

// readMax is how much of a hostile text is looked at.
const readMax = 4 * TextMax

// Clean makes hostile text fit to be kept and shown: what is no printable text is escaped
// (nginx 1.18 writes a client's ESC into its error log as it came), secrets are taken out, and
// it is cut at [TextMax] bytes. What was cleaned once is not changed by a second time.
func Clean(s string) string {
	if len(s) > readMax {
		s = whole(s[:readMax])
	}
	return cut(Scrub(Escape(s)), TextMax)
}

// whole drops a last word that was cut through: what is left of a secret may not look like one.
func whole(s string) string {
	if i := strings.LastIndexAny(s[len(s)-TextMax:], " \t\r\n"); i >= 0 {
		return s[:len(s)-TextMax+i]
	}
	return s
}

// Escape writes what is not printable as \xHH or \uHHHH: control characters, what turns the
// direction of text or has no width, and bytes that are no UTF-8.
func Escape(s string) string {
	if plain(s) {
		return s
	}
	var b strings.Builder
	for len(s) > 0 {
		r, size := utf8.DecodeRuneInString(s)
		switch {
		case r == utf8.RuneError && size == 1, r < 0x80 && !Printable(r):
			fmt.Fprintf(&b, `\x%02x`, s[0])
		case Printable(r):
			b.WriteString(s[:size])
		case r > 0xffff:
			fmt.Fprintf(&b, `\U%08x`, r)
		default:
			fmt.Fprintf(&b, `\u%04x`, r)
		}
		s = s[size:]
	}
	return b.String()
}

// Printable tells what may reach a terminal: letters, marks, digits, punctuation, symbols and
// spaces (unicode.IsGraphic). All else is refused, for which nobody has to keep a list: C0 and C1
// controls, bidi overrides and isolates, tags, line and paragraph separators, private use.
func Printable(r rune) bool { return unicode.IsGraphic(r) }

func plain(s string) bool {
	for i := 0; i < len(s); i++ {
		if s[i] < 0x20 || s[i] >= 0x7f {
			return false
		}
	}
	return true
}

func cut(s string, max int) string {
	if len(s) <= max {
		return s
	}
	end := max - len("…")
	for end > 0 && !utf8.RuneStart(s[end]) {
		end--
	}
	return s[:end] + "…"
}
