package policy

import (
	"slices"
	"strings"

	"github.com/gatemend/gatemend/detect"
)

// testPassed is promise 10. While nginx is down a test that passes is not among the facts (it
// creates files, so it runs only as the guard of the start): the verb itself then refuses.
func testPassed(t *turn) verdict {
	if !t.act.Verb.in(onNginx) || t.f.Nginx == nil {
		return notConcerned()
	}
	switch test := t.f.Nginx.Test; {
	case test == nil && t.act.Verb == StartNginx:
		return passes("nginx -t runs right before the start, which is refused unless it passes")
	case test == nil:
		return refuses(early, FactsLacking, add(t.now(), secondLook), "nginx -t was not run")
	case !test.OK:
		return never(ConfigTest, "nginx -t fails at %s:%d: %s", test.File, test.Line, test.Message)
	case test.At < t.f.Nginx.ChangedAt:
		return refuses(early, ConfigTest, add(t.now(), secondLook), "the configuration changed after nginx -t passed")
	}
	return passes("nginx -t passes on what is on disk")
}

func portsFree(t *turn) verdict {
	if t.act.Verb != StartNginx || t.f.Nginx == nil {
		return notConcerned()
	}
	for _, l := range t.f.Nginx.Foreign {
		holder := "another process"
		if len(l.Owners) > 0 {
			holder = l.Owners[0].Comm
		}
		return refuses(loud, PortsHeld, add(t.now(), 10*second), "%s holds %s, which nginx wants", holder, l.Target)
	}
	return passes("nginx's ports are free")
}

// reloadProven: a reload ships whatever is on disk, somebody's half-finished edit too.
// So either nothing changed, or all that changed is what mends this site.
func reloadProven(t *turn) verdict {
	n := t.f.Nginx
	if t.act.Verb != ReloadNginx || n == nil {
		return notConcerned()
	}
	if t.d.Cause != detect.NginxConfigStale {
		if n.LoadedAt > 0 && n.ChangedAt > 0 && n.ChangedAt < n.LoadedAt {
			return passes("nginx's configuration did not change since it was loaded")
		}
		return never(StaleUnproven, "a reload would ship a configuration that changed since it was loaded")
	}
	for _, c := range staleConditions {
		if !c.holds(t.f) {
			return never(StaleUnproven, "nginx is not reloaded: it is not shown %s", c.what)
		}
	}
	return passes("the disk's target answers, the loaded one does not, and the change touches only this site")
}

// staleConditions must all hold before a changed configuration is loaded (DESIGN,
// nginx-config-stale); that the test passed and the files are quiet have their own guards.
var staleConditions = []struct {
	what  string
	holds func(*detect.Facts) bool
}{
	{"that the configuration changed after it was loaded", func(f *detect.Facts) bool {
		return f.Nginx.LoadedAt > 0 && f.Nginx.ChangedAt >= f.Nginx.LoadedAt
	}},
	{"what nginx has loaded", func(f *detect.Facts) bool { return f.Nginx.Loaded != nil && f.Nginx.Disk != nil }},
	{"that the difference touches only this site", func(f *detect.Facts) bool { return !f.Nginx.Elsewhere && len(f.Nginx.Diff) > 0 }},
	{"that the unit listens where the disk's configuration points", diskPointsToUnit},
	{"that the app answers there", func(f *detect.Facts) bool { return f.Upstream.Healthy() }},
	{"that the public endpoint fails", func(f *detect.Facts) bool { return f.Public.Known() && !f.Public.Healthy() }},
	{"an error line of our own probe that names another upstream than the disk", ownLineNamesOther},
}

func diskPointsToUnit(f *detect.Facts) bool {
	targets := diskTargets(f)
	if len(targets) == 0 || f.Unit == nil {
		return false
	}
	for _, t := range targets {
		listens := slices.ContainsFunc(f.Listeners, func(l detect.Listener) bool { return l.InUnit && l.Target == t })
		if !listens || t != f.Route.Target && !slices.Contains(f.Unit.Binds, t) {
			return false
		}
	}
	return true
}

func diskTargets(f *detect.Facts) []detect.Target {
	var out []detect.Target
	for _, p := range f.Nginx.Disk.Upstreams {
		if p.Var {
			return nil
		}
		out = append(out, p.Target)
	}
	return out
}

func ownLineNamesOther(f *detect.Facts) bool {
	targets := diskTargets(f)
	for _, l := range f.Lines {
		if !l.Ours || l.Source != detect.FromNginxError {
			continue
		}
		if named, ok := upstreamOf(l.Attr["upstream"]); ok && !slices.Contains(targets, named) {
			return true
		}
	}
	return false
}

// upstreamOf reads what nginx writes: "http://unix:/run/shop.sock:/path" or
// "http://127.0.0.1:8000/path".
func upstreamOf(s string) (detect.Target, bool) {
	if _, rest, ok := strings.Cut(s, "://"); ok && !strings.HasPrefix(s, "unix:") {
		s = rest
	}
	if rest, ok := strings.CutPrefix(s, "unix:"); ok {
		path, _, _ := strings.Cut(rest, ":")
		s = "unix:" + path
	} else {
		s, _, _ = strings.Cut(s, "/")
	}
	t, err := detect.ParseTarget(s)
	return t, err == nil
}
