package look

import (
	"context"
	"fmt"
	"net"
	"slices"
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
	// Connected is told of each connect that succeeded: the route, and its path as it was then and
	// after. May be nil.
	Connected func(site string, route detect.Route, path *detect.SocketPath)
}

// Local looks from this process. Without root, what needs it (connecting as the worker, fingerprints)
// gives [ErrNotRoot], and the rest is what our own user may see.
type Local struct {
	sites func() []detect.Site
	units Units
	opts  Options

	recent recent
	conf   *dumped
}

var _ Looker = (*Local)(nil)

// NewLocal makes a Local over the configured sites, as they are at each call.
func NewLocal(sites func() []detect.Site, units Units, opts Options) *Local {
	if opts.Nginx == "" {
		opts.Nginx = "nginx.service"
	}
	return &Local{sites: sites, units: units, opts: opts, conf: newDumped()}
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
	before := l.watchedPath(w, r)
	conn, errno, err := connect(ctx, w.id, r.Target)
	c.At = detect.At(time.Now())
	if err != nil {
		return nil, c, err
	}
	c.Outcome, c.Errno = detect.OutcomeOf(errno), int(errno)
	if errno == 0 {
		l.connected(site, r, before, l.watchedPath(w, r))
	}
	return conn, c, nil
}

// watchedPath is the socket's path as it is now, where anybody wants to be told of it.
func (l *Local) watchedPath(w worker, r detect.Route) *detect.SocketPath {
	if l.opts.Connected == nil || !r.Target.IsUnix() {
		return nil
	}
	return sock.View{Root: w.rootPath}.Walk(r.Target.Address)
}

// connected tells of a path that was the same before and after.
func (l *Local) connected(site string, r detect.Route, before, after *detect.SocketPath) {
	if after.Exists() && slices.Equal(before.Parts, after.Parts) {
		l.opts.Connected(site, r, after)
	}
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
	u, err := l.unitOf(ctx, site, route)
	if err != nil || u == nil {
		return nil, err
	}
	return proc.InGroup(u.ControlGroup)
}

// Unit implements [Looker].
func (l *Local) Unit(ctx context.Context, site, route string, of Of) (*detect.Unit, error) {
	r, err := l.route(site, route)
	if err != nil {
		return nil, err
	}
	name := map[Of]string{OfService: r.Unit, OfSocket: r.Socket}[of]
	if name == "" {
		return nil, fmt.Errorf("cannot look at %q of site %q: the configuration names no %s there", route, site, of)
	}
	return l.units.Unit(ctx, name)
}

// unitOf is the route's service for the verbs that need it by the way, nil where there is none.
func (l *Local) unitOf(ctx context.Context, site, route string) (*detect.Unit, error) {
	r, err := l.route(site, route)
	if err != nil || r.Unit == "" {
		return nil, err
	}
	return l.recent.unit(ctx, l.units, r.Unit)
}
