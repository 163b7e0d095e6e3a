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
