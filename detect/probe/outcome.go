package probe

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"os"
	"strings"
	"syscall"

	"github.com/gatemend/gatemend/detect"
)

// Classify names what an error of a connect or of an exchange means; errno is 0 where the
// kernel gave none. A nil error is Connected.
func Classify(err error) (detect.Outcome, syscall.Errno) {
	if err == nil {
		return detect.Connected, 0
	}
	if isTimeout(err) {
		return detect.TimedOut, 0
	}
	var errno syscall.Errno
	var judged interface{ Outcome() detect.Outcome } // a Dialer's own word
	if errors.As(err, &judged) {
		errors.As(err, &errno)
		return judged.Outcome(), errno
	}
	if errors.As(err, &errno) {
		return detect.OutcomeOf(errno), errno
	}
	return withoutErrno(err), 0
}

func withoutErrno(err error) detect.Outcome {
	var dns *net.DNSError
	var addr *net.AddrError
	switch {
	case errors.As(err, &dns), errors.As(err, &addr):
		return detect.Unresolved
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, net.ErrClosed):
		return detect.Closed
	case isTLS(err):
		return detect.TLSFailed
	}
	return detect.Malformed
}

// isTimeout leaves EAGAIN alone, which syscall.Errno calls a timeout: on a unix socket it is a full backlog.
func isTimeout(err error) bool {
	return errors.Is(err, os.ErrDeadlineExceeded) || errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled)
}

func isTLS(err error) bool {
	var record tls.RecordHeaderError
	var cert *tls.CertificateVerificationError
	var alert tls.AlertError
	return errors.As(err, &record) || errors.As(err, &cert) || errors.As(err, &alert) || strings.Contains(err.Error(), "tls: ")
}
