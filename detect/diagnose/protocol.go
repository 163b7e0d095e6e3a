package diagnose

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/gatemend/gatemend/detect"
)

// headerTooBig: the app's header does not fit into proxy_buffer_size.
func headerTooBig(v *view) (*finding, string) {
	l, ok := v.last(detect.EventHeaderTooBig)
	if t := v.f.Traffic; !ok && t != nil && t.TooLong > 0 {
		return found(detect.HeaderTooBig, 65).because("traffic.too_long", "%d requests were refused for the size of their line or headers (400, 414, 431)", t.TooLong).
			lasts("gunicorn --limit-request-line 8190 --limit-request-field_size 16380; in nginx: large_client_header_buffers 4 16k;").
			lasts("the lasting way is shorter URLs and smaller cookies"), ""
	}
	if !ok {
		return v.headerTold()
	}
	f := v.aboutUnit(found(detect.HeaderTooBig, 95)).line(l)
	head := 0
	if a := v.f.Upstream; a.Known() && a.Head > 0 {
		head = a.Head
		f.because("upstream.head", "the header of this answer has %d bytes", head)
	}
	return f.lasts("%s", v.inLocation(spoken(l, holding(head)))).
		lasts("%s   # better still, fewer and smaller cookies", v.nginxLoads()), ""
}

// holding are nginx's buffers for a header of so many bytes.
func holding(head int) string {
	size := 16
	for size<<10 < head+headRoom {
		size *= 2
	}
	return fmt.Sprintf("proxy_buffer_size %dk; proxy_buffers 8 %[1]dk; proxy_busy_buffers_size %dk;", size, 2*size)
}

// headRoom is what other pages' headers may have more than the one that was seen.
const headRoom = 2 << 10

// protocolMismatch: nginx speaks another protocol than the server.
func protocolMismatch(v *view) (*finding, string) {
	if l, ok := v.last(detect.EventTLSFailed, detect.EventTLSClosed, detect.EventSentEarly, detect.EventNotHTTP, detect.EventNotFastCGI, detect.EventTLSVerify); ok {
		return v.protocolFinding(88, l), ""
	}
	if l, ok := v.last(detect.EventBadHeader); ok {
		return v.protocolFinding(65, l).lasts("the app sends headers that nginx refuses (since 1.23 also duplicated ones): look for Content-Length set by hand"), ""
	}
	if l, ok := v.handshakeUnanswered(); ok {
		return v.protocolFinding(65, l), ""
	}
	if l, ok := v.foreignSchema(); ok {
		return v.protocolFinding(85, l), ""
	}
	if l, ok := v.speaksTLS(); ok {
		return v.aboutUnit(found(detect.ProtocolMismatch, 85)).line(l).
			advise("gunicorn has --certfile and speaks TLS: in %s: proxy_pass %s;", v.passWhere(), v.passing("https", listening(l))).
			advise("or take --certfile and --keyfile out of %s", v.unitFile()).advise("%s", v.nginxLoads()), ""
	}
	if a := v.f.Upstream; v.toldToSpeakTLS() && a.Known() && (a.Outcome == detect.Reset || a.Outcome == detect.Closed) {
		return v.aboutUnit(found(detect.ProtocolMismatch, 88)).because("unit.argv", "gunicorn is started with --certfile, and a plain request is hung up on").
			because("upstream", "%s", answerText(a)).
			advise("in %s: proxy_pass %s;", v.passWhere(), v.passing("https", v.f.Route.Target)).
			advise("or take --certfile and --keyfile out of %s", v.unitFile()).advise("%s", v.nginxLoads()), ""
	}
	if n := v.f.Nginx; n != nil && v.unit != nil && v.unit.WSGI == "gunicorn" {
		for _, conf := range []*detect.SiteConf{n.Loaded, n.Disk} {
			if conf == nil || len(conf.Upstreams) == 0 || conf.Upstreams[0].Schema == "http" || conf.Upstreams[0].Schema == "" {
				continue
			}
			u := conf.Upstreams[0]
			return v.aboutUnit(found(detect.ProtocolMismatch, 88)).because("nginx.schema", "nginx speaks %s to gunicorn (%s)", u.Schema, u.Where).
				about("where", u.Where, "schema", u.Schema).advise("in %s: proxy_pass %s;   # instead of %s", cmp.Or(u.Pass, u.Where), v.passing("http", u.Target), u.Schema).
				advise("%s", v.nginxLoads()), ""
		}
	}
	if l, ok := v.hungUpOnAll(); ok {
		return v.protocolFinding(45, l).because("traffic", "none of %d requests was answered, each was hung up on, and gunicorn says nothing of it", v.f.Traffic.Requests).
			advise("gunicorn with --certfile speaks TLS, on a unix socket too: proxy_pass https://, or take it out"), ""
	}
	if l, ok := v.stranger(); ok {
		return v.protocolFinding(50, l).because("unit.state", "%s does not run, and still something accepts and hangs up: it is not gunicorn", v.unitOr()).
			advise("ss -ltnp   # who listens on %s, and what it speaks", l.Attr["upstream"]), ""
	}
	if t := v.f.Traffic; t != nil && t.NotHTTP > 0 {
		return found(detect.ProtocolMismatch, 80).because("access.status", "status 009: nginx took the answer for HTTP/0.9"), ""
	}
	return nil, "both speak http"
}

// handshakeUnanswered is a server that took the connection and never answered nginx's TLS: it waits for a
// request in plain HTTP.
func (v *view) handshakeUnanswered() (detect.Line, bool) {
	for _, l := range v.events[detect.EventUpstreamTimeout] {
		if strings.HasPrefix(l.Attr["while"], "SSL handshaking to upstream") {
			return l, true
		}
	}
	return detect.Line{}, false
}

// foreignSchema is a failure of an upstream that nginx speaks https, uwsgi or fastcgi to, where the
// server is gunicorn: it waits for a request line until its --timeout, and looks slow.
func (v *view) foreignSchema() (detect.Line, bool) {
	if !v.isGunicorn() && !v.uwsgiSpeaksHTTP() {
		return detect.Line{}, false
	}
	for _, e := range []detect.Event{detect.EventPrematureClose, detect.EventUpstreamTimeout, detect.EventUpstreamReset} {
		for _, l := range v.events[e] {
			if s := l.Attr["schema"]; s != "" && s != "http" {
				return l, true
			}
		}
	}
	return detect.Line{}, false
}

// uwsgiSpeaksHTTP tells a uWSGI started with --http, which speaks its own protocol to nobody.
func (v *view) uwsgiSpeaksHTTP() bool {
	return strings.Contains(v.given("start", "command", "uwsgi_args")+" ", "--http ")
}

// speaksTLS is gunicorn listening with a certificate, where nginx's plain requests are hung up on.
func (v *view) speaksTLS() (detect.Line, bool) {
	l, ok := v.last(detect.EventListening)
	if !ok || l.Attr["tls"] == "" {
		return l, false
	}
	for _, e := range []detect.Event{detect.EventUpstreamReset, detect.EventPrematureClose} {
		for _, r := range v.events[e] {
			if r.Attr["schema"] == "http" {
				return l, true
			}
		}
	}
	return l, false
}

// toldToSpeakTLS tells a gunicorn with a certificate by its command line: of a unix socket its journal
// does not say so.
func (v *view) toldToSpeakTLS() bool {
	return v.unit != nil && v.unit.WSGI == "gunicorn" && slices.ContainsFunc(v.unit.Argv, func(arg string) bool {
		return arg == "--certfile" || strings.HasPrefix(arg, "--certfile=")
	})
}

// hungUpOnAll: gunicorn runs, no request was ever answered, each connection was reset, and no worker died.
func (v *view) hungUpOnAll() (detect.Line, bool) {
	l, ok := v.last(detect.EventUpstreamReset)
	t := v.f.Traffic
	if !ok || !v.f.Offline || t == nil || t.Answered > 0 || !v.up() || len(v.contacts()) > 0 {
		return l, false
	}
	return l, v.isGunicorn() && !v.has(detect.EventWorkerTimeout, detect.EventWorkerKilled, detect.EventWorkerExited, detect.EventMainExited, detect.EventOOMKill, detect.EventUnitOOM, detect.EventWorkerException)
}

// stranger is a connection that was accepted and reset while the document's unit is at rest and said nothing.
func (v *view) stranger() (detect.Line, bool) {
	l, ok := v.last(detect.EventUpstreamReset)
	if !ok || !v.f.Offline || v.unit == nil || v.unit.Active != "inactive" || v.isGunicorn() || v.has(detect.EventMainExited, detect.EventUnitStopping, detect.EventUnitDeactivated) {
		return detect.Line{}, false
	}
	return l, strings.Contains(l.Attr["while"], "upstream") && len(v.contacts()) == 0
}

func (v *view) isGunicorn() bool {
	return v.has(detect.EventGunicornStarting, detect.EventListening, detect.EventBooting, detect.EventWorkerTimeout) || v.unit != nil && v.unit.WSGI == "gunicorn"
}

func (v *view) protocolFinding(confidence detect.Confidence, l detect.Line) *finding {
	f := v.aboutUnit(found(detect.ProtocolMismatch, confidence)).line(l).about("schema", l.Attr["schema"])
	switch s := l.Attr["schema"]; {
	case l.Event == detect.EventTLSVerify:
		f.advise("the server speaks TLS, and nginx does not trust its certificate: proxy_ssl_trusted_certificate with the file that signed it, proxy_ssl_name with the name in it%s", at(v.proxyWhere()))
	case strings.Contains(l.Text, "SSL alert number"):
		f.advise("the server speaks TLS, and refuses nginx's by an alert: proxy_ssl_server_name on with proxy_ssl_name, proxy_ssl_protocols, or proxy_ssl_certificate, where it asks for one%s", at(v.proxyWhere()))
	case s == "https" || strings.HasPrefix(string(l.Event), "upstream-tls"):
		f.advise("nginx speaks TLS to a server that does not: in %s: proxy_pass %s;", v.passWhere(), v.plainPass())
	case foreign[s]:
		f.advise("nginx speaks %s to an HTTP server: in %s: proxy_pass %s;   # instead of %s_pass", s, v.passWhere(), v.plainPass(), s)
	case l.Event == detect.EventNotHTTP:
		f.advise("what answers is no HTTP server, or speaks TLS: proxy_pass https://, uwsgi_pass, or another port")
	}
	return f.advise("%s", v.nginxLoads())
}

// listening is the address of gunicorn's "Listening at:".
func listening(l detect.Line) detect.Target {
	t, _ := detect.ParseTarget(l.Attr["target"])
	return t
}

// dnsResolve: a name in nginx's configuration cannot be resolved.
func dnsResolve(v *view) (*finding, string) {
	l, ok := v.last(detect.EventUnresolved, detect.EventHostNotFound, detect.EventNoResolver)
	confidence := detect.Confidence(92)
	if !ok {
		if l, ok = v.last(detect.EventResolverFailed); !ok {
			return nil, "every name was resolved"
		}
		confidence = 70
	}
	name := l.Attr["name"]
	if _, gone := v.nameless(name); gone {
		confidence = 70 // the name is gone with its container
	}
	f := found(detect.DNSResolve, confidence).line(l).about("name", name, "file", l.Attr["file"], "line", l.Attr["line"]).watch(l.Attr["file"], "/etc/hosts", "/etc/resolv.conf")
	where := cmp.Or(place(l), v.proxyWhere(), "nginx")
	if l.Event == detect.EventNoResolver {
		return f.advise("for a server on this machine its address needs no name: in %s: %s;", where, v.addressAt(where)).
			advise("else %s   # one of /etc/resolv.conf: with a variable nginx asks it at each request, and never /etc/hosts", v.inLocation("resolver NAMESERVER;")).
			advise("%s", v.nginxLoads()), ""
	}
	return f.advise("getent hosts %s   # nginx asks once, when it loads; with a variable in proxy_pass, its own resolver", name).
		advise("for a server on this machine its address needs no name: in %s: %s;", where, v.addressAt(where)).
		advise("%s", v.nginxLoads()), ""
}

// nginxAnswered: nginx itself made the answer, as its configuration says.
func nginxAnswered(v *view) (*finding, string) {
	if v.f.Dropped() {
		return found(detect.NginxAnswered, 90).because("nginx.server", "nginx's configuration has no server block for %s any more, and nginx has loaded it", v.f.Server).
			advise("nginx -T 2>/dev/null | grep -n server_name; ls -l /etc/nginx/sites-enabled   # bring the block of %s back", v.f.Server).
			advise("%s", v.nginxLoads()), ""
	}
	l, ok := v.last(detect.EventAuthRequest, detect.EventBadProxyPass, detect.EventRewriteLoop, detect.EventLimited)
	if ok && (l.Event != detect.EventLimited || v.limitsShow()) {
		f := found(detect.NginxAnswered, 75).line(l).about("zone", l.Attr["zone"])
		f.advise("nginx made this answer itself, by its own configuration: %s", v.answeredBy(directive(l)))
		if l.Event == detect.EventLimited {
			f.advise("where the limit is too tight: %s; nginx -t && systemctl reload nginx", wider(l))
		}
		return f, ""
	}
	a := v.f.Public
	if v.passesByVariable() {
		return nil, "where nginx passes the request on is not known (a variable in proxy_pass)"
	}
	if a.Known() && a.ByNginx && a.Status >= 500 && v.f.Upstream.Healthy() && !v.has(detect.EventConnectFailed, detect.EventPrematureClose, detect.EventUpstreamTimeout) {
		f := found(detect.NginxAnswered, 65).because("public", "%s, made by nginx, while the upstream answers", answerText(a))
		if n := v.f.Nginx; n != nil && n.Disk != nil {
			for _, d := range n.Disk.Answers {
				f.Confidence = 75
				f.because("nginx.answers", "%s", d)
				f.advise("%s", d)
			}
		}
		return f.advise("take it out where it is not meant; then: nginx -t && systemctl reload nginx"), ""
	}
	if t := v.f.Traffic; t != nil && t.Unlogged > 0 && t.Answered > 0 {
		return found(detect.NginxAnswered, 45).because("traffic.unlogged", "nginx made %d answers of 502 or 504 beside others that were answered, and logged no error: by return, most likely", t.Unlogged).
			advise("nginx -T | grep -n 'return 50'; and df -h /var/log: on a full file system nginx skips its error lines"), ""
	}
	return nil, "nginx passed the requests on"
}

// passesByVariable tells that nginx finds out where to go as it goes, and that no directive of the route would
// make the answer itself.
func (v *view) passesByVariable() bool {
	n := v.f.Nginx
	return n != nil && n.Disk != nil && len(n.Disk.Answers) == 0 && slices.ContainsFunc(n.Disk.Upstreams, func(u detect.ProxyTo) bool { return u.Var })
}

// answeredBy is where the route has the directive, with its line; else how to find it.
func (v *view) answeredBy(directive string) string {
	var places []string
	if n := v.f.Nginx; n != nil && n.Disk != nil {
		for _, a := range n.Disk.Answers {
			if strings.Contains(a, ": "+directive) {
				places = append(places, a)
			}
		}
	}
	if len(places) > 0 {
		return strings.Join(places, "; ")
	}
	return "grep -Rn '" + directive + "' /etc/nginx"
}

// limitsShow tells that a limit hit more than a scanner: clients got its 503.
func (v *view) limitsShow() bool {
	if !v.f.Offline {
		return v.clientsSuffer()
	}
	return v.f.Traffic != nil && v.f.Traffic.Nginx5xx > 0
}

// wider is how a limit is raised: limit_conn has neither a rate nor a burst.
func wider(l detect.Line) string {
	if l.Attr["kind"] == "requests" {
		return "a higher rate= in its zone, and burst=20 nodelay behind limit_req"
	}
	return "a higher number behind limit_conn"
}

func directive(l detect.Line) string {
	switch l.Event {
	case detect.EventLimited:
		return "limit_"
	case detect.EventAuthRequest:
		return "auth_request"
	case detect.EventRewriteLoop:
		return "rewrite\\|try_files\\|error_page"
	}
	return "proxy_pass"
}
