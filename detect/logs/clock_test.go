package logs

import (
	"testing"
	"time"

	"github.com/gatemend/gatemend/detect"
)

// TestClockSetBack: what was counted and read before a clock was set back is not of the present for as
// long as it was set back by, and what comes then counts at once.
func TestClockSetBack(t *testing.T) {
	b := newBench(t, shop())
	fail := func() {
		b.errorLines(b.failed("shop.example.com", shopSock, ""))
		b.read(accessLog, shop().AccessLog, b.got(502, "/", browser, ""), b.got(200, "/", browser, ""))
	}
	for range 5 {
		fail()
	}
	if f := b.Traffic("shop"); f.Nginx5xx != 5 || f.LastError == 0 || len(b.Lines("shop", 0)) == 0 {
		t.Fatalf("before: %+v", f)
	}
	b.at = b.at.Add(-time.Hour)
	if f := b.Traffic("shop"); f.Nginx5xx != 0 || f.Requests != 0 || f.LastError != 0 || f.LastAnswer != 0 || f.Window != 0 {
		t.Errorf("an hour earlier: %+v", f)
	}
	if l := b.Lines("shop", 0); len(l) != 0 {
		t.Errorf("lines of the future: %+v", l)
	}
	b.at = b.at.Add(10 * time.Second)
	fail()
	f, l := b.Traffic("shop"), b.Lines("shop", 0)
	if f.Nginx5xx != 1 || f.LastError != detect.At(b.at.Truncate(time.Second)) || f.Window != detect.For(10*time.Second) {
		t.Errorf("then: %+v", f)
	}
	if len(l) != 1 || l[0].Count > 1 {
		t.Errorf("then: %+v", l)
	}
}
