package audit

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"
)

// Whatever is in a segment, reading ends, opening mends what it may, and the next record
// stands behind it.
func FuzzSegment(f *testing.F) {
	r := Record{Seq: 1, Kind: KindIntent, Prev: Genesis, Data: json.RawMessage(`{"action":{"verb":"restart-unit"}}`)}
	line, err := encode(&r)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(line)
	f.Add(line[:len(line)-1])
	f.Add(append([]byte("\x00\x00\n"), line...))
	f.Add([]byte(`{"seq":9223372036854775807,"kind":"torn","hash":"` + Genesis + `"}` + "\n"))
	f.Add([]byte(`{"seq":5,"kind":"rotate","data":{"oldest":4},"hash":"` + Genesis + `"}` + "\n"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, segmentName(1)), raw, 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := Verify(dir, Head{3, Genesis}); err != nil {
			t.Fatal(err)
		}
		_, _ = Incidents(dir)
		l := open(t, dir, nowhere(t))
		before := l.Head()
		if before.Seq > 1<<60 {
			t.Skip("no number is left")
		}
		seq, err := l.Append(context.Background(), Record{Kind: KindIntent})
		if err != nil || seq != before.Seq+1 {
			t.Fatalf("record %d behind %d: %v", seq, before.Seq, err)
		}
		var last Record
		for r, err := range All(dir) {
			if err == nil {
				last = r
			}
		}
		if last.Seq != seq || last.Prev != before.Hash {
			t.Fatalf("the last record is %+v, want %d behind %s", last, seq, before.Hash)
		}
	})
}
