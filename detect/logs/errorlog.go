package logs

import (
	"bytes"
	"net"
	"slices"

	"github.com/gatemend/gatemend/detect"
	"github.com/gatemend/gatemend/detect/nginxlog"
)

// notOutages are events that clients bring about, or that nginx was told to answer so.
var notOutages = map[detect.Event]bool{
	detect.EventClientGone:  true, // a flood of 499
	detect.EventLimited:     true,
	detect.EventAuthRequest: true,
	detect.EventRewriteLoop: true,
}

// errorReader reads nginx's error log.
func (src *source) errorReader() func([][]byte) {
	return func(lines [][]byte) {
		for _, line := range lines {
			if nginxlog.Interesting(line) {
				src.errorLine(line)
			}
		}
	}
}

func (src *source) errorLine(line []byte) {
	l, ok := nginxlog.ParseError(line)
	if !ok {
		return
	}
	if l.At == 0 {
		l.At = detect.At(src.now())
	}
	l.Ours = src.ours(line) && slices.ContainsFunc(src.sites, func(st *site) bool { return st.Asks(l.Attr["request"]) })
	sites, sure := whose(line, l, src.sites)
	for _, st := range sites {
		st.recent.add(l, src.now())
		if l.Ours || st.fallback(l) {
			continue
		}
		if sure && bytes.Contains(line, clientField) {
			st.window.error(l, src.now())
		}
		if !notOutages[l.Event] {
			src.trigger(st, l.At, sure, l.Text)
		}
	}
}

var (
	clientField = []byte(", client: ")
	serverField = []byte(", server: ")
)

// whose tells which sites a line is about: those of its server block, else those of its
// upstream. One that names neither is about all of nginx; then, and when it names a server that
// is not ours, it is not sure.
func whose(line []byte, l detect.Line, sites []*site) (of []*site, sure bool) {
	name := serverOf(line)
	for _, st := range sites {
		if st.named(name) {
			of = append(of, st)
		}
	}
	if len(of) > 0 {
		return of, true
	}
	for _, st := range sites {
		if st.proxies(l.Attr["upstream"]) {
			of = append(of, st)
		}
	}
	if len(of) > 0 {
		return of, true
	}
	return sites, !bytes.Contains(line, clientField)
}

// serverOf reads the first name of the server block. It stands between the client's address and
// what the client wrote, so a client cannot forge it.
func serverOf(line []byte) string {
	_, rest, ok := bytes.Cut(line, clientField)
	if !ok {
		return ""
	}
	_, rest, ok = bytes.Cut(rest, serverField)
	if !ok {
		return ""
	}
	name, _, _ := bytes.Cut(rest, []byte(", "))
	return string(name)
}

// proxies tells whether a route of the site goes to that peer.
func (s *Site) proxies(peer string) bool {
	for _, r := range s.Routes {
		if r.Target.Known() && (peer == r.Target.String() || isLocalhost(r.Target, peer)) {
			return true
		}
	}
	return false
}

// isLocalhost tells whether the peer is one of the two that nginx makes of "localhost:8000".
func isLocalhost(t detect.Target, peer string) bool {
	host, port, err := net.SplitHostPort(t.Address)
	if err != nil || t.Network != "tcp" || host != "localhost" {
		return false
	}
	return peer == "127.0.0.1:"+port || peer == "[::1]:"+port
}

// fallback tells a line that is no client's error by itself: gunicorn listens on 127.0.0.1 alone,
// nginx tries [::1] for "localhost" too, is refused, and goes on to the one that answers. When
// nobody answers, that one has a line of its own.
func (s *Site) fallback(l detect.Line) bool {
	for _, r := range s.Routes {
		if peer := l.Attr["upstream"]; len(peer) > 0 && peer[0] == '[' && isLocalhost(r.Target, peer) {
			return l.Event == detect.EventConnectFailed
		}
	}
	return false
}
