package audit

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gatemend/gatemend/detect"
	"github.com/gatemend/gatemend/policy"
	"github.com/google/go-cmp/cmp"
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
		"one twice":              {func(l [][]byte) [][]byte { return append(l[:4:4], l[3:]...) }, []Damage{{What: Reordered, Seq: 4}}},
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

func TestRotationCarriesTheChainAndKeepsTheWindow(t *testing.T) {
	dir := t.TempDir()
	now := detect.Time(1_748_779_200_000_000)
	o := nowhere(t)
	o.SegmentSize, o.KeepBytes, o.Reserve = 2000, 6000, 4096
	o.Now = func() detect.Time { return now }
	l := open(t, dir, o)
	for range 100 { // all within the window: nothing may go, however much it is
		add(t, l, KindDecision, `{"filler":"`+strings.Repeat("x", 200)+`"}`)
	}
	segs, err := segments(dir)
	if err != nil || len(segs) < 10 {
		t.Fatalf("%d segments, %v; the window was not kept", len(segs), err)
	}
	if r := whole(t, dir, l.Head()); r.First != 1 {
		t.Errorf("kept from record %d, want 1", r.First)
	}
	now = now.Add(2 * day)
	for range 40 {
		add(t, l, KindDecision, `{"filler":"`+strings.Repeat("x", 200)+`"}`)
	}
	r := whole(t, dir, l.Head())
	if r.First == 1 || r.Segments > 15 {
		t.Errorf("nothing went by size: %+v", r)
	}
	segs, _ = segments(dir)
	if err := os.Remove(segs[0].path); err != nil {
		t.Fatal(err)
	}
	got, err := Verify(dir, l.Head())
	if err != nil || len(got.Damage) != 1 || got.Damage[0].What != Gap || got.Damage[0].Seq != r.First {
		t.Errorf("a removed segment shows as %+v, %v", got.Damage, err)
	}
}

func TestHistory(t *testing.T) {
	dir := t.TempDir()
	l := open(t, dir, nowhere(t))
	intent := func(extra string) int64 {
		return add(t, l, KindIntent, `{"action":{"verb":"restart-unit","unit":"shop.service"}`+extra+`}`)
	}
	became := func(kind Kind, seq int64, o policy.Outcome) {
		add(t, l, kind, fmt.Sprintf(`{"seq":%d,"outcome":%q}`, seq, o))
	}
	open := intent(``)
	failed := intent(``)
	became(KindResult, failed, "")
	became(KindOutcome, failed, policy.Failed)
	back := intent(`,"case":{"incident":{"mended":true}}`)
	became(KindOutcome, back, policy.Recovered)
	became(KindOutcome, back, policy.CameBack)
	dry := intent(`,"dry":true`)
	became(KindResult, dry, policy.Would)
	odd := add(t, l, KindIntent, `"not even an object"`)
	became(KindOutcome, odd, "splendid")

	want := []policy.Entry{
		{Seq: open, Verb: policy.RestartUnit, Unit: "shop.service", Outcome: policy.OutcomeOpen},
		{Seq: failed, Verb: policy.RestartUnit, Unit: "shop.service", Outcome: policy.Failed},
		{Seq: back, Verb: policy.RestartUnit, Unit: "shop.service", Outcome: policy.CameBack, Mended: true},
		{Seq: dry, Verb: policy.RestartUnit, Unit: "shop.service", Outcome: policy.Would, Shadow: true},
		{Seq: odd, Outcome: policy.OutcomeOpen},
	}
	fromFiles, err := History(dir, day)
	if err != nil {
		t.Fatal(err)
	}
	for from, got := range map[string][]policy.Entry{"the writer": l.History(day), "the files": fromFiles} {
		for i := range got {
			if got[i].At == 0 || got[i].Boot == "" || got[i].Site != "shop" || got[i].Incident != "7" {
				t.Errorf("%s: entry lacks its place: %+v", from, got[i])
			}
			got[i].At, got[i].Boot, got[i].Uptime, got[i].Site, got[i].Incident = 0, "", 0, "", ""
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("history of %s (-want +got):\n%s", from, diff)
		}
	}
}

func TestHistoryAgesByUptime(t *testing.T) {
	dir := t.TempDir()
	o := nowhere(t)
	now, up := detect.Time(1_748_779_200_000_000), 100*day
	o.Now, o.Boot = func() detect.Time { return now }, func() (string, detect.Span) { return "b", up }
	l := open(t, dir, o)
	add(t, l, KindIntent, `{}`)
	now = now.Add(30 * day) // the clock is set; no time has passed
	if got := l.History(day); len(got) != 1 {
		t.Error("setting the clock made an action forgotten")
	}
	up += 2 * day
	if got := l.History(day); len(got) != 0 {
		t.Error("an action is remembered beyond its window")
	}
}

func TestAnEditedOutcomeExcusesNothing(t *testing.T) {
	dir := t.TempDir()
	l := open(t, dir, nowhere(t))
	seq := add(t, l, KindIntent, `{}`)
	add(t, l, KindOutcome, fmt.Sprintf(`{"seq":%d,"outcome":"failed"}`, seq))
	l.Close()
	path := onlySegment(t, dir)
	raw, _ := os.ReadFile(path)
	if err := os.WriteFile(path, bytes.Replace(raw, []byte(`"failed"`), []byte(`"recovered"`), 1), 0o600); err != nil {
		t.Fatal(err)
	}
	l = open(t, dir, nowhere(t))
	if got := l.History(day); len(got) != 1 || got[0].Outcome == policy.Recovered {
		t.Errorf("history %+v", got)
	}
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

func TestBundleLimits(t *testing.T) {
	dir := t.TempDir()
	now := detect.Time(0)
	o := nowhere(t)
	o.Now = func() detect.Time { return now }
	l := open(t, dir, o)
	if err := l.SaveBundle("7", "a", make([]byte, BundleMax)); err != nil {
		t.Fatal(err)
	}
	if err := l.SaveBundle("7", "a", make([]byte, BundleMax)); err != nil {
		t.Errorf("a file cannot be replaced: %v", err)
	}
	if err := l.SaveBundle("7", "b", []byte("x")); !errors.Is(err, ErrBundleFull) {
		t.Errorf("over the limit: %v", err)
	}
	for _, bad := range []string{"", "..", "a/b", ".hidden", "x\n", strings.Repeat("x", 99)} {
		if l.SaveBundle(bad, "a", nil) == nil || l.SaveBundle("7", bad, nil) == nil {
			t.Errorf("%q is taken for a name", bad)
		}
	}
	now = detect.At(mustStat(t, filepath.Join(dir, "bundles/7/a")).ModTime()).Add(91 * day)
	if err := l.SaveBundle("8", "a", []byte("x")); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(dir, "bundles/7")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("evidence older than 90 days is still there: %v", err)
	}
}

func mustStat(t *testing.T, path string) os.FileInfo {
	t.Helper()
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	return info
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

// listenJournal stands in for journald: a datagram socket whose entries can be read.
func listenJournal(t *testing.T) (string, *net.UnixConn) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "socket")
	conn, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: path, Net: "unixgram"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	return path, conn
}
