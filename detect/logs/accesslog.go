package logs

import (
	"bytes"
	"fmt"
	"path"
	"strings"

	"github.com/gatemend/gatemend/detect/nginxlog"
)

// accessReader reads an access log. One that cannot tell its servers apart tells nothing.
func (src *source) accessReader() func([][]byte) {
	return func(lines [][]byte) {
		for _, line := range lines {
			for _, st := range src.sites {
				if !st.shared && (!hostFirst(st.AccessFormat) || st.named(firstHost(line))) {
					src.accessLine(st, line)
				}
			}
		}
	}
}

func (src *source) accessLine(st *site, line []byte) {
	a, ok := nginxlog.ParseAccess(line)
	if !ok {
		st.window.unreadable()
		return
	}
	if a.Ours || src.ours(line) {
		return
	}
	st.window.add(a, src.now())
	if byNginx(a) && !(a.Status == 503 && st.window.limits(src.now())) {
		src.trigger(st, a.At, true, fmt.Sprintf("a client got status %d for %s", a.Status, a.Path))
	}
	if route, ok := st.route(a.Path); ok && src.cfg.Served != nil && fromApp(a) {
		src.cfg.Served(st.Name, route, a.At)
	}
}

// byNginx tells a 5xx that nginx made, as far as the line can tell.
func byNginx(a nginxlog.Access) bool {
	return a.Status >= 502 && a.Status <= 504 && a.ByApp != "yes"
}

// fromApp tells an answer below 500 that can stand for a probe. Where the format does not say who
// answered, redirects and refusals may be nginx's own, and what looks like a file may be one: a
// stylesheet served from disk says nothing of the app.
func fromApp(a nginxlog.Access) bool {
	if a.ByApp != "" {
		return a.ByApp == "yes" && a.Status >= 100 && a.Status < 500 && a.Status != 499
	}
	return a.Status >= 200 && a.Status < 300 && path.Ext(a.Path) == ""
}

// hostFirst tells a format whose lines begin with the name of the server, as Apache's
// vhost_combined does. $host is the client's, but only this server's lines carry its name: nginx
// chose the server by it.
func hostFirst(format string) bool {
	first, _, _ := strings.Cut(strings.TrimLeft(format, ` "'`), " ")
	switch name, _, _ := strings.Cut(first, ":"); name {
	case "$server_name", "$host", "$http_host":
		return true
	}
	return false
}

// firstHost reads the name that a line begins with, its port taken off.
func firstHost(line []byte) string {
	first, _, _ := bytes.Cut(line, []byte(" "))
	name, _, _ := bytes.Cut(first, []byte(":"))
	return string(bytes.Trim(name, `"`))
}
