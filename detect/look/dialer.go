package look

import (
	"context"
	"fmt"
	"net"
	"syscall"

	"github.com/gatemend/gatemend/detect"
)

// NotConnected is the error of a [Dialer]: the worker's connect did not succeed.
type NotConnected struct{ detect.Connect }

func (e NotConnected) Error() string {
	if e.Errno != 0 {
		return fmt.Sprintf("connect as %s: %v", e.User, syscall.Errno(e.Errno))
	}
	return fmt.Sprintf("connect as nginx's worker: %s", e.Connect.Outcome)
}

// Unwrap gives the errno.
func (e NotConnected) Unwrap() error {
	if e.Errno == 0 {
		return nil
	}
	return syscall.Errno(e.Errno)
}

// Outcome says what the failed connect means.
func (e NotConnected) Outcome() detect.Outcome { return e.Connect.Outcome }

// Dialer connects to one route's target as nginx's worker, for probing a socket that our own
// user could not reach. The target that it is called with does not count: the route's does.
func Dialer(l Looker, site, route string) func(context.Context, detect.Target) (net.Conn, error) {
	return func(ctx context.Context, _ detect.Target) (net.Conn, error) {
		conn, c, err := l.ConnectAsWorker(ctx, site, route)
		if err != nil {
			return nil, fmt.Errorf("%w: %w", NotConnected{c}, err)
		}
		if conn == nil {
			return nil, NotConnected{c}
		}
		return conn, nil
	}
}
