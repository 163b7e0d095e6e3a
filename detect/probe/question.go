package probe

import (
	"cmp"
	"fmt"
	"net/http"
	"strings"
	"time"
)

// Question is what is asked. The zero value asks GET / within 10 s.
type Question struct {
	Host    string        // Host header: the site's server_name
	Path    string        // with query, as it goes on the request line; default "/"
	Method  string        // GET (default) or HEAD
	Scheme  string        // what the client used, for X-Forwarded-Proto, or that nginx uses to the upstream: http (default), https
	Timeout time.Duration // for everything, from connect to the last byte; default 10 s
	// Marker goes into the Referer, which nginx writes into its error and its access log
	// (ngx_http_log_error_handler, log_format combined): by it the lines that the question
	// caused are known as our own. Nobody can guess one: take it from [NewMarker].
	Marker string
}

const defaultTimeout = 10 * time.Second

func (q Question) timeout() time.Duration {
	if q.Timeout <= 0 {
		return defaultTimeout
	}
	return q.Timeout
}

func (q Question) method() string { return cmp.Or(q.Method, http.MethodGet) }
func (q Question) path() string   { return cmp.Or(q.Path, "/") }
func (q Question) scheme() string { return cmp.Or(q.Scheme, "http") }
func (q Question) host() string   { return cmp.Or(q.Host, "localhost") }

// check refuses what would make another request than the one meant: the parts are written on
// the wire as they are.
func (q Question) check() error {
	if m := q.method(); m != http.MethodGet && m != http.MethodHead {
		return fmt.Errorf("cannot ask by %q: a probe uses GET or HEAD", m)
	}
	if p := q.path(); !strings.HasPrefix(p, "/") || !visible(p) {
		return fmt.Errorf("cannot ask for path %q: it must begin with / and hold no spaces or control characters", p)
	}
	if h := q.host(); !visible(h) || strings.ContainsAny(h, "/@") {
		return fmt.Errorf("cannot ask for host %q: it is not a host name", h)
	}
	if !visible(q.Marker) {
		return fmt.Errorf("cannot mark the request with %q", q.Marker)
	}
	return nil
}

// visible tells that s is printable ASCII without spaces.
func visible(s string) bool {
	for i := 0; i < len(s); i++ {
		if s[i] <= ' ' || s[i] >= 0x7f {
			return false
		}
	}
	return true
}
