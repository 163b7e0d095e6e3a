package detect

import (
	"strings"
	"testing"
	"unicode"
)

func TestPrintable(t *testing.T) {
	for _, c := range []struct {
		in    string
		limit int
		want  string
	}{
		{"plain", 10, "plain"},
		{"müll", 10, "müll"},
		{"a\nb\x1b[2J", 40, `a\nb\x1b[2J`},
		{"\xff", 10, `\xff`},
		{"\u202e", 10, `\u202e`},
		{"abcdef", 3, "abc…"},
		{"ab\n", 3, "ab…"},
	} {
		if got := Printable(c.in, c.limit); got != c.want {
			t.Errorf("Printable(%q, %d) = %q, want %q", c.in, c.limit, got, c.want)
		}
	}
}

func FuzzPrintable(f *testing.F) {
	f.Add("a\x1b]0;x\a\xff", 5)
	f.Fuzz(func(t *testing.T, s string, limit int) {
		if limit < 0 || limit > 1<<16 {
			return
		}
		got := Printable(s, limit)
		if strings.ContainsFunc(got, func(r rune) bool { return !unicode.IsPrint(r) }) {
			t.Errorf("Printable(%q) = %q is not printable", s, got)
		}
		if len(got) > limit+len("…") {
			t.Errorf("Printable(%q, %d) has %d bytes", s, limit, len(got))
		}
	})
}
