package nginxconf

import (
	"path"
	"strings"

	"github.com/gatemend/gatemend/detect"
)

// upstreams lists the servers behind a pass directive.
func (c *Conf) proxyTo(pass *directive) []detect.ProxyTo {
	schema, rest := schemaOf(pass)
	if strings.Contains(rest, "$") {
		return []detect.ProxyTo{{Schema: schema, Where: pass.where(), Name: rest, Var: true}}
	}
	target := authority(rest)
	if block := c.upstreams[strings.ToLower(target)]; block != nil {
		return block.members(schema, pass.where(), uriOf(rest))
	}
	t, ok := targetOf(target, defaultPort(schema))
	if !ok {
		return []detect.ProxyTo{{Schema: schema, Where: pass.where(), Name: target, Var: true}}
	}
	return []detect.ProxyTo{{Target: t, Schema: schema, Where: pass.where(), URI: uriOf(rest)}}
}

// members lists the servers of an upstream block. Their default port is 80 whatever the scheme
// (ngx_http_upstream_server sets u.default_port = 80).
func (d *directive) members(schema, pass, uri string) []detect.ProxyTo {
	var out []detect.ProxyTo
	for _, s := range d.all("server") {
		p := detect.ProxyTo{Schema: schema, Where: s.where(), Name: d.arg(0), Pass: pass, URI: uri}
		if t, ok := targetOf(s.arg(0), "80"); ok {
			p.Target = t
		} else {
			p.Var = true
		}
		if len(s.args) > 1 {
			p.Flags = strings.Join(s.args[1:], " ")
		}
		out = append(out, p)
	}
	return out
}

// schemaOf reads the scheme of "http://x" or of "uwsgi_pass x".
func schemaOf(pass *directive) (schema, rest string) {
	schema = strings.TrimSuffix(pass.name, "_pass")
	if schema == "proxy" {
		schema = "http"
	}
	url := pass.arg(0)
	if head, tail, ok := strings.Cut(url, "://"); ok && head != "unix" && !strings.Contains(head, "$") {
		return strings.ToLower(head), tail
	}
	return schema, url
}

// authority cuts the URI: of "unix:/run/x.sock:/uri" and of "host:port/uri".
func authority(s string) string {
	if path, ok := strings.CutPrefix(s, "unix:"); ok {
		path, _, _ = strings.Cut(path, ":")
		return "unix:" + path
	}
	host, _, _ := strings.Cut(s, "/")
	return host
}

// uriOf is what authority cuts off, "" where there is none.
func uriOf(s string) string {
	if path, ok := strings.CutPrefix(s, "unix:"); ok {
		_, uri, _ := strings.Cut(path, ":")
		return uri
	}
	return s[len(authority(s)):]
}

func targetOf(s, port string) (detect.Target, bool) {
	if !strings.HasPrefix(s, "unix:") && (!strings.Contains(s, ":") || strings.HasSuffix(s, "]")) {
		s += ":" + port
	}
	t, err := detect.ParseTarget(s)
	if t.IsUnix() {
		t.Address = path.Clean(t.Address) // uwsgi_pass unix:///run/x.sock is seen in the wild
	}
	return t, err == nil && !strings.HasPrefix(t.Address, ":")
}

// defaultPort: uwsgi, scgi and fastcgi need a port in nginx; 80 is what its parser falls back to.
func defaultPort(schema string) string {
	if schema == "https" || schema == "grpcs" {
		return "443"
	}
	return "80"
}
