package verify

import (
	"context"
	"strings"

	"github.com/gatemend/gatemend/detect"
	"github.com/gatemend/gatemend/detect/probe"
)

// question is what both depths are asked: a path that is routed to the proxy_pass.
func (v Verifier) question(s Subject) probe.Question {
	path := s.Site.Probe.Path
	if !strings.HasPrefix(path, s.Route.Path) {
		path = s.Route.Path
	}
	return probe.Question{
		Host: s.Site.Server, Path: path, Method: s.Site.Probe.Method,
		Timeout: s.Site.Probe.Timeout.Duration(), Marker: v.marker(),
	}
}

func (v Verifier) askUpstream(s Subject) func(context.Context) detect.Answer {
	return func(ctx context.Context) detect.Answer {
		q := v.question(s)
		q.Scheme = s.Scheme
		return v.Upstream.Upstream(ctx, s.Route.Target, q)
	}
}

// askPublic is nil where the public endpoint is not asked.
func (v Verifier) askPublic(s Subject) func(context.Context) detect.Answer {
	if len(s.Doors) == 0 || s.Site.Probe.Public == "off" {
		return nil
	}
	return func(ctx context.Context) detect.Answer {
		return v.Public.Public(ctx, s.Doors[0], v.question(s), s.Doors[1:]...)
	}
}
