package tail

import (
	"bytes"
	"strings"
	"testing"
)

func TestLongLinesAreCutAndCounted(t *testing.T) {
	l := newLog(t).start()
	long := repeat("x", 3*LineMax)
	l.write("", long)
	l.look()
	l.write("", "the end of it\nnul \x00\xff\x1b binary\n"+long[:LineMax]+"\n")
	l.look()
	l.want(0, long[:LineMax], "nul \x00\xff\x1b binary", long[:LineMax])
	if l.cut != 1 {
		t.Errorf("%d lines cut, want 1", l.cut)
	}
	for _, one := range l.f.files {
		if n := cap(one.lines.part) + cap(one.lines.spare); n > 4*LineMax {
			t.Errorf("%d bytes are kept", n)
		}
	}
}

// FuzzSplit: however a text is cut into chunks, its lines are the same.
func FuzzSplit(f *testing.F) {
	f.Add([]byte("a\nb\n\nc"), 1)
	f.Add([]byte(strings.Repeat("x", LineMax+5)+"\ny\n"), 7)
	f.Fuzz(func(t *testing.T, text []byte, size int) {
		size = max(1, size%(LineMax+9))
		var s splitter
		var got [][]byte
		for p := text; len(p) > 0; p = p[min(size, len(p)):] {
			lines, _ := s.split(append([]byte(nil), p[:min(size, len(p))]...))
			for _, l := range lines {
				got = append(got, bytes.Clone(l))
			}
		}
		if rest, _ := s.rest(); len(rest) > 0 {
			got = append(got, rest)
		}
		want := bytes.Split(text, []byte("\n"))
		if len(unholed(want[len(want)-1])) == 0 {
			want = want[:len(want)-1]
		}
		if len(got) != len(want) {
			t.Fatalf("%d lines, want %d", len(got), len(want))
		}
		for i := range want {
			if !bytes.Equal(got[i], unholed(want[i][:min(len(want[i]), LineMax)])) {
				t.Fatalf("line %d is %q, want %q", i, got[i], want[i])
			}
		}
	})
}
