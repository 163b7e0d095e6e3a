package diagnose

import (
	"net"
	"slices"
	"strings"

	"github.com/gatemend/gatemend/detect"
)

// loop: nginx proxies to itself, so that each request makes another one until something runs out.
func (v *view) loop() *finding {
	if !v.f.Offline {
		return nil
	}
	if l, ok := v.ownRequest(); ok {
		return found(detect.UpstreamMismatch, 70).line(l).about("target", l.Attr["upstream"]).
			because("line.client", "nginx itself is the client, and %s is nginx's own port", l.Attr["upstream"]).
			advise("proxy_pass leads back to nginx: name the address that the app listens on instead, 127.0.0.1:8000 or unix:").
			advise("nginx -t && systemctl reload nginx")
	}
	n := v.f.Nginx
	if n == nil || n.Disk == nil || v.f.Server == "" {
		return nil
	}
	for _, u := range n.Disk.Upstreams {
		host, port, err := net.SplitHostPort(u.Target.Address)
		if err == nil && host == v.f.Server && slices.Contains(n.Disk.Listens, port) {
			return found(detect.UpstreamMismatch, 70).about("target", u.Target.String(), "where", u.Where).
				because("nginx.target", "nginx goes to %s, which is the name and the port that it serves itself", u.Target).
				advise("%s: the upstream is the site's own name: write the address that the app listens on, 127.0.0.1:8000 or unix:", u.Where).
				advise("nginx -t && systemctl reload nginx")
		}
	}
	return nil
}

// ownRequest is a line in which both the client and the upstream are this machine, at a port of nginx's.
func (v *view) ownRequest() (detect.Line, bool) {
	for _, l := range v.f.Lines {
		host, port, err := net.SplitHostPort(l.Attr["upstream"])
		if err != nil || l.Source != detect.FromNginxError || port != "80" && port != "443" || !local(net.JoinHostPort(host, port)) {
			continue // "no live upstreams" names a block, not an address
		}
		if strings.Contains(l.Text, ", client: 127.0.0.1,") || strings.Contains(l.Text, ", client: ::1,") {
			return l, true
		}
	}
	return detect.Line{}, false
}
