package probe

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"slices"

	"github.com/gatemend/gatemend/detect"
)

// Public asks the local nginx at door, as a client of the site would: Host and SNI are the
// server_name, the address is the one nginx listens on, DNS is never asked. A redirect that
// only changes scheme or host is not the app's answer: it is followed once, to the one of
// others that fits, or else to the same address at the scheme's usual port. To another port it is
// not followed: the app writes redirects, and must not send us about this host. The answer's
// Proof is left empty: whether it was forwarded is for the caller to compare.
func (p Prober) Public(ctx context.Context, door detect.Endpoint, q Question, others ...detect.Endpoint) detect.Answer {
	first := p.publicVisit(door, q)
	a, got := p.ask(ctx, q, first)
	next, ok := redirected(&a, got.location, q, door)
	if !ok {
		return a
	}
	to, ok := next.door(door, others)
	if !ok {
		return a
	}
	ctx, cancel := context.WithTimeout(ctx, q.timeout()) // the second part of one question
	defer cancel()
	q.Host, q.Scheme = next.host, next.scheme
	second, _ := p.ask(ctx, q, p.publicVisit(to, q))
	second.Took += a.Took
	return second
}

func (p Prober) publicVisit(door detect.Endpoint, q Question) visit {
	v := visit{front: true, target: door.Target, proxy: door.ProxyProtocol, url: "http://" + q.host() + q.path() + " at " + door.Target.String()}
	q.Scheme = "http"
	if door.TLS {
		q.Scheme = "https"
		v.tls = unverified(q.host())
		v.url = "https://" + q.host() + q.path() + " at " + door.Target.String()
	}
	v.request = q.method() + " " + q.path() + " HTTP/1.1\r\n" + header("Host", q.host()) + p.common(q)
	return v
}

// redirect is where a redirect that does not leave the page leads to.
type redirect struct{ scheme, host, port string }

// redirected tells a redirect of the same path and query to another scheme or host.
func redirected(a *detect.Answer, location string, q Question, door detect.Endpoint) (redirect, bool) {
	if a.Outcome != detect.Answered || location == "" || !isRedirect(a.Status) {
		return redirect{}, false
	}
	u, err := url.Parse(location)
	if err != nil || u.Host == "" || (u.Scheme != "http" && u.Scheme != "https") {
		return redirect{}, false
	}
	was := "http"
	if door.TLS {
		was = "https"
	}
	same := u.Scheme == was && u.Host == q.host()
	return redirect{u.Scheme, u.Hostname(), u.Port()}, !same && u.RequestURI() == q.path()
}

func isRedirect(status int) bool {
	return slices.Contains([]int{http.StatusMovedPermanently, http.StatusFound, http.StatusSeeOther, http.StatusTemporaryRedirect, http.StatusPermanentRedirect}, status)
}

// door is the local address that the redirect leads to; false where nginx is not known to answer
// there, and it is not the scheme's usual port.
func (r redirect) door(from detect.Endpoint, others []detect.Endpoint) (detect.Endpoint, bool) {
	fits := func(d detect.Endpoint) bool {
		_, port, err := net.SplitHostPort(d.Target.Address)
		return d.TLS == (r.scheme == "https") && (r.port == "" || err != nil || port == r.port)
	}
	if fits(from) {
		return from, true // only the host changed
	}
	if i := slices.IndexFunc(others, fits); i >= 0 {
		return others[i], true
	}
	host, _, err := net.SplitHostPort(from.Target.Address)
	if err != nil || from.Target.IsUnix() {
		host = "127.0.0.1"
	}
	usual := map[string]string{"http": "80", "https": "443"}[r.scheme]
	if r.port != "" && r.port != usual {
		return detect.Endpoint{}, false
	}
	return detect.Endpoint{Target: detect.TCP(net.JoinHostPort(host, usual)), TLS: r.scheme == "https"}, true
}

// sendProxyHeader writes version 1 of the PROXY protocol, as a proxy on this machine would.
func sendProxyHeader(ctx context.Context, conn net.Conn) error {
	defer bound(ctx, conn)()
	line := "PROXY UNKNOWN\r\n"
	from, ok1 := conn.LocalAddr().(*net.TCPAddr)
	to, ok2 := conn.RemoteAddr().(*net.TCPAddr)
	if ok1 && ok2 {
		family := "TCP6"
		if from.IP.To4() != nil && to.IP.To4() != nil {
			family = "TCP4"
		}
		line = fmt.Sprintf("PROXY %s %s %s %d %d\r\n", family, from.IP, to.IP, from.Port, to.Port)
	}
	_, err := conn.Write([]byte(line))
	return err
}
