package nginxlog

import "bytes"

var (
	upstreamField = []byte(`, upstream: "`)
	requestField  = []byte(`, request: "`)
	schemaEnd     = []byte("://")
)

// claimed reads the schema and peer of the first upstream: field. A unix peer has two
// spellings: "http://unix:/run/x.sock:/path", and without the second colon in "upstream
// timed out … while connecting", because ngx_http_upstream_next clears the peer's address
// before it logs (nginx 1.22, ngx_http_upstream.c). There the path of the socket and that
// of the request cannot be told apart but by the socket's name.
func claimed(fields []byte) (schema, peer string) {
	i := bytes.Index(fields, upstreamField)
	if i < 0 {
		return "", ""
	}
	value := fields[i+len(upstreamField):]
	if end := bytes.IndexByte(value, '"'); end >= 0 {
		value = value[:end]
	}
	s, rest, ok := bytes.Cut(value, schemaEnd)
	if !ok || len(s) > 12 {
		return "", ""
	}
	if bytes.HasPrefix(rest, []byte("unix:")) {
		return string(s), "unix:" + string(unixPeer(rest[len("unix:"):]))
	}
	host, _, _ := bytes.Cut(rest, []byte("/"))
	return string(s), string(host)
}

// unixPeer cuts the socket's path out of "/run/x.sock:/path" or "/run/x.sock/path".
func unixPeer(b []byte) []byte {
	if i := bytes.IndexByte(b, ':'); i >= 0 {
		return b[:i]
	}
	for _, suffix := range [][]byte{[]byte(".sock/"), []byte(".socket/")} {
		if i := bytes.Index(b, suffix); i >= 0 {
			return b[:i+len(suffix)-1]
		}
	}
	return b
}

// requestPath is the path of the request line, without its query: it may hold tokens.
func requestPath(fields []byte) string {
	i := bytes.Index(fields, requestField)
	if i < 0 {
		return ""
	}
	parts := bytes.SplitN(fields[i+len(requestField):], []byte(" "), 3)
	if len(parts) < 2 {
		return ""
	}
	path, _, _ := bytes.Cut(parts[1], []byte("?"))
	path, _, _ = bytes.Cut(path, []byte(`"`))
	return string(path)
}
