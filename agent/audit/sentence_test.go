package audit

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// tampered is a log of three segments, of records 1 to 10, those that rotation adds among them, with every head
// that journald remembers of it.
type tampered struct {
	t     *testing.T
	dir   string
	heads []Head
}

func writeThree(t *testing.T, mark string) tampered {
	t.Helper()
	dir := t.TempDir()
	o := nowhere(t)
	o.SegmentSize, o.Reserve = 1500, 4096
	l := open(t, dir, o)
	var heads []Head
	for n := 0; n < 8; n++ {
		add(t, l, KindDecision, fmt.Sprintf(`{"n":%d,"of":%q,"filler":%q}`, n, mark, strings.Repeat("x", 200)))
		heads = append(heads, l.Head())
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	return tampered{t, dir, heads}
}

func (x tampered) segment(n int) string {
	segs, err := segments(x.dir)
	if err != nil || len(segs) < 3 {
		x.t.Fatalf("segments %v, %v", segs, err)
	}
	return segs[n].path
}

// lines edits the lines of a segment.
func (x tampered) lines(n int, edit func([][]byte) [][]byte) {
	path := x.segment(n)
	raw, err := os.ReadFile(path)
	if err != nil {
		x.t.Fatal(err)
	}
	all := bytes.SplitAfter(bytes.TrimSuffix(raw, []byte("\n")), []byte("\n"))
	all[len(all)-1] = append(all[len(all)-1], '\n')
	if err := os.WriteFile(path, bytes.Join(edit(all), nil), 0o600); err != nil {
		x.t.Fatal(err)
	}
}

// What a person reads about each kind of tampering, to the letter.
func TestVerifySaysWhatWasDone(t *testing.T) {
	for name, tt := range map[string]struct {
		tamper func(x tampered)
		want   []string
	}{
		"untouched": {func(tampered) {}, nil},
		"the tail is cut": {func(x tampered) { x.lines(2, func(l [][]byte) [][]byte { return l[:len(l)-1] }) },
			[]string{"truncated: record 10 is missing at the end: journald remembers record 10"}},
		"the last segment is removed": {func(x tampered) { os.Remove(x.segment(2)) },
			[]string{"truncated: records 8 to 10 are missing at the end: journald remembers record 10"}},
		"a segment is removed": {func(x tampered) { os.Remove(x.segment(1)) },
			[]string{"removed: records 4 to 7 are missing between two segments: audit-000000000004.jsonl is gone, or the end of the one before (audit-000000000008.jsonl)"}},
		"the first segment is removed": {func(x tampered) { os.Remove(x.segment(0)) },
			[]string{"removed: records 1 to 3 are missing: the segment audit-000000000001.jsonl is gone (audit-000000000004.jsonl)"}},
		"a record is edited": {func(x tampered) {
			x.lines(0, func(l [][]byte) [][]byte {
				l[1] = bytes.Replace(l[1], []byte(`"n":1`), []byte(`"n":7`), 1)
				return l
			})
		}, []string{"edited: record 2: the line does not match its own hash (audit-000000000001.jsonl:2)"}},
		"a record is removed": {func(x tampered) { x.lines(0, func(l [][]byte) [][]byte { return slices.Delete(l, 1, 2) }) },
			[]string{"gap: record 2 is missing"}},
		"two records are swapped": {func(x tampered) {
			x.lines(0, func(l [][]byte) [][]byte { l[1], l[2] = l[2], l[1]; return l })
		}, []string{"reordered: record 2 stands behind record 3 (audit-000000000001.jsonl:3)"}},
		"a record is there twice": {func(x tampered) {
			x.lines(0, func(l [][]byte) [][]byte { return slices.Insert(l, 2, l[1]) })
		}, []string{"duplicated: record 2 is there twice (audit-000000000001.jsonl:3)"}},
		"the chain is replaced": {func(x tampered) { x.replace(writeThree(x.t, "another")) },
			[]string{"replaced: records 1 to 10 are not of the chain that journald remembers: the log was written anew from record 1 on"}},
		"all is gone": {func(x tampered) {
			for range 3 {
				os.Remove(filepath.Join(x.dir, segmentsOf(x)[0]))
			}
		}, []string{"truncated: records 1 to 10 are missing at the end: journald remembers record 10"}},
	} {
		t.Run(name, func(t *testing.T) {
			x := writeThree(t, "ours")
			x.t = t
			tt.tamper(x)
			r, err := Verify(x.dir, x.heads...)
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, d := range r.Damage {
				got = append(got, d.String())
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("damage (-want +got):\n%s", diff)
			}
		})
	}
}

func segmentsOf(x tampered) (names []string) {
	segs, _ := segments(x.dir)
	for _, s := range segs {
		names = append(names, filepath.Base(s.path))
	}
	return names
}

// replace puts another log's segments in the place of ours.
func (x tampered) replace(other tampered) {
	for _, name := range segmentsOf(x) {
		os.Remove(filepath.Join(x.dir, name))
	}
	for _, name := range segmentsOf(other) {
		if err := os.Rename(filepath.Join(other.dir, name), filepath.Join(x.dir, name)); err != nil {
			x.t.Fatal(err)
		}
	}
}
