package audit

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
)

func TestTornTailIsTakenAside(t *testing.T) {
	for name, tail := range map[string][]byte{
		"cut short": []byte(`{"seq":3,"at":17,"kind":"int`), "zeros": make([]byte, 3000), "zeros and a newline": append(make([]byte, 30), '\n'),
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			l := open(t, dir, nowhere(t))
			add(t, l, KindDecision, `1`)
			add(t, l, KindDecision, `2`)
			if err := l.Close(); err != nil {
				t.Fatal(err)
			}
			path := onlySegment(t, dir)
			f, err := os.OpenFile(path, os.O_WRONLY|os.O_APPEND, 0)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := f.Write(tail); err != nil {
				t.Fatal(err)
			}
			f.Close()

			l = open(t, dir, nowhere(t))
			add(t, l, KindDecision, `3`)
			whole(t, dir)
			got := records(t, dir)
			if len(got) != 4 || got[2].Kind != KindTorn {
				t.Fatalf("records %+v", got)
			}
			kept, err := filepath.Glob(path + ".*.torn")
			if err != nil || len(kept) != 1 {
				t.Fatalf("torn files %v, %v", kept, err)
			}
			if raw, _ := os.ReadFile(kept[0]); !bytes.Equal(raw, tail) {
				t.Errorf("kept %q, want %q", raw, tail)
			}
		})
	}
}
