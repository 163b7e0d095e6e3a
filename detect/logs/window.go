package logs

import (
	"sync"
	"time"

	"github.com/gatemend/gatemend/detect"
	"github.com/gatemend/gatemend/detect/nginxlog"
)

// windowSeconds is the window in which a site's requests are counted for the state degraded.
const windowSeconds = 60

// window counts a site's requests, and its lines in the error log, by the second. Its size does
// not depend on traffic.
type window struct {
	mu         sync.Mutex
	buckets    [windowSeconds]bucket
	lastAnswer detect.Time
	lastError  detect.Time // by the access log
	lastLine   detect.Time // by the error log
	since      time.Time   // counting began; zero while the access log is not followed
	foreign    bool        // the last line could not be read: another format
}

// bucket is one second.
type bucket struct {
	second    int64
	requests  int
	ok        int // answered below 500
	gone      int // 499
	notHTTP   int // 009
	byNginx   int // 502 to 504 that nginx made
	byApp     int // 5xx that the app made
	unsaid    int // 502 and 504 of either
	unsaid503 int // 503 of either
	errors    int // lines of the error log
	limited   int // lines of limit_req and limit_conn
}

// follow notes that the access log is followed from now on, or is not.
func (w *window) follow(yes bool, now time.Time) {
	w.mu.Lock()
	defer w.mu.Unlock()
	switch {
	case !yes:
		w.since = time.Time{}
	case w.since.IsZero():
		w.since = now
	}
}

func (w *window) unreadable() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.foreign = true
}

// add counts one request, in the second in which it ended: a buffered log (access_log … flush=)
// is written minutes later. Our own probes are left out by the caller.
func (w *window) add(a nginxlog.Access, now time.Time) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.setBack(now)
	w.foreign = false
	at := min(a.At, detect.At(now))
	if a.Status >= 500 {
		w.lastError = max(w.lastError, at)
	} else if answered(a) && !ahead(a.At, now) { // written before the clock was set back
		w.lastAnswer = max(w.lastAnswer, at)
	}
	if b := w.bucket(at, now); b != nil {
		b.requests++
		b.judge(a)
	}
}

func (b *bucket) judge(a nginxlog.Access) {
	switch {
	case a.Status == 9:
		b.notHTTP++
	case a.Status == 499:
		b.gone++
	case answered(a):
		b.ok++
	case a.Status < 500:
	case byNginx(a) && a.ByApp == "no":
		b.byNginx++
	case byNginx(a) && a.Status == 503:
		b.unsaid503++
	case byNginx(a):
		b.unsaid++
	default:
		b.byApp++
	}
}

// answered tells a request that was completed below 500, by the app where the line says so.
func answered(a nginxlog.Access) bool {
	return a.Status >= 100 && a.Status < 500 && a.Status != 499 && a.ByApp != "no"
}

// error counts a client's line in the error log.
func (w *window) error(l detect.Line, now time.Time) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.setBack(now)
	at := min(l.At, detect.At(now))
	b := w.bucket(at, now)
	switch {
	case l.Event == detect.EventClientGone:
		return
	case l.Event == detect.EventLimited:
		if b != nil {
			b.limited++
		}
		return
	}
	w.lastLine = max(w.lastLine, at)
	if b != nil {
		b.errors++
	}
}

// setBack begins to count anew when the clock was set back: what was counted in the future would not go
// before its time comes again.
func (w *window) setBack(now time.Time) {
	if ahead(max(w.lastAnswer, w.lastError, w.lastLine), now) {
		w.reset(now)
	}
}

// forget begins to count anew.
func (w *window) forget(now time.Time) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.reset(now)
}

func (w *window) reset(now time.Time) {
	w.buckets, w.lastAnswer, w.lastError, w.lastLine = [windowSeconds]bucket{}, 0, 0, 0
	if !w.since.IsZero() {
		w.since = now
	}
}

// ahead tells a time that was now before the clock was set back.
func ahead(t detect.Time, now time.Time) bool { return t > detect.At(now.Add(time.Second)) }

// bucket is that of the second, nil when it is out of the window.
func (w *window) bucket(at detect.Time, now time.Time) *bucket {
	second := at.Time().Unix()
	if second <= now.Unix()-windowSeconds || second > now.Unix()+1 {
		return nil
	}
	b := &w.buckets[second%windowSeconds]
	if b.second != second {
		*b = bucket{second: second}
	}
	return b
}

// sum adds up the window.
func (w *window) sum(now time.Time) (all bucket) {
	for _, b := range w.buckets {
		if b.second <= now.Unix()-windowSeconds {
			continue
		}
		all.requests += b.requests
		all.byNginx += b.byNginx
		all.byApp += b.byApp
		all.ok += b.ok
		all.gone += b.gone
		all.notHTTP += b.notHTTP
		all.unsaid += b.unsaid
		all.unsaid503 += b.unsaid503
		all.errors += b.errors
		all.limited += b.limited
	}
	return all
}

// limits tells whether limit_req or limit_conn refuse clients at present: their 503 are nginx's
// own doing and no outage.
func (w *window) limits(now time.Time) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.setBack(now)
	return w.sum(now).limited > 0
}
