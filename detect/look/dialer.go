package look

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
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

// Dialer connects to a target as ourselves, and where we may not enter, to the route's own target
// as nginx's worker: for probing a socket that our own user could not reach.
func Dialer(l Looker, site string, route detect.Route) func(context.Context, detect.Target) (net.Conn, error) {
	return func(ctx context.Context, target detect.Target) (net.Conn, error) {
		conn, err := new(net.Dialer).DialContext(ctx, target.Network, target.Address)
		if err == nil || !errors.Is(err, fs.ErrPermission) || target != route.Target {
			return conn, err
		}
		return asWorker(ctx, l, site, route.Path)
	}
}

func asWorker(ctx context.Context, l Looker, site, route string) (net.Conn, error) {
	conn, c, err := l.ConnectAsWorker(ctx, site, route)
	if err != nil {
		// In words only: a helper that is late or gone says nothing of the upstream.
		return nil, fmt.Errorf("%w: %v", NotConnected{c}, err)
	}
	if conn == nil {
		return nil, NotConnected{c}
	}
	return conn, nil
}
