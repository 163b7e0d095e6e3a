package collect

import (
	"context"

	"github.com/gatemend/gatemend/detect"
)

// Upstream asks the upstream alone, once: the slow probe for what makes no event.
func (c *Collector) Upstream(ctx context.Context, where detect.Site, route detect.Route) *detect.Answer {
	s := &snapshot{Collector: c, site: where, route: route}
	return s.askUpstream(ctx, c.conf(ctx, where, route), s.question())
}

// Outside asks the site's external URL, once, as a stranger would; nil where none is configured.
func (c *Collector) Outside(ctx context.Context, where detect.Site, route detect.Route) *detect.Answer {
	s := &snapshot{Collector: c, site: where, route: route}
	url := where.Probe.Outside()
	if url == "" {
		return nil
	}
	a := s.Prober.External(ctx, url, s.question())
	return &a
}

// outside is asked where all is well here: of anything else it can only tell what is known already.
func (s *snapshot) outside(ctx context.Context, known detect.Facts) (change, error) {
	if !known.Upstream.Healthy() || !known.Public.Healthy() {
		return nil, nil
	}
	a := s.Outside(ctx, s.site, s.route)
	return func(f *detect.Facts) { f.Outside = a }, nil
}
