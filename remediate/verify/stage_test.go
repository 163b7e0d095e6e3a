package verify

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"time"

	"github.com/gatemend/gatemend/detect"
	"github.com/gatemend/gatemend/detect/probe"
)

// reply is what a scripted server does with one connection: fail the connect, hang, or answer.
type reply struct {
	err    error
	hang   bool
	status int
	extra  string // header lines
	body   string
}

func status(code int) reply   { return reply{status: code} }
func failing(err error) reply { return reply{err: err} }
func byNginx(code int) reply {
	return reply{status: code, body: "<center><h1>x</h1></center>\r\n<hr><center>nginx/1.22.1</center>"}
}

// script says what is answered, by the time since the test began.
type script func(at time.Duration) reply

// always gives one reply for ever.
func always(r reply) script { return func(time.Duration) reply { return r } }

// from switches from one reply to another.
func from(before reply, at time.Duration, after reply) script {
	return func(now time.Duration) reply {
		if now < at {
			return before
		}
		return after
	}
}

// prober asks the script over pipes, so that the whole of it runs on a test's own clock.
func (s script) prober(began time.Time) probe.Prober {
	return probe.Prober{Dial: func(ctx context.Context, _ detect.Target) (net.Conn, error) {
		r := s(time.Since(began))
		if r.err != nil {
			return nil, r.err
		}
		ours, theirs := net.Pipe()
		go r.serve(theirs)
		return ours, nil
	}}
}

func (r reply) serve(conn net.Conn) {
	defer conn.Close()
	if _, err := http.ReadRequest(bufio.NewReader(conn)); err != nil {
		return
	}
	if r.hang {
		_, _ = io.Copy(io.Discard, conn) // until the other end closes
		return
	}
	fmt.Fprintf(conn, "HTTP/1.1 %d x\r\nConnection: close\r\n%s\r\n%s", r.status, r.extra, r.body)
}
