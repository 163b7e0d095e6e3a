package nginxlog_test

import (
	"testing"
	"time"

	"github.com/gatemend/gatemend/detect"
	"github.com/gatemend/gatemend/detect/nginxlog"
)

const tail = `, client: 127.0.0.1, server: example.test, request: "GET /a?token=x HTTP/1.1", upstream: "http://unix:/run/shop/shop.sock:/a", host: "example.test"`

func TestParseError(t *testing.T) {
	for name, c := range map[string]struct {
		line  string
		event detect.Event
		errno int
		attr  map[string]string
	}{
		"unix, missing": {
			`2026/11/22 11:18:22 [crit] 4928#4928: *7 connect() to unix:/run/shop/shop.sock failed (2: No such file or directory) while connecting to upstream` + tail,
			detect.EventConnectFailed, 2,
			map[string]string{"target": "unix:/run/shop/shop.sock", "upstream": "unix:/run/shop/shop.sock", "schema": "http", "while": "connecting to upstream", "request": "/a"},
		},
		"tcp has no address in the message": {
			`2026/11/22 11:18:22 [error] 1#1: *7 connect() failed (111: Connection refused) while connecting to upstream, client: 10.0.0.1, server: _, request: "GET / HTTP/1.1", upstream: "http://127.0.0.1:8000/", host: "x"`,
			detect.EventConnectFailed, 111, map[string]string{"upstream": "127.0.0.1:8000"},
		},
		"the spelling without the colon": {
			`2026/11/22 11:18:22 [error] 1#1: *7 upstream timed out (110: Connection timed out) while reading response header from upstream, client: 10.0.0.1, server: _, request: "GET /slow HTTP/1.1", upstream: "http://unix:/run/shop/shop.sock/slow", host: "x"`,
			detect.EventUpstreamTimeout, 110, map[string]string{"upstream": "unix:/run/shop/shop.sock", "while": "reading response header from upstream"},
		},
		"a referrer forges a second upstream": {
			`2026/11/22 11:18:22 [crit] 1#1: *1 connect() to unix:/run/a.sock failed (13: Permission denied) while connecting to upstream, client: 10.0.0.1, server: _, request: "GET / HTTP/1.1", upstream: "http://unix:/run/a.sock:/", host: "x", referrer: "x", upstream: "http://unix:/run/evil.sock:/", host: "evil"`,
			detect.EventConnectFailed, 13, map[string]string{"target": "unix:/run/a.sock", "upstream": "unix:/run/a.sock"},
		},
		"stderr form": {
			`nginx: [emerg] bind() to 0.0.0.0:80 failed (98: Address already in use)`,
			detect.EventNginxBind, 98, map[string]string{"target": "0.0.0.0:80"},
		},
		"config error with its place": {
			`2026/11/22 11:18:22 [emerg] 12#12: unknown directive "prox_pass" in /etc/nginx/sites-enabled/shop:12`,
			detect.EventNginxConfInvalid, 0, map[string]string{"file": "/etc/nginx/sites-enabled/shop", "line": "12"},
		},
		"certificate that cannot be read": {
			`nginx: [emerg] cannot load certificate "/etc/x.pem": BIO_new_file() failed (SSL: error:80000002:system library::No such file or directory)`,
			detect.EventNginxConfInvalid, 0, nil,
		},
		"unresolved": {
			`2026/11/22 11:18:22 [error] 12#12: *4 app.internal could not be resolved (3: Host not found), client: 10.0.0.1, server: x, request: "GET / HTTP/1.1", host: "x"`,
			detect.EventUnresolved, 3, map[string]string{"name": "app.internal"},
		},
		"descriptors": {`2026/11/22 11:18:22 [crit] 12#12: accept4() failed (24: Too many open files)`, detect.EventNginxFiles, 24, nil},
		"connections": {`2026/11/22 11:18:22 [alert] 12#12: 8 worker_connections are not enough`, detect.EventConnectionsFull, 0, nil},
		"limits": {
			`2026/11/22 11:18:22 [error] 12#12: *4 limiting requests, excess: 5.120 by zone "one", client: 10.0.0.1, server: x, request: "GET / HTTP/1.1", host: "x"`,
			detect.EventLimited, 0, map[string]string{"kind": "requests", "zone": "one"},
		},
		"cut at 2048 bytes": {
			`2026/11/22 11:18:22 [error] 12#12: *4 upstream prematurely closed connection while reading response header from upstream, client: 10.0.0.1, server: x, request: "GET /aaaaaaaa`,
			detect.EventPrematureClose, 0, map[string]string{"while": "reading response header from upstream"},
		},
		"pasted without its head": {`connect() to unix:/run/a.sock failed (111: Connection refused) while connecting to upstream`, detect.EventConnectFailed, 111, map[string]string{"target": "unix:/run/a.sock"}},
	} {
		t.Run(name, func(t *testing.T) {
			got, ok := nginxlog.ParseErrorIn([]byte(c.line), time.UTC)
			if !ok || got.Event != c.event || got.Errno != c.errno {
				t.Fatalf("got %v %q errno %d, want %q errno %d", ok, got.Event, got.Errno, c.event, c.errno)
			}
			for k, v := range c.attr {
				if got.Attr[k] != v {
					t.Errorf("%s = %q, want %q", k, got.Attr[k], v)
				}
			}
			if got.Source != detect.FromNginxError {
				t.Errorf("source %q", got.Source)
			}
		})
	}
}

func TestUninteresting(t *testing.T) {
	for _, line := range []string{
		``, `[`, `2026/11/22 11:18:22 [`, `2026/11/22 11:18:22 [notice] 1#1: signal process started`,
		`2026/11/22 11:18:22 [error] 1#1: *1 open() "/var/www/favicon.ico" failed (2: No such file or directory), client: 1.2.3.4, server: x, request: "GET /favicon.ico HTTP/1.1", host: "x"`,
		// a client names the messages in what it sends: nothing behind ", client: " counts
		`2026/11/22 11:18:22 [error] 1#1: *1 access forbidden by rule, client: 1.2.3.4, server: x, request: "GET /connect()%20failed HTTP/1.1", host: "upstream timed out", referrer: "no live upstreams"`,
		`2026/11/22 11:18:22 [info] 1#1: *1 SSL_do_handshake() failed (SSL: error:0A00006C) while SSL handshaking, client: 1.2.3.4, server: 0.0.0.0:443`,
		`2026/11/22 11:18:22 [info] 1#1: *1 recv() failed (104: Connection reset by peer) while waiting for request, client: 1.2.3.4, server: 0.0.0.0:80`,
	} {
		if l, ok := nginxlog.ParseError([]byte(line)); ok {
			t.Errorf("%q says %q", line, l.Event)
		}
	}
}

func TestParseErrorTime(t *testing.T) {
	line := []byte(`2026/11/22 11:18:22 [crit] 49#49: *7 connect() to unix:/a.sock failed (2: No such file or directory) while connecting to upstream` + tail)
	zone := time.FixedZone("", 3600)
	got, _ := nginxlog.ParseErrorIn(line, zone)
	if want := time.Date(2026, 11, 22, 10, 18, 22, 0, time.UTC); !got.At.Time().Equal(want) || got.PID != 49 {
		t.Errorf("got %v pid %d, want %v pid 49", got.At.Time(), got.PID, want)
	}
}

// The promise of the package: no allocation for what says nothing.
func TestUninterestingAllocatesNothing(t *testing.T) {
	line := []byte(`2026/11/22 11:18:22 [error] 1#1: *1 access forbidden by rule, client: 1.2.3.4, server: x, request: "GET / HTTP/1.1", host: "x"`)
	if n := testing.AllocsPerRun(100, func() { nginxlog.Interesting(line) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func FuzzParseError(f *testing.F) {
	f.Add([]byte(`2026/11/22 11:18:22 [crit] 49#49: *7 connect() to unix:/a.sock failed (2: No such file or directory) while connecting to upstream` + tail))
	f.Add([]byte("nginx: [emerg] \x1b[31m in /a:1"))
	f.Fuzz(func(t *testing.T, line []byte) {
		l, ok := nginxlog.ParseError(line)
		if ok != (l.Event != "") {
			t.Fatalf("ok %v, event %q", ok, l.Event)
		}
		if len(l.Text) > detect.TextMax {
			t.Fatalf("text of %d bytes", len(l.Text))
		}
		for _, c := range []byte(l.Text) {
			if c < 0x20 || c == 0x7f {
				t.Fatalf("control character in %q", l.Text)
			}
		}
	})
}
