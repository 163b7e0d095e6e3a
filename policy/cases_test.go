package policy

import (
	"github.com/gatemend/gatemend/detect"
)

// moment is the time of every case of these tests: 2025-06-01 12:00:00 UTC.
const moment = detect.Time(1_748_779_200_000_000)

func ago(s detect.Span) detect.Time { return moment - detect.Time(s) }

// crashed is the plain case: gunicorn was killed, nobody is at work, nothing was tried.
func crashed() Case {
	target := detect.Unix("/run/shop/shop.sock")
	settings := Defaults()
	settings.Mode = ModeAct
	return Case{
		Schema: Schema, Now: moment, Boot: "boot-b", Uptime: 3 * day, Config: "config-1", Settings: settings,
		Incident: Incident{ID: "7", Opened: ago(second), Seen: 1, Since: ago(second)},
		Diagnosis: detect.Diagnosis{Health: detect.Sick, Primary: detect.Finding{
			Cause: detect.GunicornCrashed, Confidence: 97, Decisive: true, Subject: map[string]string{},
		}},
		Facts: detect.Facts{
			At: moment, Booted: ago(3 * day), Site: "shop", Server: "shop.example.com",
			Route: detect.Route{Path: "/", Target: target, Unit: "shop.service", Manage: detect.ManageAct},
			Unit: &detect.Unit{
				Name: "shop.service", Load: "loaded", Active: "failed", Sub: "failed", Result: "signal", FileState: "enabled", Type: "notify", Restart: "no",
				ExecExit: ago(second), InactiveExit: ago(day), InactiveEnter: ago(second), StateChange: ago(second),
				UID: 1001, GID: 1001, TimeoutStart: 90 * second, TimeoutStop: 90 * second, StartLimit: 5, StartLimitSpan: 10 * second,
				RuntimeDirs: []string{"shop"}, RuntimeMode: 0o755, Binds: []detect.Target{target},
			},
			Start: &detect.Start{Recent: 0, Last: ago(day)},
			Path: &detect.SocketPath{Path: "/run/shop/shop.sock", Parts: []detect.PathPart{
				{Path: "/", Kind: "dir", Mode: 0o755, Owner: "root", Group: "root", WorkerMay: "yes"},
				{Path: "/run", Kind: "dir", Mode: 0o755, Owner: "root", Group: "root", WorkerMay: "yes"},
				{Path: "/run/shop", Kind: "dir", Mode: 0o755, UID: 1001, GID: 1001, Owner: "shop", Group: "shop", WorkerMay: "yes"},
				{Path: "/run/shop/shop.sock", Kind: "socket", Mode: 0o666, UID: 1001, GID: 1001, Owner: "shop", Group: "shop", Links: 1, WorkerMay: "yes"},
			}},
			Upstream: &detect.Answer{At: moment, Outcome: detect.Refused},
			Public:   &detect.Answer{At: moment, Outcome: detect.Answered, Status: 502, ByNginx: true},
			Nginx:    nginxRunning(),
			Host:     &detect.Host{MemFree: 1 << 30, MemTotal: 2 << 30},
			Quiet:    &detect.Quiet{NginxChanged: ago(day), AppChanged: ago(day), UnitChanged: ago(day)},
			Baseline: &detect.Baseline{
				At: ago(hour), Status: 200, Target: target, Config: "config-1",
				Socket: &detect.PathPart{Path: "/run/shop/shop.sock", Kind: "socket", Mode: 0o666, UID: 1001, Group: "shop"},
				Dir:    &detect.PathPart{Path: "/run/shop", Kind: "dir", Mode: 0o755, UID: 1001, Group: "shop"},
			},
		},
	}
}

func nginxRunning() *detect.Nginx {
	conf := &detect.SiteConf{Hash: "nginx-1", Upstreams: []detect.ProxyTo{{Target: detect.Unix("/run/shop/shop.sock"), Schema: "http", Where: "/etc/nginx/sites-enabled/shop:12"}}}
	return &detect.Nginx{
		Unit: &detect.Unit{Name: "nginx.service", Load: "loaded", Active: "active", Sub: "running", Result: "success", FileState: "enabled", Restart: "no", InactiveExit: ago(day), CanReload: true},
		Test: &detect.ConfTest{At: moment, OK: true}, Disk: conf, Loaded: conf, LoadedAt: ago(day), ChangedAt: ago(2 * day),
	}
}

// running turns the case into one of a unit that runs and does not serve.
func (c *Case) running(cause detect.Cause) {
	c.Diagnosis.Primary.Cause, c.Diagnosis.Primary.Decisive, c.Incident.Seen = cause, false, 2
	u := c.Facts.Unit
	u.Active, u.Sub, u.Result, u.ExecExit, u.InactiveEnter = "active", "running", "success", 0, 0
	u.ActiveEnter, u.StateChange = ago(day), ago(day)
}

// unsure is a unit that runs and does not serve, for a reason that nobody can act on.
func (c *Case) unsure(cause detect.Cause) {
	c.running(cause)
	c.Diagnosis.Primary.Confidence = 30
}

func (c *Case) stopped(at detect.Time, byJob bool) {
	c.Diagnosis.Primary.Cause = detect.GunicornStopped
	u := c.Facts.Unit
	u.Active, u.Sub, u.Result, u.InactiveEnter, u.StateChange = "inactive", "dead", "success", at, at
	c.Facts.Stop = &detect.Stop{At: at, ByJob: byJob}
	c.Incident.Opened, c.Incident.Since = at, at
}

// release is ann's word on the plan as it stands, for that long.
func (c *Case) release(length detect.Span) {
	c.Incident.Release = &Release{Plan: Fingerprint(*c), By: "ann", At: ago(second), Until: moment.Add(length)}
}

func (c *Case) did(ageOf detect.Span, site string, v Verb, o Outcome) *Entry {
	unit := site + ".service"
	c.History = append(c.History, Entry{
		Seq: int64(len(c.History) + 1), At: ago(ageOf), Boot: c.Boot, Uptime: c.Uptime - ageOf,
		Site: site, Incident: "6", Verb: v, Unit: unit, Outcome: o,
	})
	return &c.History[len(c.History)-1]
}

// stale is nginx-config-stale with every condition for a reload met.
func (c *Case) stale() {
	c.running(detect.NginxConfigStale)
	f := &c.Facts
	old := detect.Unix("/run/shop/old.sock")
	f.Upstream = &detect.Answer{At: moment, Outcome: detect.Answered, Status: 200}
	f.Listeners = []detect.Listener{{Target: f.Route.Target, InUnit: true, Ours: true}}
	f.Nginx.Loaded = &detect.SiteConf{Hash: "nginx-0", Upstreams: []detect.ProxyTo{{Target: old, Schema: "http"}}}
	f.Nginx.Diff = []string{"-proxy_pass http://unix:/run/shop/old.sock", "+proxy_pass http://unix:/run/shop/shop.sock"}
	f.Nginx.LoadedAt, f.Nginx.ChangedAt = ago(day), ago(2*minute)
	f.Quiet.NginxChanged = ago(2 * minute)
	f.Lines = []detect.Line{{Source: detect.FromNginxError, Event: "connect-failed", Ours: true, Attr: map[string]string{"upstream": "http://unix:/run/shop/old.sock:/"}}}
}

// closedSocket is socket-permission with a mode that the baseline knows better.
func (c *Case) closedSocket() {
	c.running(detect.SocketPermission)
	c.Diagnosis.Primary.Decisive = true
	c.Facts.Path.Last().Mode = 0o600
	c.Facts.Path.Last().WorkerMay = "no"
	c.Facts.Worker = &detect.Connect{User: "www-data", UID: 33, Outcome: detect.Denied, Errno: 13}
}

// staleGoingDown: the unit was edited, and then its master killed while a request was in flight.
func (c *Case) staleGoingDown() {
	c.Diagnosis.Primary.Cause, c.Diagnosis.Primary.Confidence = detect.UnitStale, 60
	c.Facts.Unit.NeedReload, c.Facts.Unit.Active = true, "deactivating"
}

func nginxDown(c *Case) {
	c.running(detect.NginxDown)
	c.Diagnosis.Primary.Decisive = true
	n := c.Facts.Nginx
	n.Unit.Active, n.Unit.Sub, n.Unit.Result, n.Unit.InactiveEnter = "failed", "failed", "signal", ago(2*second)
	n.Test, n.Stop = nil, &detect.Stop{At: ago(2 * second)}
}

// socketDown is a unit that its socket starts, both at rest.
func (c *Case) socketDown() {
	c.stopped(ago(second), false)
	c.Facts.Route.Socket = "shop.socket"
	c.Facts.Socket = &detect.Unit{Name: "shop.socket", Load: "loaded", Active: "inactive", Sub: "dead", FileState: "enabled", Result: "resources"}
}

// ousts makes a start of the app's unit stop another one.
func (c *Case) ousts(name string) {
	c.Facts.Unit.Conflicts = []detect.Dependent{{Unit: name, Active: "active", By: "Conflicts"}}
}
