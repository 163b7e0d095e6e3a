package cli

import (
	"bytes"
	"fmt"
	"io"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/gatemend/gatemend/detect"
)

// screen is the one way to standard output and standard error, and what passes it cannot steer a
// terminal: of what is not printable only newline and tab go through, and the sequences of ours,
// byte for byte. Whoever forgets to escape what a client, an app or another user wrote is caught
// here. It is not asked whether a terminal stands behind it: a pipe may lead to one, by `less -R`,
// `tee`, or `cat` of the file tomorrow.
type screen struct{ io.Writer }

// ours are the sequences that paint, the progress line and the pretty log are made of. None of
// them hides text, moves the cursor up or speaks to the terminal.
var ours = append([]string{
	eraseLine, "\x1b[22m", "\x1b[91m", "\x1b[92m", "\x1b[93m", // progress, github.com/lmittmann/tint
}, painted...)

// eraseLine goes back to the beginning of the line and empties it.
const eraseLine = "\r\x1b[K"

// Write escapes as JSON does, so that a document stays one and says the same. It reports p as
// written when all of it was, in whichever form.
func (s screen) Write(p []byte) (int, error) {
	text := string(p)
	if !strings.ContainsFunc(text, forbidden) && utf8.Valid(p) {
		return s.Writer.Write(p)
	}
	if _, err := s.Writer.Write(gated(text)); err != nil {
		return 0, err
	}
	return len(p), nil
}

func forbidden(r rune) bool { return r != '\n' && r != '\t' && !detect.Printable(r) }

func gated(text string) []byte {
	var b bytes.Buffer
	for len(text) > 0 {
		if n := ourLength(text); n > 0 {
			b.WriteString(text[:n])
			text = text[n:]
			continue
		}
		r, size := utf8.DecodeRuneInString(text)
		switch {
		case r == utf8.RuneError && size == 1:
			fmt.Fprintf(&b, `\x%02x`, text[0])
		case !forbidden(r):
			b.WriteString(text[:size])
		case r > 0xffff:
			high, low := utf16.EncodeRune(r)
			fmt.Fprintf(&b, `\u%04x\u%04x`, high, low)
		default:
			fmt.Fprintf(&b, `\u%04x`, r)
		}
		text = text[size:]
	}
	return b.Bytes()
}

func ourLength(text string) int {
	for _, o := range ours {
		if strings.HasPrefix(text, o) {
			return len(o)
		}
	}
	return 0
}
