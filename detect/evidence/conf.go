package evidence

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/gatemend/gatemend/detect"
)

// People paste a few lines of a configuration, without the braces around them, so this reads
// single directives; a whole `nginx -T` is read by detect/nginxconf on the machine itself.
var (
	passLine     = regexp.MustCompile(`^\s*(proxy|uwsgi|fastcgi|scgi|grpc)_pass\s+([^;\s]+)\s*;`)
	upstreamLine = regexp.MustCompile(`^\s*upstream\s+(\S+)\s*\{`)
	nameLine     = regexp.MustCompile(`(?:^|[\s{;])server_name\s+([^;\s]+)`)
	listenLine   = regexp.MustCompile(`(?:^|[\s{;])listen\s+(?:[^;\s]*:)?(\d+)[\s;]`)
	serverLine   = regexp.MustCompile(`^\s*server\s+([^;\s{]+)([^;{]*);`)
)

// conf fills Facts.Nginx.Disk from nginx_conf.
func (d *document) conf(f *detect.Facts) {
	if len(d.NginxConf) == 0 {
		return
	}
	c := &detect.SiteConf{}
	blocks := map[string][]detect.ProxyTo{}
	block := ""
	var passes []pass
	for i, line := range d.NginxConf {
		where := fmt.Sprintf("nginx_conf:%d", i+1)
		if m := nameLine.FindStringSubmatch(line); m != nil && f.Server == "" {
			f.Server = m[1]
		}
		if m := listenLine.FindStringSubmatch(line); m != nil {
			c.Listens = append(c.Listens, m[1])
		}
		if m := upstreamLine.FindStringSubmatch(line); m != nil {
			block = m[1]
		}
		if m := serverLine.FindStringSubmatch(line); m != nil {
			if t, ok := address(m[1]); ok {
				blocks[block] = append(blocks[block], detect.ProxyTo{Target: t, Schema: "http", Where: where, Name: block, Flags: strings.TrimSpace(m[2])})
			}
		}
		if m := passLine.FindStringSubmatch(line); m != nil {
			passes = append(passes, pass{m[1], m[2], where})
		}
		if strings.TrimSpace(line) == "}" {
			block = ""
		}
	}
	for _, p := range passes {
		c.Upstreams = append(c.Upstreams, p.to(blocks)...)
	}
	if len(passes) == 0 {
		for _, b := range blocks {
			c.Upstreams = append(c.Upstreams, b...)
		}
	}
	if f.Nginx == nil {
		f.Nginx = &detect.Nginx{}
	}
	f.Nginx.Disk = c
}

// pass is one proxy_pass.
type pass struct{ kind, value, where string }

// to resolves it to servers; a name without a block is a host.
func (p pass) to(blocks map[string][]detect.ProxyTo) []detect.ProxyTo {
	schema, rest, ok := strings.Cut(p.value, "://")
	if !ok {
		schema, rest = p.kind, p.value
	}
	if strings.Contains(p.value, "$") {
		return []detect.ProxyTo{{Schema: schema, Where: p.where, Var: true}}
	}
	uri := ""
	if path, unix := strings.CutPrefix(rest, "unix:"); unix {
		_, uri, _ = strings.Cut(path, ":")
	} else if i := strings.IndexByte(rest, '/'); i >= 0 {
		rest, uri = rest[:i], rest[i:]
	}
	if b, ok := blocks[rest]; ok {
		out := make([]detect.ProxyTo, len(b))
		for i := range b {
			out[i] = b[i]
			out[i].Schema, out[i].Pass, out[i].URI = schema, p.where, uri
		}
		return out
	}
	if t, ok := address(rest); ok {
		return []detect.ProxyTo{{Target: t, Schema: schema, Where: p.where, URI: uri}}
	}
	return nil
}

// address reads host:port, a host alone (port 80), or unix:/path, which may carry ":/uri" behind it.
func address(s string) (detect.Target, bool) {
	if rest, ok := strings.CutPrefix(s, "unix:"); ok {
		path, _, _ := strings.Cut(rest, ":")
		t, err := detect.ParseTarget("unix:" + path)
		return t, err == nil
	}
	t, err := detect.ParseTarget(s)
	if err != nil && s != "" && !strings.Contains(s, ":") {
		return detect.TCP(s + ":80"), true
	}
	return t, err == nil
}
