package collect

import (
	"context"
	"sync"
	"time"

	"github.com/gatemend/gatemend/detect"
	"github.com/gatemend/gatemend/detect/proc"
)

// Deadlines of the parts. Each is far above what was measured (1 to 25 ms) and far below what would keep
// an incident waiting.
const (
	short = 2 * time.Second
	long  = 6 * time.Second
)

// snapshot is one Collect on its way.
type snapshot struct {
	*Collector
	site  detect.Site
	route detect.Route
	Options
	facts detect.Facts

	all      func() ([]detect.Process, error) // of the machine, read once
	answered chan struct{}                    // closed when the upstream has answered, or will not
}

// Options say how far a snapshot goes.
type Options struct {
	// Deep adds what takes a second or more, or is not quite read-only: processes looked at twice where
	// the server takes connections and says nothing, and `nginx -t`, unless nginx is down.
	Deep  bool
	Since detect.Time // lines from before are not wanted; 0 leaves it to the collector
}

// Collect takes a snapshot of a route.
func (c *Collector) Collect(ctx context.Context, where detect.Site, route detect.Route, o Options) detect.Facts {
	s := &snapshot{Collector: c, site: where, route: route, Options: o,
		all: sync.OnceValues(proc.All), answered: make(chan struct{})}
	s.facts = detect.Facts{At: detect.At(c.now()), Booted: proc.Booted(), Since: o.Since, Site: where.Name, Server: where.Server, Route: route}
	if c.Baseline != nil {
		s.facts.Baseline = c.Baseline(where, route)
	}
	gather(ctx, &s.facts,
		part{"unit", short, s.unit},
		part{"socket", short, s.socket},
		part{"nginx", long, s.nginx},
		part{"processes", short, s.processes},
	)
	gather(ctx, &s.facts,
		part{"upstream", s.timeout(), s.upstream},
		part{"public", 2 * s.timeout(), s.public},
		part{"processes", s.timeout() + long, s.secondLook},
		part{"worker", long, s.worker},
		part{"path", short, s.path},
		part{"listeners", short, s.listeners},
		part{"nginx.test", 12 * time.Second, s.nginxTest},
		part{"nginx.foreign", short, s.foreign},
		part{"journal", long, s.journalOfUnit},
		part{"nginx.journal", long, s.journalOfNginx},
		part{"files", short, s.files},
		part{"packages", short, s.installed},
		part{"quiet", short, s.quiet},
		part{"package-lock", short, s.lockAndSessions},
		part{"host", short, s.host},
		part{"kernel", long, s.kernelOfDeath},
	)
	gather(ctx, &s.facts, part{"lines", short, s.logLines}) // with what nginx wrote of the request just made
	gather(ctx, &s.facts,
		part{"kernel", long, s.kernelLines},
		part{"stop.who", long, s.whoStopped},
		part{"named", short, s.named},
		part{"outside", s.timeout(), s.outside},
	)
	s.judge()
	return s.facts
}

// judge adds what follows from the parts together.
func (s *snapshot) judge() {
	f := &s.facts
	if f.Public != nil {
		f.Public.Proof = detect.ProofOf(f.Public, f.Upstream, f.Baseline)
	}
	if s.Traffic != nil {
		f.Traffic = s.Traffic(s.site.Name)
	}
	f.Lines = inOrder(f.Lines)
	f.Changes = changed(f)
	if b := f.Baseline; b != nil && b.Packages != nil {
		less := *b // what differs is said, see Facts.Packages
		less.Packages = nil
		f.Baseline = &less
	}
}
