package cli

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"

	"github.com/gatemend/gatemend/agent/baseline"
	"github.com/gatemend/gatemend/agent/config"
	"github.com/gatemend/gatemend/detect"
	"github.com/gatemend/gatemend/detect/collect"
	"github.com/gatemend/gatemend/detect/hostinfo"
	"github.com/gatemend/gatemend/detect/look"
	"github.com/gatemend/gatemend/detect/probe"
	"github.com/gatemend/gatemend/detect/sock"
	"github.com/gatemend/gatemend/detect/unit"
	"github.com/gatemend/gatemend/policy"
	"github.com/gatemend/gatemend/remediate/hold"
)

// world is the machine as it can be looked at: everything that reads, and nothing that writes.
type world struct {
	cfg       *config.Config
	bus       *unit.Bus
	looker    *look.Local
	prober    probe.Prober
	marker    string
	baselines *baseline.Store
	collector *collect.Collector
	holds     hold.Dir
}

// world connects to what is looked at. Without systemd there is nothing to look at.
func (o *options) world(ctx context.Context, cfg *config.Config) (*world, error) {
	bus, err := unit.Dial(ctx)
	if err != nil {
		return nil, err
	}
	key, err := fingerprintKey(o.state)
	if err != nil {
		bus.Close()
		return nil, err
	}
	w := &world{cfg: cfg, bus: bus, prober: probe.Prober{Version: Version()}, marker: probe.NewMarker(), holds: hold.At(holdsDir(o.state))}
	w.looker = look.NewLocal(func() []detect.Site { return cfg.Sites }, bus, look.Options{Key: key})
	w.baselines = baseline.Read(baselineDir(o.state))
	w.collector = collect.New(w.sources())
	return w, nil
}

// sources wires the collector; logs and traffic are added by the running agent, which follows them.
func (w *world) sources() collect.Config {
	return collect.Config{
		Units: w.bus, Look: w.looker, Prober: w.prober, Marker: w.marker, Known: unitsOf(w.cfg.Sites),
		Baseline: func(s detect.Site, r detect.Route) *detect.Baseline {
			b, err := w.baselines.Get(s.Name, r.Path)
			if err != nil {
				return nil // told once at start; "never seen healthy" is the safe reading
			}
			return b
		},
		Host: func(ctx context.Context, of collect.Subject) (*detect.Host, error) {
			h, lacks := hostinfo.Read(ctx, hostinfo.Query{Paths: of.Paths, ControlGroup: of.Group, NginxWorker: of.Worker})
			if len(lacks) > 0 {
				return &h, fmt.Errorf("%s: %s", lacks[0].Fact, lacks[0].Why)
			}
			return &h, nil
		},
	}
}

// Unit and PathKind are config.World.
func (w *world) Unit(ctx context.Context, name string) (*detect.Unit, error) {
	return w.bus.Unit(ctx, name)
}

// PathKind says what a path leads to, links not followed.
func (w *world) PathKind(path string) string {
	p := sock.Walk(path)
	if p.Exists() {
		return p.Last().Kind
	}
	return "missing"
}

// Program says why a program cannot be run, "" when it can.
func (w *world) Program(path string) string {
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return "there is no such file"
	case err != nil:
		return err.Error()
	case !info.Mode().IsRegular():
		return "it is not a file"
	case info.Mode().Perm()&0o111 == 0:
		return fmt.Sprintf("it is not executable (mode %04o)", info.Mode().Perm())
	}
	return ""
}

func (w *world) close() { w.bus.Close() }

// held are the holds that stand now, read afresh: before each decision and each act.
func (w *world) held(context.Context) []policy.Hold { return w.holds.Over(w.cfg.Sites) }

// unitsOf lists every unit that the sites name, once.
func unitsOf(sites []detect.Site) []string {
	var l []string
	seen := map[string]bool{"": true}
	for _, s := range sites {
		for _, r := range s.Routes {
			for _, u := range []string{r.Unit, r.Socket} {
				if !seen[u] {
					seen[u] = true
					l = append(l, u)
				}
			}
		}
	}
	return l
}

// needRoot is one clear sentence for who may not look: the sockets' owners, the journal and
// nginx's configuration are root's to see.
func needRoot(verb string) error {
	if os.Geteuid() == 0 {
		return nil
	}
	return usage(fmt.Errorf("user %d may not ask for that: run it as root: sudo gatemend %s", os.Geteuid(), verb))
}
