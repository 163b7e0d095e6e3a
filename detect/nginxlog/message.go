package nginxlog

import (
	"bytes"

	"github.com/gatemend/gatemend/detect"
)

// A message is told by how it begins; these are the beginnings, by first byte, as the
// sources print them (ngx_http_upstream.c, ngx_event_connect.c, ngx_event_accept.c,
// ngx_http_limit_*_module.c, ngx_connection.c, ngx_process.c; nginx 1.18 to 1.31).
type beginning struct {
	text  string
	event detect.Event
}

var beginnings = []beginning{
	{"connect() ", detect.EventConnectFailed},
	{"upstream timed out", detect.EventUpstreamTimeout},
	{"upstream prematurely closed", detect.EventPrematureClose},
	{"upstream closed connection", detect.EventPrematureClose},
	{"recv() failed", detect.EventUpstreamReset},
	{"readv() failed", detect.EventUpstreamReset},
	{"send() failed", detect.EventUpstreamReset},
	{"writev() failed", detect.EventUpstreamReset},
	{"sendfile() failed", detect.EventUpstreamReset},
	{"sendfile64() failed", detect.EventUpstreamReset},
	{"no live upstreams", detect.EventNoLive},
	{"upstream sent too big header", detect.EventHeaderTooBig},
	{"upstream sent invalid ", detect.EventBadHeader}, // header, "Content-Length", status, chunked response, :path
	{"upstream sent duplicate header", detect.EventBadHeader},
	{"upstream sent \"Content-Length\" and", detect.EventBadHeader},
	{"upstream sent unknown \"", detect.EventBadHeader},
	{"upstream sent no valid HTTP", detect.EventNotHTTP},
	{"upstream sent unsupported FastCGI", detect.EventNotFastCGI},
	{"upstream sent unexpected FastCGI", detect.EventNotFastCGI},
	{"upstream sent unexpected", detect.EventNotHTTP},
	{"upstream sent too large http2 frame", detect.EventNotHTTP}, // grpc_pass to a server that speaks HTTP/1: its bytes are read as a length
	{"upstream sent frame for unknown stream", detect.EventNotHTTP},
	{"upstream buffer is too small to read response", detect.EventHeaderTooBig},
	{"upstream prematurely sent response", detect.EventSentEarly},
	{"upstream SSL certificate", detect.EventTLSVerify},
	{"SSL_do_handshake() failed", detect.EventTLSFailed},
	{"peer closed connection in SSL handshake", detect.EventTLSClosed},
	{"SSL_read() failed", detect.EventTLSFailed},
	{"SSL_write() failed", detect.EventTLSFailed},
	{"no resolver defined", detect.EventNoResolver},
	{"host not found in upstream", detect.EventHostNotFound},
	{"host not found in resolver", detect.EventHostNotFound},
	{"invalid URL prefix", detect.EventBadProxyPass},
	{"no port in upstream", detect.EventBadProxyPass},
	{"invalid port in upstream", detect.EventBadProxyPass},
	{"no host in upstream", detect.EventBadProxyPass},
	{"accept4() failed", detect.EventNginxFiles},
	{"accept() failed", detect.EventNginxFiles},
	{"socket() failed", detect.EventNginxFiles},
	{"open() ", detect.EventNginxTemp},
	{"mkdir() ", detect.EventNginxTemp},
	{"pwrite() ", detect.EventNginxNoSpace},
	{"pwritev() ", detect.EventNginxNoSpace},
	{"write() ", detect.EventNginxNoSpace},
	{"auth request unexpected status", detect.EventAuthRequest},
	{"limiting ", detect.EventLimited},
	{"delaying request", ""},
	{"rewrite or internal redirection cycle", detect.EventRewriteLoop},
	{"subrequests cycle while processing", detect.EventRewriteLoop},
	{"worker process ", detect.EventNginxWorkerDied},
	{"bind() to ", detect.EventNginxBind},
	{"bind(", detect.EventConnectFailed}, // "bind(10.0.0.9) failed (99…) while connecting to upstream": proxy_bind
	{"malloc(", detect.EventNginxNoMemory},
	{"posix_memalign(", detect.EventNginxNoMemory},
	{"memalign(", detect.EventNginxNoMemory},
	{"mmap(", detect.EventNginxNoMemory},
	{"fork() failed while spawning", detect.EventNginxNoMemory},
	{"still could not bind()", detect.EventNginxBind},
	{"socket() ", detect.EventNginxBind}, // "socket() 0.0.0.0:80 failed (13…)" at start; requests have "socket() failed"
	{"configuration file ", detect.EventNginxTestFailed},
	{"epoll_wait() reported that client", detect.EventClientGone},
	{"kevent() reported that client", detect.EventClientGone},
}

// byFirst is the table by the first byte of the message.
var byFirst = func() (t [256][]beginning) {
	for _, b := range beginnings {
		t[b.text[0]] = append(t[b.text[0]], b)
	}
	return t
}()

var (
	unresolved  = []byte(" could not be resolved (")
	connections = []byte(" worker_connections are not enough")
	client      = []byte(", client: ")
)

// classify tells the event of a message; "" for one that says nothing of an outage. It
// allocates nothing.
func classify(level, msg []byte) detect.Event {
	if len(msg) == 0 {
		return ""
	}
	for _, b := range byFirst[msg[0]] {
		if len(msg) >= len(b.text) && string(msg[:len(b.text)]) == b.text {
			return judge(refine(b.event, msg), level, msg)
		}
	}
	if n := leading(msg); n > 0 && bytes.HasPrefix(msg[n:], connections) {
		return detect.EventConnectionsFull
	}
	if string(level) == "emerg" {
		return detect.EventNginxConfInvalid
	}
	if string(level) == "error" && named(msg) {
		return detect.EventUnresolved
	}
	return ""
}

// judge adds what only the level tells: nginx does not start where it cannot open a log that it is told to
// write ([emerg], without a file and line); a missing pid file is an [error], and with errno 13 it was a test
// by somebody who is not root.
func judge(e detect.Event, level, msg []byte) detect.Event {
	if e != "" || string(level) != "emerg" || !bytes.HasPrefix(msg, []byte("open() ")) {
		return e
	}
	switch errnoOf(before(msg)) {
	case 2, 20, 21, 40:
		return detect.EventNginxConfInvalid
	}
	return ""
}

// named tells `NAME could not be resolved (3: Host not found)`: the only message that
// begins with a name, which holds no space.
func named(msg []byte) bool {
	sp := bytes.IndexByte(msg[:min(len(msg), 256)], ' ')
	return sp > 0 && bytes.HasPrefix(msg[sp:], unresolved)
}

// refine looks once more where one beginning serves several matters.
func refine(e detect.Event, msg []byte) detect.Event {
	switch e {
	case detect.EventUpstreamReset, detect.EventNginxFiles, detect.EventNginxTemp, detect.EventNginxNoSpace, detect.EventTLSFailed, detect.EventTLSClosed,
		detect.EventNginxNoMemory, detect.EventBadHeader:
		return refineFront(e, before(msg))
	case detect.EventNginxWorkerDied:
		return refineDied(msg)
	case detect.EventNginxTestFailed:
		if !bytes.HasSuffix(bytes.TrimRight(msg, " "), []byte("test failed")) {
			return ""
		}
	}
	return e
}

// refineFront judges by what stands before the fields that clients write.
func refineFront(e detect.Event, front []byte) detect.Event {
	switch e {
	case detect.EventUpstreamReset:
		if bytes.Contains(front, []byte("while resolving")) {
			return detect.EventResolverFailed
		}
		if !bytes.Contains(front, []byte("upstream")) {
			return "" // the client's own connection: "recv() failed (104…) while waiting for request"
		}
	case detect.EventNginxFiles:
		switch errnoOf(front) {
		case 23, 24:
		case 105:
			return detect.EventNoBuffers
		default:
			return ""
		}
	case detect.EventNginxTemp:
		return refineOpen(front)
	case detect.EventNginxNoSpace:
		if !full(errnoOf(front)) {
			return ""
		}
	case detect.EventNginxNoMemory:
		if errnoOf(front) != 12 && errnoOf(front) != 11 {
			return ""
		}
	case detect.EventBadHeader:
		if bytes.Contains(front, []byte(", ignored")) {
			return "" // a second Server: or Date:, which nginx drops
		}
	case detect.EventTLSFailed, detect.EventTLSClosed:
		if !bytes.Contains(front, []byte("upstream")) {
			return "" // a client's handshake
		}
	}
	return e
}

func refineOpen(front []byte) detect.Event {
	errno := errnoOf(front)
	switch {
	case errno == 28 || full(errno) && temporary(front):
		return detect.EventNginxNoSpace
	case errno == 24 || errno == 23:
		return detect.EventNginxFiles
	case errno == 13 && temporary(front):
		return detect.EventNginxTemp
	case placed(front):
		return detect.EventNginxConfInvalid
	}
	return "" // a missing static file: 404, no business of ours
}

// full are ENOSPC, EDQUOT and EROFS: nothing more can be written.
func full(errno int) bool { return errno == 28 || errno == 122 || errno == 30 }

func refineDied(msg []byte) detect.Event {
	if bytes.Contains(msg, []byte("exited on signal")) || bytes.Contains(msg, []byte("fatal code")) {
		return detect.EventNginxWorkerDied
	}
	return ""
}

// before is the message without the fields behind ", client: ".
func before(msg []byte) []byte {
	if i := bytes.Index(msg, client); i >= 0 {
		return msg[:i]
	}
	return msg
}

// errnoOf reads N of the last " (N: text)" of a message; 0 when there is none.
func errnoOf(msg []byte) int {
	for end := len(msg); ; {
		i := bytes.LastIndexByte(msg[:end], '(')
		if i < 0 {
			return 0
		}
		if n := leading(msg[i+1:]); n > 0 && n <= 4 && i+1+n < len(msg) && msg[i+1+n] == ':' {
			return number(msg[i+1 : i+1+n])
		}
		end = i
	}
}

// placed tells a configuration error by its end, " in /etc/nginx/nginx.conf:12".
func placed(front []byte) bool {
	n := len(front)
	for n > 0 && front[n-1] >= '0' && front[n-1] <= '9' {
		n--
	}
	return n < len(front) && n > 0 && front[n-1] == ':' && bytes.Contains(front, []byte(" in /"))
}

// temporary tells nginx's own temporary files: /var/lib/nginx/body on Debian, …/client_temp elsewhere.
func temporary(front []byte) bool {
	if end := bytes.Index(front, []byte(`" failed`)); end > 10 && digits(front[end-10:end]) {
		return true // nginx numbers them with ten digits: 0000000001
	}
	return bytes.Contains(front, []byte("_temp")) || bytes.Contains(front, []byte("/nginx/body")) || bytes.Contains(front, []byte("/nginx/proxy"))
}

// Patterns are the fixed strings that [Interesting] looks for, for a comparison with other programs that do.
func Patterns() []string {
	all := []string{string(unresolved), string(connections)}
	for _, b := range beginnings {
		if b.event != "" {
			all = append(all, b.text)
		}
	}
	return all
}
