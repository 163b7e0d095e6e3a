package wire

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// MaxLine is the longest line, in bytes without the newline.
const MaxLine = 256

// Line joins words into a line. Bytes that would end a word or the line, and everything
// outside ASCII, are written as %XX: an nginx location may hold spaces and any byte.
func Line(words ...string) string {
	var b strings.Builder
	for i, w := range words {
		if i > 0 {
			b.WriteByte(' ')
		}
		escape(&b, w)
	}
	return b.String()
}

// Words takes a line apart. Exactly what [Line] writes is accepted: one line has one spelling.
func Words(line string) ([]string, error) {
	if len(line) > MaxLine {
		return nil, fmt.Errorf("it is longer than %d bytes", MaxLine)
	}
	words := strings.Split(line, " ")
	for i, w := range words {
		var err error
		if words[i], err = unescape(w); err != nil {
			return nil, err
		}
	}
	if again := Line(words...); again != line {
		return nil, fmt.Errorf("it is written %q", again)
	}
	return words, nil
}

func escape(b *strings.Builder, s string) {
	for i := 0; i < len(s); i++ {
		if c := s[i]; c <= ' ' || c >= 0x7f || c == '%' {
			fmt.Fprintf(b, "%%%02X", c)
		} else {
			b.WriteByte(c)
		}
	}
}

func unescape(s string) (string, error) {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] != '%' {
			b.WriteByte(s[i])
			continue
		}
		if i+3 > len(s) {
			return "", errors.New("an escape is cut off")
		}
		n, err := strconv.ParseUint(s[i+1:i+3], 16, 8)
		if err != nil {
			return "", fmt.Errorf("%q is no escape", s[i:i+3])
		}
		b.WriteByte(byte(n))
		i += 2
	}
	return b.String(), nil
}
