package collect

import (
	"context"
	"errors"
	"strings"
	"sync"
	"time"

	"github.com/gatemend/gatemend/detect"
	"github.com/gatemend/gatemend/detect/look"
	"github.com/gatemend/gatemend/detect/probe"
	"github.com/gatemend/gatemend/detect/proc"
)

// frozenTimeout is how long a server is waited for whose processes are all stopped: a probe without a
// byte in 2 s and two looks a second apart are what "frozen" takes.
const frozenTimeout = 2 * time.Second

// downTimeout is how long what is left of a service is waited for: whoever answers at all does so at once.
const downTimeout = 250 * time.Millisecond

// Confirm asks once at both depths, at the same time. Either is nil only where it is switched off.
func (c *Collector) Confirm(ctx context.Context, where detect.Site, route detect.Route) (upstream, public *detect.Answer) {
	s := &snapshot{Collector: c, site: where, route: route, answered: make(chan struct{})}
	conf := c.conf(ctx, where, route)
	var both sync.WaitGroup
	both.Go(func() { upstream = s.askUpstream(ctx, conf, s.question()) })
	both.Go(func() { public = s.askPublic(ctx, conf, s.question()) })
	both.Wait()
	if public != nil {
		var b *detect.Baseline
		if c.Baseline != nil {
			b = c.Baseline(where, route)
		}
		public.Proof = detect.ProofOf(public, upstream, b)
	}
	return upstream, public
}

// Doors gives the addresses at which the local nginx answers for a route, best first, and how nginx
// speaks to its upstream (http or https): what a verifier asks.
func (c *Collector) Doors(ctx context.Context, where detect.Site, route detect.Route) (doors []detect.Endpoint, schema string) {
	conf := c.conf(ctx, where, route)
	return conf.Endpoints, schemaOf(conf, route.Target)
}

// Serving is where nginx sends the route now: its own target, unless that is an idle colour.
func (c *Collector) Serving(ctx context.Context, where detect.Site, route detect.Route) detect.Target {
	s := &snapshot{Collector: c, site: where, route: route, all: sync.OnceValues(proc.All)}
	f := detect.Facts{Route: route}
	gather(ctx, &f, part{"nginx", long, s.nginx})
	return f.Serving()
}

// conf is what nginx's configuration on disk says of a route; zero when it is not known.
func (c *Collector) conf(ctx context.Context, where detect.Site, route detect.Route) detect.SiteConf {
	r, _ := c.book.read(ctx, 0)
	if r.disk == nil {
		return detect.SiteConf{}
	}
	return r.disk.Site(where.Server, route.Path)
}

// timeout is the site's, 10 s unless configured.
func (s *snapshot) timeout() time.Duration {
	if t := s.site.Probe.Timeout.Duration(); t > 0 {
		return min(t, time.Minute)
	}
	return 10 * time.Second
}

// question is what both depths are asked: a path that the route serves.
func (s *snapshot) question() probe.Question {
	path := s.site.Probe.Path
	if !strings.HasPrefix(path, s.route.Path) {
		path = s.route.Path
	}
	return probe.Question{
		Host: s.site.Server, Path: path, Method: s.site.Probe.Method, Timeout: s.timeout(), Marker: s.Marker,
	}
}

// questionFor is the question, asked with less patience of a server that is frozen or down.
func (s *snapshot) questionFor(known detect.Facts) probe.Question {
	q := s.question()
	if allStopped(known.Processes) {
		q.Timeout = min(q.Timeout, frozenTimeout)
	}
	if down(known) {
		q.Timeout = min(q.Timeout, downTimeout)
	}
	return q
}

// down tells a service that has left its running state, and that no socket unit will start again.
// A worker with a slow request in flight keeps the listener of a killed master open: it takes
// connections until TimeoutStopSec (90 s) and answers none.
func down(known detect.Facts) bool {
	u := known.Unit
	return u != nil && known.Socket == nil && (u.Active == "deactivating" || u.Active == "failed" || u.Active == "inactive")
}

func (s *snapshot) upstream(ctx context.Context, known detect.Facts) (change, error) {
	defer close(s.answered)
	a := s.askUpstream(ctx, onDisk(known), s.questionFor(known))
	return func(f *detect.Facts) { f.Upstream = a }, nil
}

// askUpstream asks the route's own target, whatever nginx points to.
func (s *snapshot) askUpstream(ctx context.Context, conf detect.SiteConf, q probe.Question) *detect.Answer {
	schema := schemaOf(conf, s.route.Target)
	if schema != "http" && schema != "https" {
		return notAsked("the upstream speaks " + schema + ", which is not asked")
	}
	q.Scheme = schema
	p := s.Prober
	if s.AsWorker && s.Look != nil {
		p.Dial = look.Dialer(s.Look, s.site.Name, s.route)
	}
	a := p.Upstream(ctx, s.route.Target, q)
	return &a
}

func (s *snapshot) public(ctx context.Context, known detect.Facts) (change, error) {
	a := s.askPublic(ctx, onDisk(known), s.questionFor(known))
	if a != nil && a.Outcome == detect.NotAsked {
		return func(f *detect.Facts) { f.Public = a }, errors.New(a.Detail)
	}
	return func(f *detect.Facts) { f.Public = a }, nil
}

// askPublic asks the local nginx at the addresses of the server block that proxies the route; nil where
// the configuration switches it off. An external URL is an outside view, and not asked here.
func (s *snapshot) askPublic(ctx context.Context, conf detect.SiteConf, q probe.Question) *detect.Answer {
	if s.site.Probe.Public == "off" {
		return nil
	}
	doors := conf.Endpoints
	if len(doors) == 0 || conf.Unnamed() { // what a default server says is no answer of this site's
		return notAsked("no address is known at which nginx answers for " + s.site.Server)
	}
	a := s.Prober.Public(ctx, doors[0], q, doors[1:]...)
	return &a
}

func (s *snapshot) worker(ctx context.Context, _ detect.Facts) (change, error) {
	if s.Look == nil {
		return nil, errNotAsked
	}
	conn, c, err := s.Look.ConnectAsWorker(ctx, s.site.Name, s.route.Path)
	if conn != nil {
		_ = conn.Close()
	}
	if err != nil {
		return nil, err
	}
	return func(f *detect.Facts) { f.Worker = &c }, nil
}

func notAsked(why string) *detect.Answer {
	return &detect.Answer{Outcome: detect.NotAsked, Detail: detect.Clean(why)}
}

// onDisk is what nginx's configuration says of the route; zero when it is not known.
func onDisk(known detect.Facts) detect.SiteConf {
	if known.Nginx == nil || known.Nginx.Disk == nil {
		return detect.SiteConf{}
	}
	return *known.Nginx.Disk
}

// schemaOf is how nginx speaks to the target; http where the configuration does not name it.
func schemaOf(conf detect.SiteConf, target detect.Target) string {
	for _, u := range conf.Upstreams {
		if u.Target == target && u.Schema != "" {
			return u.Schema
		}
	}
	return "http"
}
