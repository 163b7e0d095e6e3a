package probe

import (
	"cmp"
	"context"
	"crypto/tls"
	"net"
	"net/url"

	"github.com/gatemend/gatemend/detect"
)

// External asks a URL the way a stranger would, with DNS and a verified certificate. It may
// open an incident for a person; it must never cause an action, for what lies between (CDN,
// DNS, the provider) is not ours to mend. Of q only Method, Timeout and Marker count.
func (p Prober) External(ctx context.Context, address string, q Question) detect.Answer {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" || (u.Scheme != "http" && u.Scheme != "https") {
		return notAsked(address, "it is not a URL such as https://shop.example.com/")
	}
	q.Host, q.Path, q.Scheme = u.Host, u.RequestURI(), u.Scheme
	port := cmp.Or(u.Port(), map[string]string{"http": "80", "https": "443"}[u.Scheme])
	v := visit{front: true, target: detect.TCP(net.JoinHostPort(u.Hostname(), port)), url: u.Redacted()}
	if u.Scheme == "https" {
		v.tls = &tls.Config{ServerName: u.Hostname(), MinVersion: tls.VersionTLS12, NextProtos: []string{"http/1.1"}}
	}
	v.request = q.method() + " " + q.path() + " HTTP/1.1\r\n" + header("Host", q.host()) + p.common(q)
	p.Dial = nil
	a, _ := p.ask(ctx, q, v)
	return a
}
