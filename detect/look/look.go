package look

import (
	"context"
	"errors"
	"net"

	"github.com/gatemend/gatemend/detect"
)

// ErrUnknown tells that no such site or route is configured.
var ErrUnknown = errors.New("no such site or route in the configuration")

// ErrNotRoot tells that this process may not look.
var ErrNotRoot = errors.New("only root can look: run as root")

// Looker is the closed set of verbs. Route is the route's location path. Every verb ends with
// its context; all are safe for concurrent use.
type Looker interface {
	// ConnectAsWorker connects to the route's target as nginx's worker would. The connection
	// is nil unless Outcome is Connected; it is the caller's to close.
	ConnectAsWorker(ctx context.Context, site, route string) (net.Conn, detect.Connect, error)
	// NginxTest is `nginx -t`. It creates a missing pid file, logs and temp directories: for
	// incidents and on command only.
	NginxTest(ctx context.Context) (detect.ConfTest, error)
	// NginxDump is `nginx -T`, the whole configuration: to be hashed and parsed, never shown.
	NginxDump(ctx context.Context) ([]byte, error)
	// Listeners are those on the route's target, and all of its unit's.
	Listeners(ctx context.Context, site, route string) ([]detect.Listener, error)
	// Path is the socket's path as nginx's worker finds it, nil for a TCP target.
	Path(ctx context.Context, site, route string) (*detect.SocketPath, error)
	// Fingerprints are "mtime size keyed-hash" of the files that make up the site's units, by path.
	// Behind that of an environment file stand the names, never the values, that it sets: "A,B".
	Fingerprints(ctx context.Context, site string) (map[string]string, error)
	// Processes are those of the control groups of the route's unit.
	Processes(ctx context.Context, site, route string) ([]detect.Process, error)
}
