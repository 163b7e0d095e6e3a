package probe

import (
	"bytes"
	"compress/gzip"
	"context"
	"io"
	"net"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/gatemend/gatemend/detect"
)

// TestARedirectLeadsToNoOtherPort: the app writes Location, and must not send root's prober to
// whatever else listens on this host.
func TestARedirectLeadsToNoOtherPort(t *testing.T) {
	var asked atomic.Int32
	elsewhere := front(t, false, func(c net.Conn) {
		asked.Add(1)
		reply("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")(c)
	})
	_, port, _ := net.SplitHostPort(elsewhere.Target.Address)
	for _, location := range []string{"http://other.example.com:" + port + "/", "https://shop.example.com:" + port + "/"} {
		door := front(t, false, reply("HTTP/1.1 302 Found\r\nLocation: "+location+"\r\nContent-Length: 0\r\n\r\n"))
		_, own, _ := net.SplitHostPort(door.Target.Address)
		a := Prober{}.Public(t.Context(), door, Question{Host: "shop.example.com", Timeout: patient})
		if a.Status != 302 {
			t.Errorf("to %s from %s: %+v", location, own, a)
		}
	}
	if n := asked.Load(); n > 0 {
		t.Errorf("another port was asked %d times", n)
	}
}

// TestARedirectWithATokenIsFollowed: what is hidden from people is not hidden from the prober.
func TestARedirectWithATokenIsFollowed(t *testing.T) {
	secure := front(t, true, reply("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"))
	plain := front(t, false, reply("HTTP/1.1 302 Found\r\nLocation: https://shop.example.com/x?token=CaNaRy\r\nContent-Length: 0\r\n\r\n"))
	a := Prober{}.Public(t.Context(), plain, Question{Host: "shop.example.com", Path: "/x?token=CaNaRy", Timeout: patient}, secure)
	if a.Status != 200 || strings.Contains(a.URL+a.Redirect, "CaNaRy") {
		t.Errorf("%+v", a)
	}
}

// TestBombs: whatever comes, little of it is read, and none of it unpacked.
func TestBombs(t *testing.T) {
	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	if _, err := io.CopyN(z, repeat("x"), 8<<20); err != nil {
		t.Fatal(err)
	}
	z.Close()
	stream := func(head string, endless repeat) func(net.Conn) {
		return func(c net.Conn) {
			reply(head)(c)
			_, _ = io.Copy(c, endless)
		}
	}
	for _, tc := range []struct {
		name    string
		answer  func(net.Conn)
		outcome detect.Outcome
		status  int
	}{
		{"8 MiB in some KiB", reply("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nConnection: close\r\n\r\n" + packed.String()), detect.Answered, 200},
		{"early hints without end", stream("", "HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n"), detect.Malformed, 0},
		{"one header without end", stream("HTTP/1.1 200 OK\r\nX: ", "x"), detect.Malformed, 0},
		{"a status line without end", stream("HTTP/1.1 200 ", "x"), detect.Malformed, 0},
		{"chunk extensions without end", stream("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1;", "x"), detect.Malformed, 200},
		{"chunks of one byte without end", stream("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", "1\r\nx\r\n"), detect.Answered, 200},
		{"a length of 8 EiB", stream("HTTP/1.1 200 OK\r\nContent-Length: 9223372036854775807\r\n\r\n", "x"), detect.Answered, 200},
		{"two lengths", reply("HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nxx"), detect.Malformed, 0},
		{"a negative length", reply("HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\nxx"), detect.Malformed, 0},
		{"a status of 99999999999", reply("HTTP/1.1 99999999999 OK\r\n\r\n"), detect.Malformed, 0},
	} {
		t.Run(tc.name, func(t *testing.T) {
			target := serve(t, tc.answer)
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			a := Prober{}.Upstream(t.Context(), target, Question{Timeout: patient})
			runtime.ReadMemStats(&after)
			if a.Outcome != tc.outcome || a.Status != tc.status || a.Bytes > bodyLimit {
				t.Errorf("%+v", a)
			}
			if n := after.TotalAlloc - before.TotalAlloc; n > 4<<20 {
				t.Errorf("%d MiB were allocated", n>>20)
			}
		})
	}
}

// TestTheAppsWordOnNginx: an app can write nginx's page and name, whatever its status; what
// counts is the status, and who it was that was asked.
func TestTheAppsWordOnNginx(t *testing.T) {
	const page = "<html>\r\n<center><h1>502 Bad Gateway</h1></center>\r\n<hr><center>nginx/1.22.1</center>\r\n</html>\r\n"
	for status, healthy := range map[string]bool{"200 OK": true, "502 Bad Gateway": false} {
		a := Prober{}.Upstream(t.Context(), serve(t, reply("HTTP/1.1 "+status+"\r\nServer: nginx/1.22.1\r\n\r\n"+page)), Question{Timeout: patient})
		if a.Healthy() != healthy || a.ByNginx {
			t.Errorf("%s: %+v", status, a)
		}
	}
}

// FuzzAnswer: no bytes of an upstream make the prober panic, or give what does not fit.
func FuzzAnswer(f *testing.F) {
	f.Add("HTTP/1.1 302 Found\r\nLocation: http://a:1/\r\nServer: \x1b[2J\r\n\r\nbody")
	f.Add("HTTP/1.1 103 Early\r\n\r\nHTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2;x\r\nok\r\n0\r\nT: x\r\n\r\n")
	f.Add("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nab")
	f.Fuzz(func(t *testing.T, text string) {
		ours, theirs := net.Pipe()
		defer ours.Close()
		go func() {
			defer theirs.Close()
			_, _ = theirs.Read(make([]byte, 4096))
			_, _ = io.WriteString(theirs, text)
		}()
		p := Prober{Dial: func(ctx context.Context, _ detect.Target) (net.Conn, error) { return ours, nil }}
		a := p.Upstream(t.Context(), detect.TCP("127.0.0.1:1"), Question{Timeout: patient})
		if a.Outcome == detect.Answered && (a.Status < 100 || a.Status > 999) || a.Bytes > bodyLimit {
			t.Errorf("%+v", a)
		}
		for _, s := range []string{a.Server, a.Redirect, a.Detail, a.URL} {
			if len(s) > detect.TextMax || strings.ContainsFunc(s, func(r rune) bool { return !detect.Printable(r) }) {
				t.Errorf("%q", s)
			}
		}
	})
}
