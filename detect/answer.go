package detect

// Outcome classifies what became of one request or one connect.
type Outcome string

// Outcomes, by the errno or the stage that produced them.
const (
	Answered    Outcome = "answered"    // a complete HTTP response
	Connected   Outcome = "connected"   // connect only: it was accepted
	Refused     Outcome = "refused"     // ECONNREFUSED
	Missing     Outcome = "missing"     // ENOENT
	Denied      Outcome = "denied"      // EACCES, EPERM
	Backlog     Outcome = "backlog"     // EAGAIN on a unix socket: the accept queue is full
	Unreachable Outcome = "unreachable" // ENETUNREACH, EHOSTUNREACH
	BadPath     Outcome = "bad-path"    // ENOTDIR, ELOOP, ENAMETOOLONG, EPROTOTYPE
	Reset       Outcome = "reset"       // ECONNRESET, EPIPE
	Closed      Outcome = "closed"      // closed before a complete response
	TimedOut    Outcome = "timeout"
	TLSFailed   Outcome = "tls"
	Malformed   Outcome = "malformed" // not HTTP
	Unresolved  Outcome = "unresolved"
	NotAsked    Outcome = "not-asked" // no data: never counts as healthy
)

// Answer is one request to an endpoint, classified.
type Answer struct {
	At       Time    `json:"at"`  // when it was complete
	URL      string  `json:"url"` // as asked, for a person
	Outcome  Outcome `json:"outcome"`
	Errno    int     `json:"errno,omitempty"`
	Stage    string  `json:"stage,omitempty"` // connect, tls, request, headers, body: where it ended
	Status   int     `json:"status,omitempty"`
	Server   string  `json:"server,omitempty"`   // the Server header: gunicorn, nginx/1.22.1
	ByNginx  bool    `json:"by_nginx,omitempty"` // nginx's own page
	Redirect string  `json:"redirect,omitempty"` // Location, where one was given
	Head     int     `json:"head,omitempty"`     // bytes of the response's header, where it is longer than nginx's usual buffer of 4 KiB
	Bytes    int     `json:"bytes,omitempty"`    // of the body, at most 64 KiB are read
	BodyHash string  `json:"body_hash,omitempty"`
	Took     Span    `json:"took"`
	CertEnds Time    `json:"cert_ends,omitempty"`
	Detail   string  `json:"detail,omitempty"` // the error's text, escaped
	// Proof says why a public answer counts as forwarded by nginx: "upstream" (equals the
	// upstream's status), "baseline" (equals the baseline's), or "" (nothing proves it).
	Proof string `json:"proof,omitempty"`
}

// Healthy is DESIGN's "healthy, upstream": a complete response below 500.
func (a *Answer) Healthy() bool {
	return a != nil && a.Outcome == Answered && a.Status >= 100 && a.Status < 500
}

// HealthyPublic is Healthy and forwarded by nginx, with proof.
func (a *Answer) HealthyPublic() bool { return a.Healthy() && a.Proof != "" }

// ProofOf says what proves that nginx forwarded a public answer: "upstream" when the status is
// the one that the upstream itself gives to the same question, "baseline" when it is the one of
// the last verified health, "" when nothing does: `error_page 502 =200`, a stale cache or a static
// front can make a healthy-looking answer without any upstream. A page that nginx made itself is not the
// upstream's, though both may say 404; and nginx's 404 is no word for a site that was remembered by the app's:
// it is what nginx says of a site that it no longer has. Its 401 and 403 are the site's own locks.
func ProofOf(public, upstream *Answer, b *Baseline) string {
	switch {
	case !public.Healthy():
		return ""
	case upstream.Healthy() && public.Status == upstream.Status && !public.ByNginx:
		return "upstream"
	case b != nil && b.Status != 0 && public.Status == b.Status && !(public.ByNginx && public.Status == 404):
		return "baseline"
	}
	return ""
}

// Known tells whether the question was asked at all.
func (a *Answer) Known() bool { return a != nil && a.Outcome != NotAsked && a.Outcome != "" }

// Connect is a connect() tried as another user, nothing sent.
type Connect struct {
	At      Time    `json:"at"`
	User    string  `json:"user"`
	UID     int     `json:"uid"`
	Groups  []int   `json:"groups,omitempty"` // of the running worker, which may be older than /etc/group
	Outcome Outcome `json:"outcome"`
	Errno   int     `json:"errno,omitempty"`
}
