package collect

import (
	"context"
	"time"

	"github.com/gatemend/gatemend/detect"
	"github.com/gatemend/gatemend/detect/journal"
	"github.com/gatemend/gatemend/detect/look"
	"github.com/gatemend/gatemend/detect/nginxconf"
	"github.com/gatemend/gatemend/detect/packages"
	"github.com/gatemend/gatemend/detect/probe"
	"github.com/gatemend/gatemend/detect/proc"
)

// Units reads a systemd unit; [github.com/gatemend/gatemend/detect/unit.Bus] does.
type Units interface {
	Unit(ctx context.Context, name string) (*detect.Unit, error)
}

// Config is where a Collector gets its answers from. Every function may be nil: what it would tell is
// then lacking.
type Config struct {
	Units  Units
	Look   look.Looker
	Prober probe.Prober
	// Marker goes into every request of ours, so that the lines it causes are known as our own.
	Marker string
	// AsWorker connects to the upstream as nginx's worker: for an agent whose own user cannot. As root
	// it is left false, so that "the app answers, but not to nginx" can be told.
	AsWorker bool

	Nginx string          // nginx's unit; default nginx.service
	Build nginxconf.Build // of nginx; zero is Debian's
	Known func() []string // units of all sites: a server in one of them is no stray

	Baseline func(site detect.Site, route detect.Route) *detect.Baseline
	Traffic  func(site string) *detect.Traffic                  // of the last minute
	Lines    func(site string, since detect.Time) []detect.Line // of log files, oldest first
}

// Collector takes snapshots. It is safe for concurrent use, and remembers nginx's configuration between
// them: what the running workers loaded can only be known from a dump taken in time.
type Collector struct {
	Config
	book     book
	packages *packages.Reader

	// The journal's queries, replaced in tests.
	journal func(ctx context.Context, unit string, since detect.Time, max int) ([]journal.Entry, error)
	kernel  func(ctx context.Context, since detect.Time, max int) ([]journal.Entry, error)
	who     func(ctx context.Context, unit string, at detect.Time) string
	now     func() time.Time
}

// New makes a Collector.
func New(c Config) *Collector {
	if c.Nginx == "" {
		c.Nginx = "nginx.service"
	}
	if c.Build == (nginxconf.Build{}) {
		c.Build = nginxconf.Debian
	}
	col := &Collector{Config: c, packages: packages.New(), journal: journal.Query, kernel: journal.QueryKernel, who: journal.Who, now: time.Now}
	col.book.build = c.Build
	if c.Look != nil {
		col.book.now = c.Look.NginxConf
	}
	return col
}

// Prime remembers nginx's configuration as the running workers have it, where that can still be known.
// Call it at start, and whenever nginx was started or reloaded.
func (c *Collector) Prime(ctx context.Context) error {
	all, err := proc.All()
	if err != nil {
		return err
	}
	_, workers := proc.Nginx(all, c.Config.Nginx)
	if w := proc.Worker(workers); w != nil {
		_, err = c.book.read(ctx, w.Start)
	}
	return err
}
