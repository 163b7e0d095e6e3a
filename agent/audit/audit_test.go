package audit

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"golang.org/x/sys/unix"
)

// nowhere is a journald that is not there: the disk must do alone.
func nowhere(t *testing.T) Options {
	return Options{Journal: filepath.Join(t.TempDir(), "no-journald")}
}

func open(t *testing.T, dir string, o Options) *Log {
	t.Helper()
	l, err := Open(dir, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	return l
}

func add(t *testing.T, l *Log, kind Kind, data string) int64 {
	t.Helper()
	seq, err := l.Append(context.Background(), Record{Kind: kind, Incident: "7", Site: "shop", Route: "/", Data: json.RawMessage(data)})
	if err != nil {
		t.Fatal(err)
	}
	return seq
}

func whole(t *testing.T, dir string, heads ...Head) Report {
	t.Helper()
	r, err := Verify(dir, heads...)
	if err != nil {
		t.Fatal(err)
	}
	if !r.OK() {
		t.Fatalf("damage in a log that nobody touched: %+v", r.Damage)
	}
	return r
}

func records(t *testing.T, dir string) []Record {
	t.Helper()
	var out []Record
	for r, err := range All(dir) {
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, r)
	}
	return out
}

func onlySegment(t *testing.T, dir string) string {
	t.Helper()
	segs, err := segments(dir)
	if err != nil || len(segs) != 1 {
		t.Fatalf("segments %v, %v; want one", segs, err)
	}
	return segs[0].path
}

func TestChainSurvivesReopening(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "state")
	for round := range 3 {
		l := open(t, dir, nowhere(t))
		for i := range 4 {
			if seq := add(t, l, KindDecision, fmt.Sprintf(`{"n":%d,"html":"<&>"}`, i)); seq != int64(round*4+i+1) {
				t.Errorf("record got number %d", seq)
			}
		}
		if err := l.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if r := whole(t, dir); r.Records != 12 || r.First != 1 || r.Head.Seq != 12 {
		t.Errorf("report %+v", r)
	}
	for _, r := range records(t, dir) {
		if r.At == 0 || r.Boot == "" || r.Uptime == 0 || r.Site != "shop" {
			t.Errorf("record lacks its place in time: %+v", r)
		}
	}
	for path, want := range map[string]os.FileMode{dir: 0o700, onlySegment(t, dir): 0o600} {
		if info, err := os.Stat(path); err != nil || info.Mode().Perm() != want {
			t.Errorf("%s has mode %v, want %v (%v)", path, info.Mode().Perm(), want, err)
		}
	}
}

func TestOneWriter(t *testing.T) {
	dir := t.TempDir()
	l := open(t, dir, nowhere(t))
	if _, err := Open(dir, nowhere(t)); !errors.Is(err, ErrLocked) {
		t.Errorf("a second writer got %v, want ErrLocked", err)
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := l.Append(context.Background(), Record{Kind: KindIntent}); err == nil {
		t.Error("a closed log took a record")
	}
	open(t, dir, nowhere(t))
}

func TestRootKeepsTheOwner(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("only root can give files away")
	}
	dir := t.TempDir()
	if err := os.Chown(dir, 4711, 4712); err != nil {
		t.Fatal(err)
	}
	l := open(t, dir, nowhere(t))
	add(t, l, KindIntent, `{}`)
	if err := l.SaveBundle("7", "facts.json", []byte("{}")); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{onlySegment(t, dir), filepath.Join(dir, "bundles"), filepath.Join(dir, "bundles/7/facts.json")} {
		var st unix.Stat_t
		if err := unix.Lstat(path, &st); err != nil || st.Uid != 4711 || st.Gid != 4712 {
			t.Errorf("%s belongs to %d:%d (%v)", path, st.Uid, st.Gid, err)
		}
	}
}

func TestIncidents(t *testing.T) {
	dir := t.TempDir()
	l := open(t, dir, nowhere(t))
	add(t, l, KindIncident, `{"state":"confirmed"}`)
	add(t, l, KindIntent, `{}`)
	add(t, l, KindIncident, `{"state":"recovered"}`)
	if _, err := l.Append(context.Background(), Record{Kind: KindStart}); err != nil {
		t.Fatal(err)
	}
	got, err := Incidents(dir)
	if err != nil || len(got) != 1 || got[0].ID != "7" || got[0].Records != 3 || got[0].Actions != 1 || string(got[0].State) != `{"state":"recovered"}` {
		t.Errorf("incidents %+v, %v", got, err)
	}
	n := 0
	for range Timeline(dir, "7") {
		n++
	}
	if n != 3 {
		t.Errorf("timeline has %d records, want 3", n)
	}
}
