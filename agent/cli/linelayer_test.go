package cli

import (
	"strings"
	"testing"

	"github.com/gatemend/gatemend/detect"
)

func TestRepeatedLinesAreSaidOnceWithoutTheirHeads(t *testing.T) {
	nginx := func(at detect.Time, conn, client string, ours bool) detect.Line {
		return detect.Line{At: at, Source: detect.FromNginxError, Ours: ours, Text: "2026/11/23 18:21:44 [crit] 111#111: *" + conn +
			" connect() to unix:/run/shop/shop.sock failed (2: No such file or directory) while connecting to upstream, client: " + client + `, server: shop, request: "GET /?q=` + conn + ` HTTP/1.1"`}
	}
	l := lines(&detect.Facts{Lines: []detect.Line{
		nginx(1e6, "1", "1.2.3.4", false), {Source: detect.FromApp, Text: "Booting worker with pid: 7", Count: 3}, nginx(2e6, "5", "5.6.7.8", false), nginx(3e6, "6", "127.0.0.1", true),
	}})
	if len(l) != 3 {
		t.Fatalf("got %+v", l)
	}
	const text = "connect() to unix:/run/shop/shop.sock failed (2: No such file or directory) while connecting to upstream"
	if l[0].Seen != "Booting worker with pid: 7 (3 times)" || l[0].What != "the app's log" {
		t.Errorf("got %+v", l[0])
	}
	if !strings.HasSuffix(l[1].Seen, "  "+text+" (2 times)") || l[1].What != "nginx's error log" {
		t.Errorf("got %+v", l[1])
	}
	if !strings.HasSuffix(l[2].Seen, text+" (our own request)") {
		t.Errorf("got %+v", l[2])
	}
}

func TestLinesFitOnAScreen(t *testing.T) {
	var f detect.Facts
	for i := range 50 {
		f.Lines = append(f.Lines, detect.Line{Source: detect.FromApp, Text: strings.Repeat("x", 400) + string(rune('a'+i))})
	}
	l := lines(&f)
	if len(l) != mostLines {
		t.Errorf("%d lines", len(l))
	}
	for _, i := range l {
		if n := len([]rune(i.Seen)); n > lineWidth+30 {
			t.Errorf("a line of %d characters", n)
		}
	}
}
