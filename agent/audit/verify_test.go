package audit

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/sys/unix"
)

// Verify names each kind of tampering, at its place.
func TestVerifyNamesDamage(t *testing.T) {
	rehash := func(line []byte, old, with string) []byte {
		r, _ := decode(bytes.TrimSuffix(line, []byte("\n")))
		raw := strings.Replace(string(r.Data), old, with, 1)
		r.Data = json.RawMessage(raw)
		out, err := encode(&r)
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
	for name, tc := range map[string]struct {
		tamper func(l [][]byte) [][]byte
		want   []Damage
	}{
		"untouched": {func(l [][]byte) [][]byte { return l }, nil},
		"an edited byte": {func(l [][]byte) [][]byte {
			l[3] = bytes.Replace(l[3], []byte(`"n":4`), []byte(`"n":9`), 1)
			return l
		}, []Damage{{What: Edited, Seq: 4}}},
		"an added blank": {func(l [][]byte) [][]byte {
			l[3] = bytes.Replace(l[3], []byte(`"n":4`), []byte(`"n": 4`), 1)
			return l
		}, []Damage{{What: Edited, Seq: 4}}},
		"edited with a new hash": {func(l [][]byte) [][]byte { l[3] = rehash(l[3], `"n":4`, `"n":9`); return l }, []Damage{{What: Edited, Seq: 4}}},
		"the last edited":        {func(l [][]byte) [][]byte { l[7] = rehash(l[7], `"n":8`, `"n":9`); return l }, []Damage{{What: Edited, Seq: 8}}},
		"two swapped":            {func(l [][]byte) [][]byte { l[3], l[4] = l[4], l[3]; return l }, []Damage{{What: Reordered, Seq: 4}}},
		"one twice":              {func(l [][]byte) [][]byte { return append(l[:4:4], l[3:]...) }, []Damage{{What: Duplicated, Seq: 4}}},
		"one missing":            {func(l [][]byte) [][]byte { return append(l[:3:3], l[4:]...) }, []Damage{{What: Gap, Seq: 4}}},
		"the first missing":      {func(l [][]byte) [][]byte { return l[2:] }, []Damage{{What: Gap, Seq: 1}}},
		"the tail missing":       {func(l [][]byte) [][]byte { return l[:6] }, []Damage{{What: Truncated, Seq: 7}}},
		"all missing":            {func(l [][]byte) [][]byte { return nil }, []Damage{{What: Truncated, Seq: 1}}},
		"a foreign line":         {func(l [][]byte) [][]byte { l[3] = append([]byte("hello\n"), l[3]...); return l }, []Damage{{What: Unreadable}}},
		"an unfinished line":     {func(l [][]byte) [][]byte { return append(l, []byte(`{"seq":9,"ki`)) }, nil},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			l := open(t, dir, nowhere(t))
			for n := range 8 {
				add(t, l, KindDecision, fmt.Sprintf(`{"n":%d}`, n+1))
			}
			head := l.Head()
			if err := l.Close(); err != nil {
				t.Fatal(err)
			}
			path := onlySegment(t, dir)
			raw, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			all := bytes.SplitAfter(raw, []byte("\n"))
			if err := os.WriteFile(path, bytes.Join(tc.tamper(all[:8]), nil), 0o600); err != nil {
				t.Fatal(err)
			}
			r, err := Verify(dir, head)
			if err != nil {
				t.Fatal(err)
			}
			var got []Damage
			for _, d := range r.Damage {
				got = append(got, Damage{What: d.What, Seq: d.Seq})
			}
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("damage (-want +got):\n%s\n%+v", diff, r.Damage)
			}
		})
	}
}

// What takes a segment's place once the directory was listed holds nobody up.
func TestSwappedSegment(t *testing.T) {
	path := filepath.Join(t.TempDir(), segmentName(1))
	if err := unix.Mkfifo(path, 0o600); err != nil {
		t.Fatal(err)
	}
	n := 0
	for l := range lines(path) {
		if n++; l.err == nil || n > 1 {
			t.Errorf("read %+v", l)
		}
	}
	if n != 1 {
		t.Error("nobody is told")
	}
}
