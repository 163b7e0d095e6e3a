package detect

import (
	"slices"
	"strings"
)

// Unrouted tells that nginx sends nothing to the route's own target: the idle colour of a
// blue-green deployment, which may be stopped, broken or half deployed without anybody missing
// it. Known only where the configuration names every address; what is loaded outranks the disk.
func (f *Facts) Unrouted() bool {
	n := f.Nginx
	if n == nil || n.Disk.maySendTo(f.Route.Target) {
		return false
	}
	return n.Loaded == nil || !n.Loaded.maySendTo(f.Route.Target)
}

// Serving is where nginx sends the route: its own target, or what took its place.
func (f *Facts) Serving() Target {
	if !f.Unrouted() {
		return f.Route.Target
	}
	live := slices.IndexFunc(f.Nginx.Disk.Upstreams, func(to ProxyTo) bool { return !to.down() })
	if live < 0 {
		return f.Route.Target
	}
	return f.Nginx.Disk.Upstreams[live].Target
}

// maySendTo is true also where it cannot be told.
func (c *SiteConf) maySendTo(t Target) bool {
	if c == nil || len(c.Upstreams) == 0 {
		return true
	}
	return slices.ContainsFunc(c.Upstreams, func(to ProxyTo) bool {
		unsure := to.Var || !to.Target.Known()
		return unsure || !to.down() && (to.Target.Reaches(t) || t.Reaches(to.Target) || to.Target.samePath(t))
	})
}

// down tells a server that upstream{} marks as permanently unavailable. A backup is in use
// whenever the others fail.
func (p ProxyTo) down() bool { return slices.Contains(strings.Fields(p.Flags), "down") }

// samePath knows that /var/run is /run.
func (t Target) samePath(o Target) bool {
	run := func(p string) string { return strings.TrimPrefix(p, "/var") }
	return t.IsUnix() && o.IsUnix() && run(t.Address) == run(o.Address)
}
