package cli

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/gatemend/gatemend/detect"
)

// helperUnit is the root helper's unit, as examples/gatemend-helper.service names it.
const helperUnit = "gatemend-helper.service"

// reach is where the root helper may change the mode of a socket under its unit:
// ProtectSystem=strict makes everything read-only but what ReadWritePaths= lists
// (systemd.exec(5)), and /run alone is listed as shipped.
type reach struct {
	everywhere bool
	paths      []string
}

// reachOf reads the unit's files, in systemd's order. Without any, the unit is taken as shipped.
func reachOf(files ...[]byte) reach {
	if len(files) == 0 {
		return reach{paths: []string{"/run"}}
	}
	r := reach{everywhere: true}
	for line := range bytes.Lines(bytes.Join(files, []byte("\n"))) {
		key, value, _ := strings.Cut(strings.TrimSpace(string(line)), "=")
		switch strings.TrimSpace(key) {
		case "ProtectSystem":
			r.everywhere = strings.TrimSpace(value) != "strict"
		case "ReadWritePaths", "ReadWriteDirectories":
			r.add(strings.Fields(value))
		}
	}
	return r
}

// add takes one assignment over: an empty one takes back what came before.
func (r *reach) add(paths []string) {
	if len(paths) == 0 {
		r.paths = nil
	}
	for _, p := range paths {
		r.paths = append(r.paths, strings.TrimLeft(strings.Trim(p, `"`), "-+"))
	}
}

func (r reach) holds(path string) bool {
	if r.everywhere {
		return true
	}
	if path = filepath.Clean(path); strings.HasPrefix(path, "/var/run/") { // a link to /run
		path = strings.TrimPrefix(path, "/var")
	}
	for _, p := range r.paths {
		if p = filepath.Clean(p); path == p || strings.HasPrefix(path, strings.TrimSuffix(p, "/")+"/") {
			return true
		}
	}
	return false
}

// beyond says what to add where a route's socket is out of reach, "" where it is not.
func (r reach) beyond(route detect.Route) string {
	if !route.Target.IsUnix() || route.Manage == detect.ManageObserve || r.holds(route.Target.Address) {
		return ""
	}
	return fmt.Sprintf("the agent may not give %s its mode back: %s makes its directory read-only; add ReadWritePaths=-%s to [Service] by `systemctl edit %s`, then systemctl stop %s: it starts again by itself",
		route.Target.Address, helperUnit, filepath.Dir(route.Target.Address), helperUnit, helperUnit)
}

// reach is read anew each time: it is asked for by commands only.
func (w *world) reach(ctx context.Context) reach {
	u, err := w.bus.Unit(ctx, helperUnit)
	if err != nil || u.Fragment == "" {
		return reachOf()
	}
	var files [][]byte
	for _, path := range append([]string{u.Fragment}, u.DropIns...) {
		if text, err := os.ReadFile(path); err == nil {
			files = append(files, text)
		}
	}
	return reachOf(files...)
}

// beyondReach words it for check, site by site.
func (w *world) beyondReach(ctx context.Context) []string {
	var l []string
	r := w.reach(ctx)
	for _, s := range w.sites() {
		for _, route := range s.Routes {
			if why := r.beyond(route); why != "" {
				l = append(l, fmt.Sprintf("site %q: %s", s.Name, why))
			}
		}
	}
	return l
}
