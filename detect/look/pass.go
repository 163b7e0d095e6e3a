package look

import (
	"context"
	"fmt"
	"net"
	"os"

	"github.com/gatemend/gatemend/detect"
	"github.com/gatemend/gatemend/detect/wire"
)

// answerConnect gives the connection away: the asker speaks on it, we never do. A TCP connection
// is not passed: whoever asks can make it.
//
// Whose it is matters. The app's user owns the directory, and may lay a link to another's socket
// at the path: the asker would then speak as nginx's worker to whomever the app's user chose.
func (l *Local) answerConnect(ctx context.Context, q query) (any, *os.File, error) {
	conn, got, err := l.ConnectAsWorker(ctx, q.site, q.route)
	if conn == nil || err != nil {
		return got, nil, err
	}
	defer conn.Close()
	unixConn, ok := conn.(*net.UnixConn)
	if !ok {
		return got, nil, nil
	}
	if err := l.own(ctx, unixConn, q); err != nil {
		return nil, nil, fmt.Errorf("cannot pass the connection: %w", err)
	}
	file, err := unixConn.File()
	return got, file, err
}

// own errs unless the server at the other end is the route's: it was bound to the very path that
// is configured, by its own word to the kernel at bind(2), or it runs as the unit's own user.
func (l *Local) own(ctx context.Context, conn *net.UnixConn, q query) error {
	r, err := l.route(q.site, q.route)
	if err != nil {
		return err
	}
	bound := conn.RemoteAddr().String()
	if bound == r.Target.Address {
		return nil
	}
	u, err := l.unitOf(ctx, q.site, q.route)
	if err != nil {
		return err
	}
	uid, err := wire.Peer(conn)
	if err != nil {
		return err
	}
	if u == nil || u.UID <= 0 || uid != u.UID {
		return fmt.Errorf("%s leads to a socket that user %d bound as %q", r.Target, uid, detect.Clean(bound))
	}
	return nil
}
