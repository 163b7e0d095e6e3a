package cli

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"sync/atomic"

	"golang.org/x/sys/unix"

	"github.com/gatemend/gatemend/agent/baseline"
	"github.com/gatemend/gatemend/agent/config"
	"github.com/gatemend/gatemend/detect"
	"github.com/gatemend/gatemend/detect/collect"
	"github.com/gatemend/gatemend/detect/look"
	"github.com/gatemend/gatemend/detect/probe"
	"github.com/gatemend/gatemend/detect/proc"
	"github.com/gatemend/gatemend/detect/sock"
	"github.com/gatemend/gatemend/detect/unit"
	"github.com/gatemend/gatemend/policy"
	"github.com/gatemend/gatemend/remediate/hold"
	"github.com/gatemend/gatemend/remediate/ledger"
)

// world is the machine as it can be looked at: everything that reads. All it writes is what root itself
// remembers of what it saw.
type world struct {
	cfg       atomic.Pointer[config.Config] // a reload replaces it
	root      bool                          // this process is root; else the root helper is asked
	bus       *unit.Bus
	units     units
	looker    look.Looker
	modes     *ledger.Modes // nil where root is not here
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
	w := &world{bus: bus, root: os.Geteuid() == 0, prober: probe.Prober{Version: Version()}, marker: probe.NewMarker(), holds: hold.At(holdsDir(o.state))}
	w.cfg.Store(cfg)
	w.looker = look.NewClient("")
	if w.root {
		m, err := o.memory()
		if err != nil {
			bus.Close()
			return nil, err
		}
		w.modes = &m.modes
		w.looker = look.NewLocal(w.sites, bus, look.Options{Key: m.key, Connected: m.modes.Saw})
	}
	w.units = units{w}
	w.baselines = baseline.Read(baselineDir(o.state), proc.Clock)
	w.collector = collect.New(w.sources())
	return w, nil
}

// sources wires the collector; logs and traffic are added by the running agent, which follows them.
func (w *world) sources() collect.Config {
	return collect.Config{
		Units: w.units, Look: w.looker, AsWorker: !w.root, Prober: w.prober, Marker: w.marker, Known: func() []string { return unitsOf(w.sites()) },
		Baseline: func(s detect.Site, r detect.Route) *detect.Baseline {
			b, err := w.baselines.Get(s.Name, r.Path)
			if err != nil {
				return nil // told once at start; "never seen healthy" is the safe reading
			}
			return b
		},
	}
}

// Unit and PathKind are config.World.
func (w *world) Unit(ctx context.Context, name string) (*detect.Unit, error) {
	return w.units.Unit(ctx, name)
}

// PathKind says what a path leads to, links not followed; "" where it cannot be seen.
func (w *world) PathKind(path string) string {
	p := sock.Walk(path)
	if l := p.Last(); l != nil && l.Kind == "hidden" {
		p = w.hidden(path)
	}
	switch {
	case p == nil:
		return ""
	case p.Exists():
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

// hidden has root look at a target where this process may not.
func (w *world) hidden(path string) *detect.SocketPath {
	ctx, cancel := context.WithTimeout(context.Background(), quick)
	defer cancel()
	for _, s := range w.sites() {
		for _, r := range s.Routes {
			if r.Target == detect.Unix(path) {
				p, err := w.looker.Path(ctx, s.Name, r.Path)
				if err != nil {
					return nil
				}
				return p
			}
		}
	}
	return nil
}

func (w *world) close() { w.bus.Close() }

// held are the holds that stand now, read afresh: before each decision and each act.
func (w *world) held(context.Context) []policy.Hold { return w.holds.Over(w.sites()) }

// sites are those that are configured now.
func (w *world) sites() []detect.Site { return w.cfg.Load().Sites }

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

// needHelper is needRoot for what the agent's own user may do too, where the root helper is installed.
func needHelper(verb string) error {
	if unix.Access(look.LookSocket, unix.W_OK) == nil {
		return nil
	}
	return needRoot(verb)
}

// needRoot is one clear sentence for who may not look: the sockets' owners, the journal and
// nginx's configuration are root's to see.
func needRoot(verb string) error {
	if os.Geteuid() == 0 {
		return nil
	}
	return usage(fmt.Errorf("user %d may not ask for that: run it as root: sudo gatemend %s", os.Geteuid(), verb))
}
