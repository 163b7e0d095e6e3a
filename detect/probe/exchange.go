package probe

import (
	"bufio"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"time"

	"github.com/gatemend/gatemend/detect"
)

// Stages of an exchange, as they appear in Answer.Stage.
const (
	stageConnect = "connect"
	stageTLS     = "tls"
	stageRequest = "request"
	stageHeaders = "headers"
	stageBody    = "body"
)

const (
	bodyLimit   = 64 << 10
	headerLimit = 64 << 10
	usualBuffer = 4 << 10 // nginx's proxy_buffer_size, unless it is set
	unlimited   = 1 << 62
)

// page is what came back and is not kept: Answer holds what may be shown of it.
type page struct {
	body     []byte // as far as it was read
	location string // of a redirect, as it came
}

// exchange writes the request and reads the response on conn, until the context ends. It
// fills in the answer.
func exchange(ctx context.Context, conn net.Conn, method, request string, a *detect.Answer) page {
	defer bound(ctx, conn)()

	a.Stage = stageRequest
	_, sent := io.WriteString(conn, request)
	// A server that answers early and closes (413, 400) makes the write fail although there
	// is a response to read: the reading decides, the write's error is kept for when it fails.
	a.Stage = stageHeaders
	resp, limited, head, err := readHead(conn, method)
	if err != nil {
		fail(ctx, a, errors.Join(err, sent))
		return page{}
	}
	// The body is not closed: that would read the rest of an endless one. The caller closes the
	// connection, which is all there is to release.
	limited.N = unlimited
	a.Status = resp.StatusCode
	if head > usualBuffer {
		a.Head = head
	}
	a.Server = detect.Clean(resp.Header.Get("Server"))
	location := resp.Header.Get("Location")
	a.Redirect = detect.Clean(location)
	a.Stage = stageBody
	body, err := io.ReadAll(io.LimitReader(resp.Body, bodyLimit))
	a.Bytes, a.BodyHash = len(body), hash(body)
	if err != nil {
		fail(ctx, a, err)
		return page{body, location}
	}
	a.Outcome, a.Stage = detect.Answered, ""
	return page{body, location}
}

// readHead reads up to the end of the headers, and past 1xx answers, which are not the
// response (RFC 9110, 15.2). Head is how many bytes that were.
func readHead(conn net.Conn, method string) (resp *http.Response, rest *io.LimitedReader, head int, err error) {
	limited := &io.LimitedReader{R: conn, N: headerLimit}
	r := bufio.NewReader(limited)
	start, err := r.Peek(len("HTTP/"))
	if len(start) == 0 {
		return nil, nil, 0, err // ReadResponse would call a reset an EOF: the error is given once
	}
	http1 := string(start) == "HTTP/" // before the buffer is used again
	for range 8 {
		resp, err := http.ReadResponse(r, &http.Request{Method: method})
		switch {
		case err != nil && limited.N <= 0:
			return nil, nil, 0, errors.New("headers longer than 64 KiB")
		case err != nil && http1 && !isTimeout(err) && ended(r):
			return nil, nil, 0, io.ErrUnexpectedEOF // a header line cut short reads as malformed
		case err != nil:
			return nil, nil, 0, err
		case resp.StatusCode < 100 || resp.StatusCode > 999:
			return nil, nil, 0, errors.New("malformed HTTP response: status out of range")
		case resp.StatusCode >= 200 || resp.StatusCode == http.StatusSwitchingProtocols:
			return resp, limited, headerLimit - int(limited.N) - r.Buffered(), nil
		}
	}
	return nil, nil, 0, errors.New("malformed HTTP response: more than eight 1xx answers")
}

// ended tells that all there was has been read, and the other side has closed.
func ended(r *bufio.Reader) bool {
	_, err := r.Peek(1)
	return err == io.EOF
}

// bound makes every read and write on conn end with the context. The function it returns
// undoes that.
func bound(ctx context.Context, conn net.Conn) (release func()) {
	if end, ok := ctx.Deadline(); ok {
		_ = conn.SetDeadline(end)
	}
	stop := context.AfterFunc(ctx, func() { _ = conn.SetDeadline(time.Unix(1, 0)) })
	return func() { stop() }
}

// fail writes down why the exchange ended at a.Stage.
func fail(ctx context.Context, a *detect.Answer, err error) {
	outcome, errno := Classify(err)
	if a.Stage == stageTLS && outcome == detect.Malformed {
		outcome = detect.TLSFailed
	}
	if errors.Is(ctx.Err(), context.Canceled) && outcome == detect.TimedOut {
		outcome = detect.NotAsked // we gave up, the endpoint did not
	}
	a.Outcome, a.Errno, a.Detail = outcome, int(errno), detect.Clean(err.Error())
}

func hash(body []byte) string {
	if len(body) == 0 {
		return ""
	}
	sum := sha256.Sum256(body)
	return hex.EncodeToString(sum[:16])
}

// header joins header lines; an empty value leaves its line out.
func header(pairs ...string) string {
	var b strings.Builder
	for i := 0; i+1 < len(pairs); i += 2 {
		if pairs[i+1] != "" {
			b.WriteString(pairs[i] + ": " + pairs[i+1] + "\r\n")
		}
	}
	return b.String()
}
