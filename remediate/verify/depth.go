package verify

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"net/http"

	"github.com/gatemend/gatemend/detect"
	"github.com/hashicorp/go-retryablehttp"
)

// depth is one of the two ends of nginx, asked again and again: one question at a time, because
// every question to a hanging app stays in its queue.
type depth struct {
	name string
	ask  func(context.Context) detect.Answer
	tape tape
	stop func(context.Context) bool // asked before each further attempt
	log  *slog.Logger
}

// RoundTrip lets package probe be the transport of the retrying client: it sees the stage and the
// errno at which a connection ended, which http.Transport hides.
func (d *depth) RoundTrip(r *http.Request) (*http.Response, error) {
	a := d.ask(r.Context())
	d.tape.add(a)
	if a.Outcome != detect.Answered {
		return nil, fmt.Errorf("%s: %s", a.Outcome, a.Detail)
	}
	return &http.Response{
		StatusCode: a.Status, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: http.Header{}, Body: http.NoBody, Request: r,
	}, nil
}

// once asks one time.
func (d *depth) once(ctx context.Context) detect.Answer { return d.try(ctx, 0) }

// await asks until an answer is healthy, hopeless, told to stop, or ctx ends. It returns the
// last answer; none at all is an answer that was not asked for.
func (d *depth) await(ctx context.Context) detect.Answer { return d.try(ctx, math.MaxInt32) }

func (d *depth) try(ctx context.Context, retries int) detect.Answer {
	before := d.tape.count
	// The address only names the depth: the question and its target are the transport's.
	req, err := retryablehttp.NewRequestWithContext(ctx, http.MethodGet, "http://"+d.name+"/", nil)
	if err == nil {
		_, err = d.client(retries).Do(req)
	}
	if d.tape.count == before {
		return detect.Answer{Outcome: detect.NotAsked, Detail: detect.Clean(errors.Join(ctx.Err(), err).Error())}
	}
	return d.tape.last()
}

func (d *depth) client(retries int) *retryablehttp.Client {
	c := &retryablehttp.Client{
		HTTPClient: &http.Client{
			Transport:     d,
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
		RetryMax:     retries,
		CheckRetry:   d.checkRetry,
		Backoff:      backoff,
		ErrorHandler: retryablehttp.PassthroughErrorHandler,
	}
	if d.log != nil { // a nil *slog.Logger in the interface would be called
		c.Logger = d.log
	}
	return c
}

// checkRetry decides by the classified answer, not by the response or the error's text.
func (d *depth) checkRetry(ctx context.Context, _ *http.Response, _ error) (bool, error) {
	if ctx.Err() != nil {
		return false, nil
	}
	return again(d.tape.last()) && !d.stop(ctx), nil
}
