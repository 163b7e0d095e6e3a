package logs

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/gatemend/gatemend/detect"
	"github.com/gatemend/gatemend/detect/tail"
	"github.com/gatemend/gatemend/detect/watch"
)

// accessPause is the least time between two looks at an access log: a busy one has a line a
// millisecond, and the error log is the faster witness.
const accessPause = 250 * time.Millisecond

// Sensor follows the logs of all sites. Its methods are safe for concurrent use.
type Sensor struct {
	cfg   Config
	sites []*site
	clock clock
	now   func() time.Time
	gap   time.Duration // between triggers of a site
}

// site is what is known of one site.
type site struct {
	Site
	shared bool // its access log cannot tell whose a line is
	recent *recent
	window window
	sure   limiter // triggers of lines that name the site
	unsure limiter // and of those that may be another's
}

// New makes the sensor. Nothing is followed before Run.
func New(cfg Config) *Sensor {
	s := &Sensor{cfg: cfg, clock: newClock(), gap: sureGap}
	s.now = s.time
	for _, one := range cfg.Sites {
		s.sites = append(s.sites, &site{Site: one, recent: cfg.Before.remembered(one.Name)})
	}
	for _, st := range s.sites {
		st.shared = !hostFirst(st.AccessFormat) && (st.AccessShared || len(s.writers(accessLog, st.AccessLog)) > 1)
	}
	return s
}

// remembered is what was kept of a site's lines; nothing is lost where the sensor is replaced.
func (s *Sensor) remembered(name string) *recent {
	if s != nil {
		if st := s.site(name); st != nil {
			return st.recent
		}
	}
	return &recent{}
}

// Name is the sensor's name. Its triggers carry the name of the log's own kind.
func (s *Sensor) Name() string { return detect.SensorErrorLog }

// kind is a kind of log: which files of a site are of it, and how they are read.
type kind struct {
	sensor string
	pause  time.Duration
	paths  func(*site) []string
	reader func(*source) func([][]byte)
}

var (
	errorLog  = kind{detect.SensorErrorLog, 0, func(st *site) []string { return []string{st.ErrorLog} }, (*source).errorReader}
	accessLog = kind{detect.SensorAccessLog, accessPause, func(st *site) []string { return []string{st.AccessLog} }, (*source).accessReader}
	appLog    = kind{detect.SensorAppLog, 0, func(st *site) []string { return st.AppLogs }, (*source).appReader}
)

// source is one followed file.
type source struct {
	*Sensor
	kind  kind
	path  string
	sites []*site // that write to it
	send  func(detect.Trigger)
	later func(time.Duration, func()) // does it then, unless the sensor ends before
}

// Run follows the logs until ctx ends. The error is always nil: a file that cannot be followed is
// reported, and followed as soon as it can be.
func (s *Sensor) Run(ctx context.Context, out chan<- detect.Trigger) error {
	send := func(t detect.Trigger) {
		select {
		case out <- t:
		case <-ctx.Done():
		}
	}
	var following sync.WaitGroup
	later := func(wait time.Duration, do func()) {
		following.Go(func() {
			select {
			case <-time.After(wait):
				do()
			case <-ctx.Done():
			}
		})
	}
	for _, k := range []kind{errorLog, accessLog, appLog} {
		for _, path := range s.paths(k) {
			src := &source{s, k, path, s.writers(k, path), send, later}
			following.Go(func() { src.follow(ctx) })
		}
	}
	following.Wait()
	return nil
}

// paths are the files of a kind, each once.
func (s *Sensor) paths(k kind) (paths []string) {
	for _, st := range s.sites {
		for _, p := range k.paths(st) {
			if followed(p) && !slices.Contains(paths, p) {
				paths = append(paths, p)
			}
		}
	}
	return paths
}

// writers are the sites that write to a file.
func (s *Sensor) writers(k kind, path string) (sites []*site) {
	for _, st := range s.sites {
		if slices.Contains(k.paths(st), path) {
			sites = append(sites, st)
		}
	}
	return sites
}

// follow reads one file until ctx ends.
func (src *source) follow(ctx context.Context) {
	sub := src.cfg.Watcher.Subscribe(src.path, watch.Leaf)
	defer sub.Close()
	src.seen(true)
	defer src.seen(false)
	read := src.kind.reader(src)
	tail.Follow(ctx, tail.Source{Path: src.path, Wake: sub, Pause: src.kind.pause, Blind: src.blind}, func(b tail.Batch) {
		if b.Lost > 0 {
			src.lost(b.Why)
		}
		read(b.Lines)
	})
}

// lost has the sites of the log look: what was lost may have been the reason.
func (src *source) lost(why string) {
	why = fmt.Sprintf("%s: %s", src.path, why)
	src.report(why)
	for _, st := range src.sites {
		src.send(detect.Trigger{At: detect.At(src.now()), Site: st.Name, Sensor: src.kind.sensor, Why: detect.Clean(why), Lost: true})
	}
}

func (src *source) blind(why string) {
	src.seen(why == "")
	if why != "" {
		src.report(why)
	}
}

// seen notes whether requests are counted at present.
func (src *source) seen(yes bool) {
	if src.kind.sensor != detect.SensorAccessLog {
		return
	}
	for _, st := range src.sites {
		st.window.follow(yes, src.now())
	}
}

func (src *source) report(text string) {
	if src.cfg.Report != nil {
		src.cfg.Report(detect.Clean(text))
	}
}
