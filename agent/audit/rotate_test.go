package audit

import (
	"os"
	"strings"
	"testing"

	"github.com/gatemend/gatemend/detect"
)

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
	if err != nil || len(got.Damage) != 1 || got.Damage[0].What != Removed || got.Damage[0].Seq != r.First {
		t.Errorf("a removed segment shows as %+v, %v", got.Damage, err)
	}
}
