package probe

import (
	"bufio"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"math/big"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/gatemend/gatemend/detect"
)

var certEnds = time.Now().Add(-time.Hour).Truncate(time.Second) // expired: told, not failed

// front listens on TCP as nginx would and gives the door to it.
func front(t *testing.T, secure bool, answer func(net.Conn)) detect.Endpoint {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	door := detect.Endpoint{Target: detect.TCP(l.Addr().String()), TLS: secure}
	if secure {
		l = tls.NewListener(l, &tls.Config{Certificates: []tls.Certificate{certificate(t)}})
	}
	serveOn(t, l, answer)
	return door
}

func certificate(t *testing.T) tls.Certificate {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	tmpl := &x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: certEnds, DNSNames: []string{"other.example.com"}}
	der, err := x509.CreateCertificate(rand.Reader, tmpl, tmpl, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}
}

func TestPublicOverTLS(t *testing.T) {
	door := front(t, true, func(c net.Conn) {
		r, err := http.ReadRequest(bufio.NewReader(c))
		if err != nil {
			t.Error(err)
			return
		}
		if sni := c.(*tls.Conn).ConnectionState().ServerName; sni != "shop.example.com" || r.Host != sni {
			t.Errorf("SNI %q, Host %q", sni, r.Host)
		}
		if r.Header.Get("X-Forwarded-For") != "" {
			t.Error("a client sends no X-Forwarded-For")
		}
		_, _ = c.Write([]byte("HTTP/1.1 200 OK\r\nServer: nginx\r\nContent-Length: 2\r\n\r\nok"))
	})
	a := Prober{}.Public(t.Context(), door, Question{Host: "shop.example.com", Timeout: patient})
	if !a.Healthy() || a.CertEnds != detect.At(certEnds) || a.ByNginx || a.Proof != "" {
		t.Errorf("got %+v, want 200 and the certificate's end", a)
	}
}

func TestPublicTLSToAPlainPort(t *testing.T) {
	door := front(t, false, reply("HTTP/1.1 400 Bad\r\n\r\n"))
	door.TLS = true
	a := Prober{}.Public(t.Context(), door, Question{Timeout: patient})
	if a.Stage != "tls" || a.Healthy() || (a.Outcome != detect.TLSFailed && a.Outcome != detect.Closed) {
		t.Errorf("got %+v", a)
	}
}

func TestPublicSendsAProxyHeader(t *testing.T) {
	line := make(chan string, 1)
	door := front(t, false, func(c net.Conn) {
		r := bufio.NewReader(c)
		s, _ := r.ReadString('\n')
		line <- s
		if _, err := http.ReadRequest(r); err == nil {
			_, _ = c.Write([]byte("HTTP/1.1 204 No\r\n\r\n"))
		}
	})
	door.ProxyProtocol = true
	a := Prober{}.Public(t.Context(), door, Question{})
	_, port, _ := net.SplitHostPort(door.Target.Address)
	if s := <-line; !a.Healthy() || !strings.HasPrefix(s, "PROXY TCP4 127.0.0.1 127.0.0.1 ") || !strings.HasSuffix(s, " "+port+"\r\n") {
		t.Errorf("header %q, answer %+v", s, a)
	}
}

func TestPublicFollowsOneRedirectOfSchemeOrHost(t *testing.T) {
	secure := front(t, true, reply("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\napp"))
	again := front(t, true, reply("HTTP/1.1 301 Moved\r\nLocation: https://www.shop.example.com/x\r\nContent-Length: 0\r\n\r\n"))
	for _, c := range []struct {
		name, location string
		other          detect.Endpoint
		status         int
		url            string
	}{
		{"to https", "https://shop.example.com/x", secure, 200, "https://shop.example.com/x"},
		{"to https at www", "https://www.shop.example.com/x", secure, 200, "https://www.shop.example.com/x"},
		{"once only", "https://shop.example.com/x", again, 301, "https://shop.example.com/x"},
		{"another page is the app's answer", "https://shop.example.com/login", secure, 302, "http://shop.example.com/x"},
		{"a relative one too", "/login", secure, 302, "http://shop.example.com/x"},
		{"to itself is not followed", "http://shop.example.com/x", secure, 302, "http://shop.example.com/x"},
		{"never to another protocol", "ftp://shop.example.com/x", secure, 302, "http://shop.example.com/x"},
	} {
		t.Run(c.name, func(t *testing.T) {
			plain := front(t, false, reply("HTTP/1.1 302 Found\r\nLocation: "+c.location+"\r\nContent-Length: 0\r\n\r\n"))
			a := Prober{}.Public(t.Context(), plain, Question{Host: "shop.example.com", Path: "/x"}, c.other)
			if a.Status != c.status || !strings.HasPrefix(a.URL, c.url+" at 127.0.0.1:") {
				t.Errorf("got %+v, want %d from %s", a, c.status, c.url)
			}
		})
	}
}

func TestNginxPagesAreKnown(t *testing.T) {
	page := func(tail string) string {
		return "<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>\r\n<center><h1>502 Bad Gateway</h1></center>\r\n" + tail + "</body>\r\n</html>\r\n"
	}
	for _, c := range []struct {
		name, server, body string
		want               bool
	}{
		{"with version", "nginx/1.22.1", page("<hr><center>nginx/1.22.1</center>\r\n"), true},
		{"tokens off", "nginx", page("<hr><center>nginx</center>\r\n"), true},
		{"openresty", "openresty/1.25", page("<hr><center>openresty/1.25</center>\r\n"), true},
		{"the app's page through nginx", "nginx/1.22.1", "<h1>502</h1>", false},
		{"the app mentions nginx", "nginx/1.22.1", "<p><hr><center>nginx", false},
		{"nginx's page behind gunicorn", "gunicorn", page("<hr><center>nginx</center>"), false},
	} {
		t.Run(c.name, func(t *testing.T) {
			door := front(t, false, reply("HTTP/1.1 502 Bad Gateway\r\nServer: "+c.server+"\r\n\r\n"+c.body))
			if a := (Prober{}).Public(t.Context(), door, Question{}); a.ByNginx != c.want || a.Status != 502 {
				t.Errorf("got %+v, want by nginx %v", a, c.want)
			}
		})
	}
}

func TestExternalVerifiesTheCertificate(t *testing.T) {
	door := front(t, true, reply("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"))
	a := Prober{}.External(t.Context(), "https://"+door.Target.Address+"/", Question{Timeout: patient})
	if a.Outcome != detect.TLSFailed || a.Stage != "tls" {
		t.Errorf("got %+v", a)
	}
	for _, bad := range []string{"shop.example.com", "ftp://x/", "http://", "://"} {
		if a := (Prober{}).External(t.Context(), bad, Question{}); a.Outcome != detect.NotAsked {
			t.Errorf("%q: %+v", bad, a)
		}
	}
}
