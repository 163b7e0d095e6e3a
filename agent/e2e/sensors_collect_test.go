package e2e

import (
	"slices"
	"testing"
	"time"

	"github.com/gatemend/gatemend/agent/e2e/machine"
	"github.com/gatemend/gatemend/detect"
	"github.com/gatemend/gatemend/detect/collect"
	"github.com/gatemend/gatemend/detect/look"
	"github.com/gatemend/gatemend/detect/probe"
)

// shopSite is the demo as its configuration would name it.
func shopSite() (detect.Site, detect.Route) {
	route := detect.Route{Path: "/", Target: detect.Unix("/run/shop/shop.sock"), Unit: "shop.service"}
	return detect.Site{Name: "shop", Server: "shop.example.com", Routes: []detect.Route{route},
		Probe: detect.ProbeSpec{Path: "/", Timeout: 10_000_000, Public: "auto"}}, route
}

func collector(t *testing.T, b **detect.Baseline) *collect.Collector {
	t.Helper()
	bus := dialBus(t)
	where, _ := shopSite()
	return collect.New(collect.Config{
		Units: bus, Look: look.NewLocal(func() []detect.Site { return []detect.Site{where} }, bus, look.Options{Key: []byte("key")}),
		Prober: probe.Prober{}, Marker: probe.NewMarker(), Known: func() []string { return []string{"shop.service"} },
		Baseline: func(detect.Site, detect.Route) *detect.Baseline { return *b },
	})
}

// loadNginx reloads nginx and waits for the new workers, so that what they loaded is known: a dump counts
// as loaded only where nothing changed since they started, and the demo was deployed just now.
func loadNginx(t *testing.T, c *collect.Collector) {
	t.Helper()
	where, route := shopSite()
	eventually(t, "files older than what nginx may take from reading to starting workers", func() bool {
		n := c.Collect(t.Context(), where, route, collect.Options{}).Nginx
		return detect.At(time.Now()).Sub(n.ChangedAt) > 60_000
	})
	at := detect.At(time.Now())
	sh(t, "systemctl reload nginx.service")
	eventually(t, "workers that loaded what is on disk", func() bool {
		n := c.Collect(t.Context(), where, route, collect.Options{}).Nginx
		return n.Loaded != nil && n.LoadedAt.Add(20_000) >= at // a process's start is told in ticks of 10 ms
	})
}

func hasLine(f detect.Facts, source detect.Source, event detect.Event) bool {
	return slices.ContainsFunc(f.Lines, func(l detect.Line) bool { return l.Source == source && l.Event == event })
}

func named(f detect.Facts, kind string) string {
	for _, n := range f.Named {
		if n.Kind == kind {
			return n.State
		}
	}
	return ""
}

func TestSnapshotOfAHealthySiteAndOfACrash(t *testing.T) {
	onMachine(t, machine.Options{Deploy: machine.Unix}, func(t *testing.T) {
		var b *detect.Baseline
		c := collector(t, &b)
		where, route := shopSite()
		loadNginx(t, c)
		f := c.Collect(t.Context(), where, route, collect.Options{Deep: true})
		if !f.Upstream.Healthy() || !f.Public.HealthyPublic() || f.Worker.Outcome != detect.Connected {
			t.Errorf("upstream %+v\npublic %+v\nworker %+v", f.Upstream, f.Public, f.Worker)
		}
		if f.Nginx.Test == nil || !f.Nginx.Test.OK || len(f.Nginx.Diff) != 0 || f.Nginx.User != "www-data" || f.Nginx.UID == 0 || f.Nginx.Unit == nil {
			t.Errorf("nginx %+v", f.Nginx)
		}
		if len(f.Processes) != 3 || len(f.Strays) != 0 || len(f.Listeners) == 0 || !f.Listeners[0].Ours || !f.Path.Exists() {
			t.Errorf("processes %+v\nstrays %+v\nlisteners %+v", f.Processes, f.Strays, f.Listeners)
		}
		for _, l := range f.Lacking {
			if l.Fact != "host" {
				t.Errorf("lacking: %+v", l)
			}
		}
		made := detect.BaselineOf(f, "config")
		b = &made
		if f = c.Collect(t.Context(), where, route, collect.Options{}); len(f.Changes) != 0 {
			t.Errorf("nothing was done, and changed: %+v", f.Changes)
		}

		sh(t, `kill -9 "$(systemctl show -P MainPID shop.service)"`)
		began := time.Now()
		f = c.Collect(t.Context(), where, route, collect.Options{})
		t.Logf("right after the crash, a snapshot took %v; the unit was %s/%s", time.Since(began), f.Unit.Active, f.Unit.Sub)
		eventually(t, "the unit to have failed", func() bool {
			began = time.Now()
			f = c.Collect(t.Context(), where, route, collect.Options{})
			return f.Unit.Failed()
		})
		sh(t, "journalctl --sync")
		t.Logf("a snapshot took %v", time.Since(began))
		began = time.Now()
		f = c.Collect(t.Context(), where, route, collect.Options{Deep: true})
		t.Logf("a deep one took %v", time.Since(began))
		if f.Unit.Result != "signal" || f.Upstream.Outcome != detect.Missing || f.Worker.Outcome != detect.Missing || f.Path.Exists() {
			t.Errorf("unit %+v\nupstream %+v\nworker %+v", f.Unit, f.Upstream, f.Worker)
		}
		if f.Public.Status != 502 || f.Stop == nil || f.Stop.ByJob || f.Start.Last == 0 || !hasLine(f, detect.FromSystemd, detect.EventMainExited) {
			t.Errorf("public %+v\nstop %+v\nstart %+v\nlines %+v", f.Public, f.Stop, f.Start, f.Lines)
		}
		if !hasLine(f, detect.FromNginxError, detect.EventConnectFailed) {
			t.Errorf("no line of nginx in %+v", f.Lines)
		}
		if len(f.Changes) != 0 {
			t.Errorf("a crash changes nothing, and changed: %+v", f.Changes)
		}
	})
}

func TestSnapshotOfWhatAPersonBroke(t *testing.T) {
	onMachine(t, machine.Options{Deploy: machine.Unix}, func(t *testing.T) {
		var b *detect.Baseline
		c := collector(t, &b)
		where, route := shopSite()
		loadNginx(t, c)
		made := detect.BaselineOf(c.Collect(t.Context(), where, route, collect.Options{}), "config")
		b = &made

		sh(t, `chmod 600 /run/shop/shop.sock; echo 'NEW=1' >>/etc/shop/shop.env
sed -i 's,unix:/run/shop/shop.sock,unix:/run/shop/other.sock,' /etc/nginx/sites-available/shop`)
		f := c.Collect(t.Context(), where, route, collect.Options{Deep: true})
		var kinds []string
		for _, ch := range f.Changes {
			kinds = append(kinds, ch.What)
		}
		slices.Sort(kinds)
		if !slices.Equal(kinds, []string{"envfile", "nginx-conf", "socket-mode"}) {
			t.Errorf("changes: %+v", f.Changes)
		}
		if f.Worker.Outcome != detect.Denied || !f.Upstream.Healthy() || f.Public.Status != 502 {
			t.Errorf("worker %+v\nupstream %+v\npublic %+v", f.Worker, f.Upstream, f.Public)
		}
		if n := f.Nginx; n.Loaded == nil || len(n.Diff) == 0 || n.Elsewhere || n.ChangedAt <= n.LoadedAt {
			t.Errorf("nginx %+v", n)
		}

		sh(t, `chmod 660 /run/shop/shop.sock; echo 'nonsense;' >>/etc/nginx/nginx.conf
sed -i 's,/usr/bin/gunicorn,/usr/bin/gunicorn-none,' /etc/systemd/system/shop.service; systemctl daemon-reload; systemctl restart shop.service || true
journalctl --sync`)
		f = c.Collect(t.Context(), where, route, collect.Options{Deep: true})
		if f.Nginx.Test == nil || f.Nginx.Test.OK || f.Nginx.Test.File != "/etc/nginx/nginx.conf" || f.Nginx.Disk == nil || f.Nginx.Loaded == nil {
			t.Errorf("nginx %+v, test %+v", f.Nginx, f.Nginx.Test)
		}
		if named(f, "exec") != "missing" || !hasLine(f, detect.FromSystemd, detect.EventSpawnFailed) {
			t.Errorf("named %+v\nlines %+v", f.Named, f.Lines)
		}

		sh(t, "systemctl stop nginx.service; journalctl --sync")
		f = c.Collect(t.Context(), where, route, collect.Options{Deep: true})
		if f.Nginx.Master != nil || f.Nginx.Test == nil || f.Nginx.Test.OK || f.Nginx.Stop == nil || !f.Nginx.Stop.ByJob || f.Public.Outcome != detect.Refused {
			t.Errorf("nginx %+v\npublic %+v", f.Nginx, f.Public)
		}
	})
}

func TestSnapshotOfAFrozenServer(t *testing.T) {
	onMachine(t, machine.Options{Deploy: machine.Unix}, func(t *testing.T) {
		var b *detect.Baseline
		c := collector(t, &b)
		where, route := shopSite()
		sh(t, "systemctl kill --signal=STOP shop.service")
		began := time.Now()
		f := c.Collect(t.Context(), where, route, collect.Options{Deep: true})
		t.Logf("a snapshot of a frozen server took %v", time.Since(began))
		if f.Upstream.Outcome != detect.TimedOut || len(f.Processes) != 3 {
			t.Errorf("upstream %+v, processes %+v", f.Upstream, f.Processes)
		}
		for _, p := range f.Processes {
			if p.State != "T" || p.StateThen != "T" || p.Looked < 900_000 {
				t.Errorf("process %+v", p)
			}
		}
		if f.Public.Healthy() {
			t.Errorf("public %+v", f.Public)
		}
	})
}
