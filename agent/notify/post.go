package notify

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/gatemend/gatemend/detect"
)

// poster makes requests over HTTP and says what became of them without a word of the URL but
// its scheme and host.
type poster struct{ agent string }

// client keeps nothing between requests: they are minutes or days apart. No proxy is taken
// from the environment, and redirects are judged by us.
var client = &http.Client{
	Transport: &http.Transport{
		DialContext:            (&net.Dialer{Timeout: 10 * time.Second}).DialContext,
		TLSHandshakeTimeout:    10 * time.Second,
		DisableKeepAlives:      true,
		DisableCompression:     true,
		MaxResponseHeaderBytes: 64 << 10,
	},
	CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
}

// mostHops are followed, on one host.
const mostHops = 3

// send makes the request, ctx bounds the whole, and tells what the other end answered.
func (p poster) send(ctx context.Context, method string, to Address, header http.Header, body []byte) (string, error) {
	u, err := to()
	if err != nil {
		return "", &failure{why: detect.Clean(err.Error())}
	}
	at := u.Reveal()
	for range mostHops + 1 {
		resp, err := p.ask(ctx, method, at, header, body)
		if err != nil {
			return "", &failure{why: fmt.Sprintf("cannot ask %s: %s", u, plainly(ctx, u, err))}
		}
		next := redirect(resp, method, at)
		answer, err := judge(u, resp)
		resp.Body.Close()
		if next == nil {
			return answer, err
		}
		at = next
	}
	return "", &failure{why: fmt.Sprintf("%s redirects in a circle", u), forGood: true}
}

func (p poster) ask(ctx context.Context, method string, at *url.URL, header http.Header, body []byte) (*http.Response, error) {
	req, err := http.NewRequestWithContext(ctx, method, at.String(), bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	req.Header = header.Clone()
	req.Header.Set("User-Agent", "gatemend/"+p.agent)
	return client.Do(req)
}

// redirect is where to ask instead, nil for nowhere: only on the same host, never from https
// to http, and a POST only where it stays one (307 and 308: after the others a client asks
// by GET, and the message would be lost with a 200).
func redirect(resp *http.Response, method string, from *url.URL) *url.URL {
	kept := resp.StatusCode == http.StatusTemporaryRedirect || resp.StatusCode == http.StatusPermanentRedirect
	if resp.StatusCode/100 != 3 || method == http.MethodPost && !kept {
		return nil
	}
	to, err := resp.Location()
	if err != nil || to.Host != from.Host || to.Scheme != from.Scheme {
		return nil
	}
	to.User = from.User
	return to
}

// judge says what an answer means.
func judge(u detect.SecretURL, resp *http.Response) (string, error) {
	status := strings.TrimSpace(fmt.Sprintf("%d %s", resp.StatusCode, http.StatusText(resp.StatusCode)))
	text := fmt.Sprintf("%s answered %s", u, status)
	switch code := resp.StatusCode; {
	case code/100 == 2:
		return text, nil
	case code/100 == 3:
		return "", &failure{why: text + elsewhere(u, resp), forGood: true}
	case code == http.StatusRequestTimeout, code == http.StatusTooManyRequests, code >= 500:
		return "", &failure{why: text + said(u, resp), after: retryAfter(resp.Header.Get("Retry-After"), time.Now())}
	}
	return "", &failure{why: text + said(u, resp), forGood: true}
}

func elsewhere(u detect.SecretURL, resp *http.Response) string {
	to, err := resp.Location()
	if err != nil {
		return ", without a place to go"
	}
	return fmt.Sprintf(": it sends us to %s, which is not followed: write the URL that it has now", detect.Clean(u.Hide(to.Scheme+"://"+to.Host)))
}

// mostSaid is read of an answer that is no success.
const mostSaid = 4 << 10

// said is what the other end gave as its reason. It may quote our URL.
func said(u detect.SecretURL, resp *http.Response) string {
	body, _ := io.ReadAll(io.LimitReader(resp.Body, mostSaid))
	text := strings.Join(strings.Fields(string(body)), " ")
	if text == "" {
		return ""
	}
	return ": it said " + detect.Clean(shorten(u.Hide(text)))
}

// shorten keeps an error page from filling a screen.
func shorten(s string) string {
	if r := []rune(s); len(r) > 200 {
		return string(r[:200]) + "…"
	}
	return s
}

// retryAfter reads seconds or a date (RFC 9110, 10.2.3); 0 where there is neither.
func retryAfter(value string, now time.Time) time.Duration {
	const most = 24 * time.Hour // before it is capped by the channel's own limit
	if n, err := strconv.ParseInt(value, 10, 32); err == nil && n > 0 {
		return min(time.Duration(n)*time.Second, most)
	}
	if t, err := http.ParseTime(value); err == nil && t.After(now) {
		return min(t.Sub(now), most)
	}
	return 0
}

// plainly is an error of a request without the URL, which net/http puts in front of it.
func plainly(ctx context.Context, u detect.SecretURL, err error) string {
	if ctx.Err() != nil {
		if errors.Is(ctx.Err(), context.DeadlineExceeded) {
			return "no answer in time"
		}
		return "we gave up"
	}
	if wrapped, ok := errors.AsType[*url.Error](err); ok {
		err = wrapped.Err
	}
	return detect.Clean(u.Hide(err.Error()))
}
