package nginxlog_test

import (
	"strings"
	"testing"
	"time"

	"github.com/gatemend/gatemend/detect"
	"github.com/gatemend/gatemend/detect/nginxlog"
)

func TestParseAccess(t *testing.T) {
	const front = `127.0.0.1 - - [22/Nov/2026:11:20:15 +0100] "GET /a?k=1 HTTP/1.1" `
	for _, c := range []struct {
		line   string
		status int
		ours   bool
		byApp  string
	}{
		{front + `502 157 "-" "curl/7.88.1"`, 502, false, ""},
		{front + `009 12 "-" "-"`, 9, false, ""},
		{front + `499 0 "-" "Mozilla \x22gatemend/1"`, 499, false, ""},
		{front + `200 6 "-" "gatemend/1.0"`, 200, true, ""},
		{front + `502 157 "-" "curl" urt=0.001 uct=- uht=-`, 502, false, "no"},
		{front + `502 9 "-" "curl" uct=0.000 uht=0.004`, 502, false, "yes"},
		{front + `502 9 "-" "curl" uht="-, 0.004"`, 502, false, "yes"},
	} {
		a, ok := nginxlog.ParseAccess([]byte(c.line))
		if !ok || a.Status != c.status || a.Ours != c.ours || a.ByApp != c.byApp || a.Path != "/a" {
			t.Errorf("%s: %v %+v", c.line, ok, a)
		}
		if want := time.Date(2026, 11, 22, 10, 20, 15, 0, time.UTC); !a.At.Time().Equal(want) {
			t.Errorf("%s: at %v", c.line, a.At.Time())
		}
	}
	for _, line := range []string{"", "[", front, strings.Repeat("[", 40), `x [22/Nov/2026:11:20:15 +0100] "GET" 2`} {
		if a, ok := nginxlog.ParseAccess([]byte(line)); ok {
			t.Errorf("%q read as %+v", line, a)
		}
	}
}

func FuzzParseAccess(f *testing.F) {
	f.Add([]byte(`127.0.0.1 - - [22/Nov/2026:11:20:15 +0100] "GET /a?k=1 HTTP/1.1" 502 157 "-" "curl/7.88.1" uht=-`))
	f.Fuzz(func(t *testing.T, line []byte) {
		if a, ok := nginxlog.ParseAccess(line); ok && (a.Status < 0 || a.Status > 999 || a.Bytes < 0) {
			t.Fatalf("%+v", a)
		}
	})
}

func TestClassifierAcrossChunks(t *testing.T) {
	bad := "2026/11/22 11:18:22 [error] 1#1: *1 no live upstreams while connecting to upstream, client: 1.2.3.4, server: x\n"
	dull := "2026/11/22 11:18:22 [error] 1#1: *1 access forbidden by rule, client: 1.2.3.4\n"
	long := strings.Repeat("x", 3*nginxlog.LineMax) + "\n"
	all := bad + dull + long + bad + strings.TrimSuffix(bad, "\n")
	for size := 1; size < 300; size += 7 {
		var found []detect.Event
		c := nginxlog.Classifier{Found: func(e detect.Event, _ []byte) { found = append(found, e) }}
		for s := all; s != ""; {
			n := min(size, len(s))
			_, _ = c.Write([]byte(s[:n]))
			s = s[n:]
		}
		if len(found) != 2 || c.Lines != 4 {
			t.Fatalf("chunks of %d: %v in %d lines", size, found, c.Lines)
		}
	}
	count := 0
	if n, err := nginxlog.Scan(strings.NewReader(all), func(detect.Event, []byte) { count++ }); n != 5 || count != 3 || err != nil {
		t.Errorf("scan: %d lines, %d found, %v", n, count, err)
	}
}

func TestZone(t *testing.T) {
	for line, want := range map[string]int{
		`192.0.2.1 - - [22/Nov/2026:11:20:15 +0000] "GET / HTTP/1.1" 502 157 "-" "x"`: 0,
		`192.0.2.1 - - [22/Nov/2026:11:20:15 -0530] "GET / HTTP/1.1" 502 157 "-" "x"`: -(5*3600 + 30*60),
		`192.0.2.1 - - [22/Nov/2026:11:20:15 +1245] "GET / HTTP/1.1" 502 157 "-" "x"`: 12*3600 + 45*60,
	} {
		loc, ok := nginxlog.Zone([]byte(line))
		if _, offset := time.Date(2026, 11, 22, 0, 0, 0, 0, loc).Zone(); !ok || offset != want {
			t.Errorf("%s: %d %v, want %d", line, offset, ok, want)
		}
	}
	for _, line := range []string{"", "[", "no date [at all here, but long enough to hold one]", "[22/Foo/2026:11:20:15 +0000] x"} {
		if _, ok := nginxlog.Zone([]byte(line)); ok {
			t.Errorf("%q has no zone", line)
		}
	}
}
