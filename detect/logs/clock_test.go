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

// An answer from just before a small set-back is none after a start that came then: neither where nobody asks
// until its time has come again, nor where its line is read late.
func TestClockSetBackALittle(t *testing.T) {
	for _, late := range []bool{false, true} {
		b := newBench(t, shop())
		set, began := time.Duration(0), b.at
		b.clock.read = func() (time.Time, time.Duration) { return b.at, b.at.Sub(began) + set }
		b.now = b.time
		b.read(accessLog, shop().AccessLog, b.got(200, "/", browser, ""))
		line := b.got(200, "/", browser, "")
		if f := b.Traffic("shop"); f.LastAnswer == 0 || f.Answered != 1 {
			t.Fatalf("before: %+v", f)
		}
		b.at, set = b.at.Add(-20*time.Second), 20*time.Second
		started := b.at
		if b.at = b.at.Add(2 * time.Second); late {
			b.read(accessLog, shop().AccessLog, line)
		}
		b.at = b.at.Add(28 * time.Second)
		if f := b.Traffic("shop"); f.LastAnswer > detect.At(started) || f.Window > detect.For(30*time.Second) {
			t.Errorf("late %v: started at %d, answered at %d, in a window of %s", late, detect.At(started), f.LastAnswer, f.Window)
		}
		b.read(accessLog, shop().AccessLog, b.got(200, "/", browser, ""))
		if f := b.Traffic("shop"); f.LastAnswer <= detect.At(started) {
			t.Errorf("late %v: an answer after the start: %+v", late, f)
		}
	}
}
