package look

import (
	"context"
	"fmt"
	"net"

	"github.com/gatemend/gatemend/detect"
	"github.com/gatemend/gatemend/detect/nginxconf"
	"github.com/gatemend/gatemend/detect/wire"
)

// LookSocket is where the root helper listens for looks (gatemend-look.socket).
const LookSocket = "/run/gatemend-helper/look.sock"

// Client asks the root helper: the same verbs as [Local], for an agent that is not root.
type Client struct{ path string }

var _ Looker = Client{}

// NewClient makes a client of the socket at path; "" is [LookSocket]. It does not connect.
func NewClient(path string) Client {
	if path == "" {
		path = LookSocket
	}
	return Client{path}
}

// ask is one request. What words may be asked is the table in answer.go.
func ask[T any](ctx context.Context, c Client, words ...string) (T, error) {
	var v T
	file, err := wire.Ask(ctx, c.path, wire.Line(words...), &v)
	if file != nil {
		_ = file.Close() // none was asked for
	}
	return v, err
}

// ConnectAsWorker implements [Looker]: the connection is made by the helper, and its descriptor
// passed here where it leads to the route's own server (pass.go). It errs where it connected elsewhere.
func (c Client) ConnectAsWorker(ctx context.Context, site, route string) (net.Conn, detect.Connect, error) {
	got := detect.Connect{Outcome: detect.NotAsked}
	file, err := wire.Ask(ctx, c.path, wire.Line(verbConnect, site, route), &got)
	if file == nil || err != nil {
		return nil, got, err
	}
	defer file.Close()
	conn, err := net.FileConn(file)
	if err != nil {
		return nil, got, fmt.Errorf("cannot use the connection: %w", err)
	}
	return conn, got, nil
}

// NginxTest implements [Looker].
func (c Client) NginxTest(ctx context.Context) (detect.ConfTest, error) {
	return ask[detect.ConfTest](ctx, c, verbTest)
}

// NginxConf implements [Looker].
func (c Client) NginxConf(ctx context.Context) (*nginxconf.Conf, error) {
	a, err := ask[part[*nginxconf.Conf]](ctx, c, verbConf)
	return a.both(err)
}

// Foreign implements [Looker].
func (c Client) Foreign(ctx context.Context) ([]detect.Listener, error) {
	return ask[[]detect.Listener](ctx, c, verbForeign)
}

// Listeners implements [Looker].
func (c Client) Listeners(ctx context.Context, site, route string) ([]detect.Listener, error) {
	return ask[[]detect.Listener](ctx, c, verbListeners, site, route)
}

// Path implements [Looker].
func (c Client) Path(ctx context.Context, site, route string) (*detect.SocketPath, error) {
	return ask[*detect.SocketPath](ctx, c, verbPath, site, route)
}

// Unit implements [Looker].
func (c Client) Unit(ctx context.Context, site, route string, of Of) (*detect.Unit, error) {
	return ask[*detect.Unit](ctx, c, verbUnit, site, route, string(of))
}

// Fingerprints implements [Looker].
func (c Client) Fingerprints(ctx context.Context, site string) (map[string]string, error) {
	return ask[map[string]string](ctx, c, verbFingerprints, site)
}

// Touched implements [Looker].
func (c Client) Touched(ctx context.Context, site, route string) (detect.Quiet, error) {
	return ask[detect.Quiet](ctx, c, verbTouched, site, route)
}

// Named implements [Looker].
func (c Client) Named(ctx context.Context, site, route string) ([]detect.Named, error) {
	return ask[[]detect.Named](ctx, c, verbNamed, site, route)
}

// Processes implements [Looker].
func (c Client) Processes(ctx context.Context, site, route string) ([]detect.Process, error) {
	return ask[[]detect.Process](ctx, c, verbProcesses, site, route)
}

// Host implements [Looker].
func (c Client) Host(ctx context.Context, site, route string) (*detect.Host, error) {
	a, err := ask[part[*detect.Host]](ctx, c, verbHost, site, route)
	return a.both(err)
}
