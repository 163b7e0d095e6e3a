package probe

import (
	"context"
	"crypto/tls"
	"net"
	"time"

	"github.com/gatemend/gatemend/detect"
)

// Dialer opens the connection to a target. look's ConnectAsWorker is one: the descriptor it
// returns reaches a 0660 socket that our own user could not.
type Dialer func(ctx context.Context, target detect.Target) (net.Conn, error)

// Prober asks. The zero value works; it is safe for concurrent use.
type Prober struct {
	Version string // of the User-Agent gatemend/VERSION
	Dial    Dialer // nil: connect as ourselves
}

// Upstream asks the server behind nginx, with the headers that nginx would send.
func (p Prober) Upstream(ctx context.Context, target detect.Target, q Question) detect.Answer {
	request := q.method() + " " + q.path() + " HTTP/1.1\r\n" + header(
		"Host", q.host(),
		"X-Real-IP", "127.0.0.1",
		"X-Forwarded-For", "127.0.0.1",
		"X-Forwarded-Proto", q.scheme(),
	) + p.common(q)
	var conf *tls.Config
	if q.scheme() == "https" {
		conf = unverified(q.host())
	}
	url := q.scheme() + "://" + target.String() + q.path()
	if !target.Known() {
		return notAsked(url, "the target is not known")
	}
	a, _ := p.ask(ctx, q, visit{target: target, tls: conf, request: request, url: url})
	return a
}

// common are the headers that every question has.
func (p Prober) common(q Question) string {
	return header(
		"Connection", "close",
		"User-Agent", p.agent(),
		"Accept", "*/*",
		"Accept-Encoding", "identity",
		"Referer", q.referer(),
	) + "\r\n"
}

func (p Prober) agent() string {
	if p.Version == "" || !visible(p.Version) {
		return "gatemend/dev"
	}
	return "gatemend/" + p.Version
}

// visit is one connection to make and what to send on it.
type visit struct {
	target  detect.Target
	front   bool        // nginx is asked; of an upstream, nginx's page is the app's own make
	proxy   bool        // send a PROXY header first
	tls     *tls.Config // nil: plain
	request string
	url     string // for a person
}

// ask makes the visit, within the question's timeout.
func (p Prober) ask(ctx context.Context, q Question, v visit) (detect.Answer, page) {
	if err := q.check(); err != nil {
		return notAsked(v.url, err.Error()), page{}
	}
	ctx, cancel := context.WithTimeout(ctx, q.timeout())
	defer cancel()
	began := time.Now()
	a := detect.Answer{URL: detect.Clean(v.url)}
	got := p.visit(ctx, q, v, &a)
	a.ByNginx = v.front && byNginx(&a, got.body)
	a.At, a.Took = detect.At(time.Now()), detect.For(time.Since(began))
	return a, got
}

func (p Prober) visit(ctx context.Context, q Question, v visit, a *detect.Answer) page {
	a.Stage = stageConnect
	conn, err := p.connect(ctx, v.target)
	if err != nil {
		fail(ctx, a, err)
		return page{}
	}
	defer conn.Close()
	if v.proxy {
		if err := sendProxyHeader(ctx, conn); err != nil {
			fail(ctx, a, err)
			return page{}
		}
	}
	if v.tls != nil {
		a.Stage = stageTLS
		secure := tls.Client(conn, v.tls)
		if err := secure.HandshakeContext(ctx); err != nil {
			fail(ctx, a, err)
			return page{}
		}
		if certs := secure.ConnectionState().PeerCertificates; len(certs) > 0 {
			a.CertEnds = detect.At(certs[0].NotAfter)
		}
		conn = secure
	}
	return exchange(ctx, conn, q.method(), v.request, a)
}

func (p Prober) connect(ctx context.Context, target detect.Target) (net.Conn, error) {
	if p.Dial != nil {
		return p.Dial(ctx, target)
	}
	var d net.Dialer
	return d.DialContext(ctx, target.Network, target.Address)
}

// unverified asks for a name by SNI and takes any certificate: the question is whether the
// endpoint answers, and a wrong certificate is told by its expiry, not by an outage.
func unverified(name string) *tls.Config {
	if host, _, err := net.SplitHostPort(name); err == nil {
		name = host
	}
	return &tls.Config{
		ServerName:         name,
		InsecureSkipVerify: true, //nolint:gosec // see above
		MinVersion:         tls.VersionTLS10,
		NextProtos:         []string{"http/1.1"},
	}
}

func notAsked(url, why string) detect.Answer {
	return detect.Answer{At: detect.At(time.Now()), URL: detect.Clean(url), Outcome: detect.NotAsked, Detail: detect.Clean(why)}
}
