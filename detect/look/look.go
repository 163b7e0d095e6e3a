package look

import (
	"context"
	"errors"
	"net"

	"github.com/gatemend/gatemend/detect"
	"github.com/gatemend/gatemend/detect/nginxconf"
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
	// NginxConf is what nginx would load now, as `nginx -T` prints it: without the values of what may
	// hold a secret. Where nginx refuses it, it is what the files say, with the reason.
	NginxConf(ctx context.Context) (*nginxconf.Conf, error)
	// Foreign are who but nginx listens on the ports that its configuration wants for the sites.
	Foreign(ctx context.Context) ([]detect.Listener, error)
	// Listeners are those on the route's target, and all of its unit's.
	Listeners(ctx context.Context, site, route string) ([]detect.Listener, error)
	// Path is the socket's path as nginx's worker finds it, nil for a TCP target.
	Path(ctx context.Context, site, route string) (*detect.SocketPath, error)
	// Unit is the route's unit, or its .socket unit, with what only root can read of its files.
	Unit(ctx context.Context, site, route string, of Of) (*detect.Unit, error)
	// Fingerprints are "mtime size keyed-hash" of the files that make up the site's units, by path.
	// Behind that of an environment file stand the names, never the values, that it sets: "A,B".
	Fingerprints(ctx context.Context, site string) (map[string]string, error)
	// Touched tells when the files of the route's unit and of its app changed last; nothing else
	// of the answer is filled.
	Touched(ctx context.Context, site, route string) (detect.Quiet, error)
	// Named are the program, directory and files that the route's unit names, as they are now.
	Named(ctx context.Context, site, route string) ([]detect.Named, error)
	// Processes are those of the control groups of the route's unit.
	Processes(ctx context.Context, site, route string) ([]detect.Process, error)
	// Host is what the route shares with others: disks, memory, limits.
	Host(ctx context.Context, site, route string) (*detect.Host, error)
}

// Of says which of a route's units is meant.
type Of string

// The units of a route.
const (
	OfService Of = "unit"
	OfSocket  Of = "socket"
)
