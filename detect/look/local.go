package look

import (
	"context"
	"fmt"
	"net"
	"time"

	"github.com/gatemend/gatemend/detect"
	"github.com/gatemend/gatemend/detect/proc"
	"github.com/gatemend/gatemend/detect/sock"
)

// Units reads one unit's state; detect/unit's Bus does.
type Units interface {
	Unit(ctx context.Context, name string) (*detect.Unit, error)
}

// Options are what [Local] needs to know beside the sites.
type Options struct {
	Nginx string // nginx's unit; default nginx.service
	User  string // whom to connect as while no worker runs, from nginx's configuration; "" then nobody
	Key   []byte // of the fingerprints' hash: they may be stored, and must not tell a secret that was guessed
}

// Local looks from this process. It needs root; without, verbs give [ErrNotRoot].
type Local struct {
	sites func() []detect.Site
	units Units
	opts  Options
}

var _ Looker = (*Local)(nil)

// NewLocal makes a Local over the configured sites, as they are at each call.
func NewLocal(sites func() []detect.Site, units Units, opts Options) *Local {
	if opts.Nginx == "" {
		opts.Nginx = "nginx.service"
	}
	return &Local{sites: sites, units: units, opts: opts}
}

// route finds a route by name. It is the only way from a request to a path or a unit.
func (l *Local) route(site, path string) (detect.Route, error) {
	for _, s := range l.sites() {
		for _, r := range s.Routes {
			if s.Name == site && r.Path == path {
				return r, nil
			}
		}
	}
	return detect.Route{}, fmt.Errorf("cannot look at %q of site %q: %w", path, site, ErrUnknown)
}

// ConnectAsWorker implements [Looker].
func (l *Local) ConnectAsWorker(ctx context.Context, site, route string) (net.Conn, detect.Connect, error) {
	c := detect.Connect{Outcome: detect.NotAsked}
	r, err := l.route(site, route)
	if err != nil {
		return nil, c, err
	}
	if !r.Target.Known() {
		return nil, c, fmt.Errorf("cannot connect for %q of site %q: its target is not known", route, site)
	}
	w, err := l.worker()
	if err != nil {
		return nil, c, err
	}
	defer w.close()
	c.User, c.UID, c.Groups = w.user, w.id.UID, w.groups()
	conn, errno, err := connect(ctx, w.id, r.Target)
	c.At = detect.At(time.Now())
	if err != nil {
		return nil, c, err
	}
	c.Outcome, c.Errno = detect.OutcomeOf(errno), int(errno)
	return conn, c, nil
}

// Listeners implements [Looker].
func (l *Local) Listeners(_ context.Context, site, route string) ([]detect.Listener, error) {
	r, err := l.route(site, route)
	if err != nil {
		return nil, err
	}
	q := sock.Query{Target: r.Target, Unit: r.Unit, Socket: r.Socket}
	if w, err := l.worker(); err == nil {
		q.Root = w.rootPath
		w.close()
	}
	return sock.Listeners(q)
}

// Path implements [Looker].
func (l *Local) Path(ctx context.Context, site, route string) (*detect.SocketPath, error) {
	r, err := l.route(site, route)
	if err != nil || !r.Target.IsUnix() {
		return nil, err
	}
	w, err := l.worker()
	if err != nil {
		return sock.Walk(r.Target.Address), nil // nobody to ask for: what root sees is still a fact
	}
	defer w.close()
	return w.walk(ctx, r.Target.Address)
}

// Processes implements [Looker].
func (l *Local) Processes(ctx context.Context, site, route string) ([]detect.Process, error) {
	r, err := l.route(site, route)
	if err != nil || r.Unit == "" {
		return nil, err
	}
	u, err := l.units.Unit(ctx, r.Unit)
	if err != nil {
		return nil, err
	}
	return proc.InGroup(u.ControlGroup)
}
