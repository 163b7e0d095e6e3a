package probe

import (
	"bufio"
	"bytes"
	"context"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/gatemend/gatemend/detect"
)

// soon is for those who never answer. Whoever does has patient: a first TLS handshake alone, with the race
// detector and other packages beside it, was seen to take 340 ms.
const (
	soon    = 300 * time.Millisecond
	patient = 5 * time.Second
)

func TestUpstreamClassifiesWhatTheServerDoes(t *testing.T) {
	hang := func(c net.Conn) { _, _ = io.Copy(io.Discard, c) }
	for _, c := range []struct {
		name    string
		answer  func(net.Conn)
		outcome detect.Outcome
		stage   string
		status  int
		bytes   int
	}{
		{"complete", reply("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"), detect.Answered, "", 200, 2},
		{"no length, ends by closing", reply("HTTP/1.0 200 OK\r\n\r\nok"), detect.Answered, "", 200, 2},
		{"chunked", reply("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n"), detect.Answered, "", 200, 2},
		{"no body", reply("HTTP/1.1 204 No Content\r\n\r\n"), detect.Answered, "", 204, 0},
		{"the app's own error", reply("HTTP/1.1 500 Oops\r\nContent-Length: 0\r\n\r\n"), detect.Answered, "", 500, 0},
		{"early hints first", reply("HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 404 No\r\nContent-Length: 0\r\n\r\n"), detect.Answered, "", 404, 0},
		{"cut in the body", reply("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nok"), detect.Closed, "body", 200, 2},
		{"cut in a chunk", reply("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n9\r\nok"), detect.Closed, "body", 200, 2},
		{"cut in the headers", reply("HTTP/1.1 200 OK\r\nContent-"), detect.Closed, "headers", 0, 0},
		{"closed at once", reply(""), detect.Closed, "headers", 0, 0},
		{"not HTTP", reply("\x15\x03\x01 hello\r\n\r\n"), detect.Malformed, "headers", 0, 0},
		{"silent", hang, detect.TimedOut, "headers", 0, 0},
		{"silent after the headers", func(c net.Conn) {
			reply("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n")(c)
			hang(c)
		}, detect.TimedOut, "body", 200, 0},
		{"one byte at a time for ever", func(c net.Conn) {
			reply("HTTP/1.1 200 OK\r\nX: ")(c)
			for _, err := c.Write([]byte("a")); err == nil; _, err = c.Write([]byte("a")) {
				_ = c.SetReadDeadline(time.Now().Add(time.Millisecond))
				_, _ = c.Read(make([]byte, 1))
			}
		}, detect.TimedOut, "headers", 0, 0},
		{"headers without end", func(c net.Conn) {
			reply("HTTP/1.1 200 OK\r\n")(c)
			_, _ = io.Copy(c, repeat("X-A: b\r\n"))
		}, detect.Malformed, "headers", 0, 0},
		{"body without end", func(c net.Conn) {
			reply("HTTP/1.1 200 OK\r\n\r\n")(c)
			_, _ = io.Copy(c, repeat("x"))
		}, detect.Answered, "", 200, 64 << 10},
	} {
		t.Run(c.name, func(t *testing.T) {
			within := patient
			if c.outcome == detect.TimedOut {
				within = soon
			}
			a := Prober{}.Upstream(t.Context(), serve(t, c.answer), Question{Timeout: within})
			if a.Outcome != c.outcome || a.Stage != c.stage || a.Status != c.status || a.Bytes != c.bytes {
				t.Errorf("got %+v", a)
			}
			if a.At == 0 || a.Took <= 0 || a.Took > detect.For(10*soon) {
				t.Errorf("at %d took %v", a.At, a.Took)
			}
		})
	}
}

type repeat string

func (r repeat) Read(b []byte) (int, error) {
	return copy(b, strings.Repeat(string(r), 1+len(b)/len(r))[:len(b)/len(r)*len(r)]), nil
}

func TestUpstreamClassifiesTheConnect(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("loop", filepath.Join(dir, "loop")); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name    string
		target  detect.Target
		outcome detect.Outcome
		errno   syscall.Errno
	}{
		{"nothing there", detect.Unix(filepath.Join(dir, "none")), detect.Missing, syscall.ENOENT},
		{"a regular file", detect.Unix(file), detect.Refused, syscall.ECONNREFUSED},
		{"a stale socket", detect.Unix(stale(t, dir)), detect.Refused, syscall.ECONNREFUSED},
		{"through a file", detect.Unix(file + "/s"), detect.BadPath, syscall.ENOTDIR},
		{"a loop", detect.Unix(filepath.Join(dir, "loop")), detect.BadPath, syscall.ELOOP},
		{"too long", detect.Unix("/" + strings.Repeat("x", 120)), detect.BadPath, syscall.EINVAL},
		{"datagram", detect.Unix(datagram(t, dir)), detect.BadPath, syscall.EPROTOTYPE},
		{"full", detect.Unix(full(t, dir)), detect.Backlog, syscall.EAGAIN},
		{"closed port", detect.TCP("127.0.0.1:1"), detect.Refused, syscall.ECONNREFUSED},
		{"no such address", detect.TCP("no port"), detect.Unresolved, 0},
		{"unknown", detect.Target{}, detect.NotAsked, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			a := Prober{}.Upstream(t.Context(), c.target, Question{Timeout: patient})
			if a.Outcome != c.outcome || a.Errno != int(c.errno) {
				t.Errorf("got %q %d (%s), want %q %d", a.Outcome, a.Errno, a.Detail, c.outcome, c.errno)
			}
			if a.Healthy() {
				t.Error("healthy")
			}
		})
	}
}

func TestUpstreamReset(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	serveOn(t, l, func(c net.Conn) {
		_, _ = bufio.NewReader(c).ReadByte()
		_ = c.(*net.TCPConn).SetLinger(0)
	})
	a := Prober{}.Upstream(t.Context(), detect.TCP(l.Addr().String()), Question{Timeout: patient})
	if a.Outcome != detect.Reset || a.Errno != int(syscall.ECONNRESET) {
		t.Errorf("got %+v", a)
	}
}

func TestUpstreamSendsWhatNginxWould(t *testing.T) {
	got := make(chan *http.Request, 1)
	target := serve(t, func(c net.Conn) {
		r, err := http.ReadRequest(bufio.NewReader(c))
		if err != nil {
			t.Error(err)
			return
		}
		got <- r
		_, _ = io.WriteString(c, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
	})
	marker := NewMarker()
	Prober{Version: "1.2"}.Upstream(t.Context(), target, Question{Host: "shop.example.com", Path: "/a?b=c", Marker: marker})
	r := <-got
	want := map[string]string{
		"X-Real-Ip": "127.0.0.1", "X-Forwarded-For": "127.0.0.1", "X-Forwarded-Proto": "http",
		"User-Agent": "gatemend/1.2", "Accept-Encoding": "identity", "Accept": "*/*",
		"Referer": "http://shop.example.com/.gatemend-probe-" + marker,
	}
	for k, v := range want {
		if r.Header.Get(k) != v {
			t.Errorf("%s: %q, want %q", k, r.Header.Get(k), v)
		}
	}
	if r.Host != "shop.example.com" || r.RequestURI != "/a?b=c" || !r.Close || r.Header.Get("Cookie") != "" {
		t.Errorf("request %+v", r)
	}
	if m := Marker(`request: "GET / HTTP/1.1", referrer: "` + r.Referer() + `"`); m != marker {
		t.Errorf("found marker %q in %q, want %q", m, r.Referer(), marker)
	}
}

func TestUpstreamRefusesToForgeARequest(t *testing.T) {
	target := serve(t, func(net.Conn) { t.Error("connected") })
	for _, q := range []Question{
		{Path: "/ HTTP/1.1\r\nX: y"}, {Path: "relative"}, {Host: "a\r\nb"}, {Method: "POST"}, {Marker: "a b"}, {Path: "/\x00"},
	} {
		if a := (Prober{}).Upstream(t.Context(), target, q); a.Outcome != detect.NotAsked || a.Healthy() {
			t.Errorf("%+v: %+v", q, a)
		}
	}
}

func TestGivingUpIsNotAnAnswer(t *testing.T) {
	target := serve(t, func(c net.Conn) { _, _ = io.Copy(io.Discard, c) })
	ctx, cancel := context.WithCancel(t.Context())
	time.AfterFunc(20*time.Millisecond, cancel)
	if a := (Prober{}).Upstream(ctx, target, Question{}); a.Outcome != detect.NotAsked {
		t.Errorf("got %+v", a)
	}
}

func TestDialHookIsUsed(t *testing.T) {
	target := serve(t, reply("HTTP/1.1 204 No\r\n\r\n"))
	p := Prober{Dial: func(ctx context.Context, as detect.Target) (net.Conn, error) {
		if as.Address != "/not/there" {
			t.Errorf("asked for %v", as)
		}
		return net.Dial("unix", target.Address)
	}}
	if a := p.Upstream(t.Context(), detect.Unix("/not/there"), Question{}); !a.Healthy() {
		t.Errorf("got %+v", a)
	}
}

func TestHostileHeadersAreEscaped(t *testing.T) {
	target := serve(t, reply("HTTP/1.1 302 Found\r\nServer: a\x1b[2J\r\nLocation: /\x7f\r\nContent-Length: 0\r\n\r\n"))
	a := Prober{}.Upstream(t.Context(), target, Question{})
	if s := a.Server + a.Redirect + a.Detail; bytes.ContainsAny([]byte(s), "\x1b\x7f") {
		t.Errorf("control characters in %q", s)
	}
}

func stale(t *testing.T, dir string) string {
	t.Helper()
	l, err := net.ListenUnix("unix", &net.UnixAddr{Name: filepath.Join(dir, "stale")})
	if err != nil {
		t.Fatal(err)
	}
	l.SetUnlinkOnClose(false)
	l.Close()
	return filepath.Join(dir, "stale")
}

func datagram(t *testing.T, dir string) string {
	t.Helper()
	c, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: filepath.Join(dir, "dgram")})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return filepath.Join(dir, "dgram")
}

// full is a socket whose accept queue, of one, is taken.
func full(t *testing.T, dir string) string {
	t.Helper()
	path := filepath.Join(dir, "full")
	fd, err := syscall.Socket(syscall.AF_UNIX, syscall.SOCK_STREAM, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = syscall.Close(fd) })
	if err := syscall.Bind(fd, &syscall.SockaddrUnix{Name: path}); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Listen(fd, 0); err != nil {
		t.Fatal(err)
	}
	c, err := net.Dial("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return path
}
