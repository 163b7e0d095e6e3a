package machine

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"sync"
	"time"
)

// maxWaiting bounds the requests of a watch that are still without an answer. They must not fill
// gunicorn's backlog (2048), or the watch would be the outage.
const maxWaiting = 64

// answerWithin is how long a watching client has patience. A page that takes longer is an outage to it.
const answerWithin = 2 * time.Second

// Outage is a time in which clients were not served.
type Outage struct {
	From time.Time      // when the first request was made that got no good answer
	To   time.Time      // when the first 200 arrived that was asked for after the last bad answer; zero while it lasts
	Bad  map[string]int // what the bad requests got, such as "502" or "connection refused"
}

// Duration is what a client would call the outage's length. It is 0 while the outage lasts.
func (o Outage) Duration() time.Duration {
	if o.To.IsZero() {
		return 0
	}
	return o.To.Sub(o.From)
}

// String is for logs: length and answers.
func (o Outage) String() string { return fmt.Sprintf("%s %v", o.Duration(), o.Bad) }

// Watch is a client that asks again and again, and remembers what it got.
type Watch struct {
	cancel  context.CancelFunc
	waiting sync.WaitGroup
	changed chan struct{} // one slot: there is a new answer

	mu      sync.Mutex
	answers []*answer // in the order asked
}

type answer struct {
	asked, got time.Time // got is zero while the client waits
	bad        string    // empty for 200
}

// Watch asks url every so often until its Stop or the end of ctx. 5 ms resolves outages well enough, and
// costs a few per cent of one core. Requests overlap: one that hangs does not hide what the next one gets.
func (m *Machine) Watch(ctx context.Context, url string, every time.Duration) *Watch {
	ctx, cancel := context.WithCancel(ctx)
	w := &Watch{cancel: cancel, changed: make(chan struct{}, 1)}
	client := m.HTTPClient()
	client.Timeout = answerWithin
	w.waiting.Go(func() { w.run(ctx, client, url, every) })
	return w
}

func (w *Watch) run(ctx context.Context, client *http.Client, url string, every time.Duration) {
	slots := make(chan struct{}, maxWaiting)
	tick := time.NewTicker(every)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		select {
		case slots <- struct{}{}:
			w.waiting.Go(func() { defer func() { <-slots }(); w.ask(ctx, client, url) })
		default: // everybody waits: this is seen by those who do
		}
	}
}

func (w *Watch) ask(ctx context.Context, client *http.Client, url string) {
	a := &answer{asked: time.Now()}
	w.mu.Lock()
	w.answers = append(w.answers, a)
	w.mu.Unlock()
	status, err := get(ctx, client, url)
	if ctx.Err() != nil {
		return // the watch ended, not the service
	}
	w.mu.Lock()
	a.got, a.bad = time.Now(), verdict(status, err)
	w.mu.Unlock()
	select {
	case w.changed <- struct{}{}:
	default:
	}
}

func verdict(status int, err error) string {
	switch {
	case err != nil:
		return shortError(err)
	case status != http.StatusOK:
		return strconv.Itoa(status)
	}
	return ""
}

// shortError is the last part of a chain: one count for each kind of failure, not for each port.
func shortError(err error) string {
	for next := errors.Unwrap(err); next != nil; next = errors.Unwrap(err) {
		err = next
	}
	return err.Error()
}

// Stop ends the watch and waits for its requests to end.
func (w *Watch) Stop() {
	w.cancel()
	w.waiting.Wait()
}

// Outage waits for an outage to begin and to end, and returns it. An outage has ended when every
// request made in the last quiet time was answered with 200: a dying gunicorn answers some requests
// between refusals. 300 ms are enough.
func (w *Watch) Outage(ctx context.Context, quiet time.Duration) (Outage, error) {
	for {
		o, last := w.latest()
		if !o.To.IsZero() && last.Sub(o.To) >= quiet {
			return o, nil
		}
		select {
		case <-ctx.Done():
			return o, fmt.Errorf("cannot see the end of an outage (so far %v): %w", o, context.Cause(ctx))
		case <-w.changed:
		}
	}
}

// Seen is the outage so far, over the whole time of the watch; its From is zero if there was none.
func (w *Watch) Seen() Outage {
	o, _ := w.latest()
	return o
}

// latest also returns when the last request was made that has been judged. What is still open hides
// what was asked after it: it may turn out bad.
func (w *Watch) latest() (o Outage, last time.Time) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, a := range w.answers {
		if a.got.IsZero() {
			break
		}
		last = a.asked
		switch {
		case a.bad != "":
			if o.From.IsZero() {
				o = Outage{From: a.asked, Bad: map[string]int{}}
			}
			o.Bad[a.bad]++
			o.To = time.Time{}
		case !o.From.IsZero() && o.To.IsZero():
			o.To = a.got
		}
	}
	return o, last
}

// get asks once and reads the answer to its end: a truncated page is no answer.
func get(ctx context.Context, client *http.Client, url string) (int, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return 0, err
	}
	resp, err := client.Do(req)
	if err != nil {
		return 0, err
	}
	defer resp.Body.Close()
	_, err = io.Copy(io.Discard, resp.Body)
	return resp.StatusCode, err
}
