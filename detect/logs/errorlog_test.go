package logs

import (
	"strings"
	"testing"
	"time"

	"github.com/gatemend/gatemend/detect"
)

const shopSock = "unix:/run/shop/shop.sock"

func TestWhoseLine(t *testing.T) {
	b := newBench(t)
	for name, tt := range map[string]struct{ line, want string }{
		"by its server block":                      {b.failed("shop.example.com", "unix:/run/other.sock", ""), "shop"},
		"by its upstream, the name is the second":  {b.failed("www.shop.example", shopSock, ""), "shop"},
		"by the peer of localhost":                 {b.failed("_", "127.0.0.1:8000", ""), "blog"},
		"of nobody we know: all may look":          {b.failed("_", "unix:/run/other.sock", ""), "shop blog"},
		"of nginx as a whole":                      {b.at.Format("2006/01/02 15:04:05") + " [crit] 12#12: accept4() failed (24: Too many open files)", "shop blog"},
		"a client's own server: field comes later": {b.failed("shop.example.com", shopSock, `, referrer: "x, client: 1, server: blog.example.com, "`), "shop"},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t, shop(), blog())
			b.errorLines(tt.line)
			if got := b.triggered(); got != tt.want {
				t.Errorf("triggered %q, want %q", got, tt.want)
			}
		})
	}
}

// TestDullLinesDoNotTrigger: promise 12, and what clients bring about alone.
func TestDullLinesDoNotTrigger(t *testing.T) {
	b := newBench(t)
	for name, line := range map[string]string{
		"our own probe":        b.failed("shop.example.com", shopSock, `, referrer: "http://shop.example.com/.gatemend-probe-`+ownMarker+`"`),
		"a client went away":   b.says("epoll_wait() reported that client prematurely closed connection, so upstream connection is closed too while connecting to upstream", "shop.example.com"),
		"limit_req":            b.says(`limiting requests, excess: 5.1 by zone "one"`, "shop.example.com"),
		"a missing file":       b.says(`open() "/srv/x.php" failed (2: No such file or directory)`, "shop.example.com"),
		"the ::1 of localhost": b.failed("blog.example.com", "[::1]:8000", ""),
		"days old":             "2020/01/01 00:00:00" + b.failed("shop.example.com", shopSock, "")[19:],
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t, shop(), blog())
			b.errorLines(line)
			if got := b.triggered(); got != "" {
				t.Errorf("triggered %q", got)
			}
			if n := b.Traffic("shop").Nginx5xx + b.Traffic("blog").Nginx5xx; n != 0 {
				t.Errorf("%d errors counted", n)
			}
		})
	}
}

func TestAForgedMarkerIsNotOurs(t *testing.T) {
	b := newBench(t, shop())
	b.errorLines(b.failed("shop.example.com", shopSock, `, referrer: "http://x/.gatemend-probe-AAAAAAAAAAAAAAAA"`))
	if b.triggered() != "shop" {
		t.Error("a client hid its errors with a marker that we never sent")
	}
	if l := b.Lines("shop", 0); len(l) != 1 || l[0].Ours {
		t.Errorf("lines %+v", l)
	}
}

// The app gets the marker with every question. With it, it could have nginx write lines about another
// location's upstream, which would count as what nginx said to us.
func TestOurMarkerOnAnothersRequestIsNotOurs(t *testing.T) {
	b := newBench(t, shop())
	line := b.failed("shop.example.com", shopSock, `, referrer: "http://x/.gatemend-probe-`+ownMarker+`"`)
	b.errorLines(line, strings.Replace(line, `"GET / HTTP`, `"GET /other HTTP`, 1))
	if l := b.Lines("shop", 0); len(l) != 2 || !l[0].Ours || l[1].Ours {
		t.Errorf("lines %+v", l)
	}
}

func TestFloodTriggersAFewTimesASecondAndKeepsWhatCameBefore(t *testing.T) {
	b := newBench(t, shop())
	b.errorLines(b.says("upstream sent too big header while reading response header from upstream", "shop.example.com"))
	start := b.at
	for range 12_000 {
		b.errorLines(b.failed("shop.example.com", shopSock, ""))
		b.at = b.at.Add(10 * time.Millisecond)
	}
	seconds := int(b.at.Sub(start) / time.Second)
	if n := len(b.triggers); n < seconds || n > 3*seconds {
		t.Errorf("%d triggers in %d s", n, seconds)
	}
	lines := b.Lines("shop", 0)
	if len(lines) != recentMost || lines[0].Event != detect.EventHeaderTooBig {
		t.Fatalf("%d lines, the first %v", len(lines), lines[0].Event)
	}
	if lines[1].At > detect.At(start.Add(time.Second)) {
		t.Error("the flood's own first line is gone")
	}
}

func TestUnsureLinesTriggerRarely(t *testing.T) {
	b := newBench(t, shop())
	for range 59 {
		b.errorLines(b.failed("unmanaged.example", "unix:/run/unmanaged.sock", ""))
		b.at = b.at.Add(time.Second)
	}
	if n := len(b.triggers); n != 2 {
		t.Errorf("%d triggers in a minute for another server's errors", n)
	}
	if n := b.Traffic("shop").Nginx5xx; n != 0 {
		t.Errorf("%d errors of another server counted", n)
	}
}

func TestLinesSinceAndOfTheLastMinutes(t *testing.T) {
	b := newBench(t, shop())
	b.errorLines(b.failed("shop.example.com", shopSock, ""))
	first := detect.At(b.at)
	b.at = b.at.Add(time.Minute)
	b.errorLines(b.failed("shop.example.com", shopSock, ""))
	if n := len(b.Lines("shop", 0)); n != 2 {
		t.Errorf("%d lines", n)
	}
	if n := len(b.Lines("shop", first)); n != 1 {
		t.Errorf("%d lines since the first", n)
	}
	b.at = b.at.Add(recentFor)
	if n := len(b.Lines("shop", 0)); n != 0 {
		t.Errorf("%d lines are too old to be told", n)
	}
	if b.Lines("other", 0) != nil || b.Traffic("other") != nil {
		t.Error("a site that is not ours has facts")
	}
}

// TestDullLinesCostNothing: a scan of a site makes thousands of them.
func TestDullLinesCostNothing(t *testing.T) {
	b := newBench(t, shop())
	read := b.source(errorLog, "/var/log/nginx/error.log").errorReader()
	lines := [][]byte{[]byte(b.says(`open() "/srv/x.php" failed (2: No such file or directory)`, "shop.example.com"))}
	if n := testing.AllocsPerRun(100, func() { read(lines) }); n != 0 {
		t.Errorf("%v allocations a line", n)
	}
}

// A burst is one trigger and, for what was written while the first one looked, one more.
func TestABurstIsLookedAtToItsEnd(t *testing.T) {
	b := newBench(t, shop())
	line := b.failed("shop.example.com", shopSock, "")
	b.errorLines(line, line, line, line, line)
	if got := b.triggered(); got != "shop" || len(b.owed) != 1 {
		t.Fatalf("five lines at once: triggers %q, %d owed, want one and one", got, len(b.owed))
	}
	b.at = b.at.Add(sureGap)
	b.owed[0]()
	if got := b.triggered(); got != "shop" {
		t.Errorf("what was owed: %q", got)
	}
	b.errorLines(line)
	if got := b.triggered(); got != "" || len(b.owed) != 2 {
		t.Errorf("right after it: triggers %q, %d owed, want none and a second", got, len(b.owed))
	}
}
