package baseline

import (
	"errors"
	"fmt"

	"github.com/gatemend/gatemend/detect"
)

// Seen is what was seen right after the verifier said that a route has recovered.
type Seen struct {
	Site    detect.Site
	Route   detect.Route
	Facts   detect.Facts
	Config  string      // fingerprint of the site's configuration
	Slowest detect.Span // start to first answer, where one was seen; 0 keeps the one known
}

// Verified is a baseline that may be stored. The zero value stores nothing.
type Verified struct {
	key      key
	baseline detect.Baseline
}

// ErrNotHealthy says that the facts do not show a healthy route.
var ErrNotHealthy = errors.New("the facts do not show a healthy route")

// Of makes a baseline of what was seen. Facts that do not show the upstream healthy, or show
// the public endpoint sick, make none. The public status is kept only where it is proven
// that nginx forwarded the answer: it serves as proof later.
func Of(s Seen) (Verified, error) {
	f := s.Facts
	if !f.Upstream.Healthy() || f.Public.Known() && !f.Public.Healthy() {
		return Verified{}, fmt.Errorf("cannot make a baseline of site %q: %w", s.Site.Name, ErrNotHealthy)
	}
	if s.Config == "" {
		return Verified{}, fmt.Errorf("cannot make a baseline of site %q: it has no configuration fingerprint", s.Site.Name)
	}
	b := detect.BaselineOf(f, s.Config)
	b.Target, b.SlowestStart = s.Route.Target, s.Slowest
	return Verified{key{s.Site.Name, s.Route.Path}, b}, nil
}
