package policy

import (
	"math/rand"
	"slices"
	"strings"
	"testing"

	"github.com/gatemend/gatemend/detect"
	"pgregory.net/rapid"
)

// still are changes that say nothing to a guard.
var still = map[string]func(*Case){
	"now":     func(c *Case) { c.Now, c.Uptime = c.Now.Add(minute), c.Uptime+minute },
	"boot":    func(c *Case) { c.Boot = "boot-c" },
	"pids":    func(c *Case) { c.Facts.Unit.MainPID, c.Facts.Processes = 99, []detect.Process{{PID: 5}} },
	"subject": func(c *Case) { c.Diagnosis.Primary.Subject["pid"] = "99" },
	"a master": func(c *Case) {
		c.Diagnosis.Primary.Subject["masterpid"], c.Diagnosis.Primary.Subject["tracer"] = "9", "8"
	},
	"answers":  func(c *Case) { c.Facts.Upstream.Took = 7 },
	"sureness": func(c *Case) { c.Diagnosis.Primary.Confidence = 96 },
	"incident": func(c *Case) { c.Incident.ID, c.Incident.Seen = "8", 9 },
	"memory":   func(c *Case) { c.Facts.Host.MemFree-- },
	"history":  func(c *Case) { c.did(hour, "shop", RestartUnit, Failed) },
	"touched": func(c *Case) {
		c.Facts.Files = map[string]string{"/srv/app.py": "2000 12 aaa"}
	},
	"a quick look, without nginx -t": func(c *Case) { c.Facts.Nginx.Test = nil },
	"nginx -t passes":                func(c *Case) { c.Facts.Nginx.Test = &detect.ConfTest{OK: true} },
}

// shifts are changes of what a guard reads, each with how it is told.
var shifts = map[string]struct {
	change func(*Case)
	told   string
}{
	"cause":       {func(c *Case) { c.Diagnosis.Primary.Cause = detect.GunicornHung }, "cause: gunicorn-crashed → gunicorn-hung"},
	"target":      {func(c *Case) { c.Facts.Route.Target = detect.TCP("127.0.0.1:1") }, "target: unix:/run/shop/shop.sock → 127.0.0.1:1"},
	"state":       {func(c *Case) { c.Facts.Unit.Active = "active" }, "state of shop.service: failed (failed) → active (failed)"},
	"result":      {func(c *Case) { c.Facts.Unit.Result = "oom-kill" }, "result of shop.service: signal → oom-kill"},
	"unknown":     {func(c *Case) { c.Facts.Unit = nil }, "state of shop.service: failed (failed) → nothing known"},
	"job":         {func(c *Case) { c.Facts.Unit.Job = &detect.Job{ID: 3, Type: "stop"} }, "job on shop.service: nothing known → stop"},
	"mode":        {func(c *Case) { c.Facts.Path.Last().Mode = 0o600 }, "mode of /run/shop/shop.sock: 0666 → 0600"},
	"owner":       {func(c *Case) { c.Facts.Path.Last().UID = 0 }, "owner of /run/shop/shop.sock: 1001:1001 → 0:1001"},
	"owner name":  {func(c *Case) { c.Facts.Path.Last().Owner = "" }, "owner by name of /run/shop/shop.sock: shop:shop → :shop"},
	"file":        {func(c *Case) { c.Facts.Files["/srv/app.py"] = "1000 12 bbb" }, "file /srv/app.py: 12 bytes aaa → 12 bytes bbb"},
	"file is new": {func(c *Case) { c.Facts.Files["/srv/x.env"] = "1 2 c" }, "file /srv/x.env: nothing known → 2 bytes c"},
	"package": {func(c *Case) {
		c.Facts.Changes = []detect.Change{{What: "package", Name: "flask", Before: "3.0", After: "3.1"}}
	}, "package flask: nothing known → 3.1"},
	"config":         {func(c *Case) { c.Config = "other" }, "configuration of the site: config-1 → other"},
	"never healthy":  {func(c *Case) { c.Facts.Baseline = nil }, "verified healthy: yes → never"},
	"nginx":          {func(c *Case) { c.Facts.Nginx.Disk = &detect.SiteConf{Hash: "other"} }, "nginx's configuration on disk: nginx-1 → other"},
	"nginx -t fails": {func(c *Case) { c.Facts.Nginx.Test = &detect.ConfTest{File: "/etc/nginx/nginx.conf", Line: 3} }, "nginx -t: nothing known → fails at /etc/nginx/nginx.conf:3"},
	"masked":         {func(c *Case) { c.Facts.Unit.Load = "masked" }, "load state of shop.service: loaded → masked"},
	"frozen":         {func(c *Case) { c.Facts.Unit.Freezer = "frozen" }, "freezer state of shop.service: nothing known → frozen"},
	"tried":          {func(c *Case) { c.Incident.Tried = []Verb{RestartUnit} }, "action: restart-unit shop.service → nothing known"},
	"held":           {func(c *Case) { c.Holds = []Hold{{Owner: "anna", Reason: "deploy"}} }, "holds: nothing known → all sites held by anna (deploy)"},
	"variable":       {func(c *Case) { c.Diagnosis.Primary.Subject["variable"] = "SECRET_KEY" }, "cause, variable: nothing known → SECRET_KEY"},
	"sureness":       {func(c *Case) { c.Diagnosis.Primary.Confidence = 70 }, "evidence: enough to act on → too little to act on"},
	"disabled":       {func(c *Case) { c.Facts.Unit.FileState = "disabled" }, "unit file state of shop.service: enabled → disabled"},
	"reboot":         {func(c *Case) { c.Facts.Unit.FailureAction = "reboot" }, "FailureAction= of shop.service: nothing known → reboot"},
	"Restart=":       {func(c *Case) { c.Facts.Unit.Restart = "always" }, "Restart= of shop.service: no → always"},
	"stale":          {func(c *Case) { c.Facts.Unit.NeedReload = true }, "daemon-reload of shop.service: nothing known → needed"},
	"user":           {func(c *Case) { c.Facts.Unit.UID = 33 }, "user of shop.service: 1001 → 33"},
	"an alias":       {func(c *Case) { c.Facts.Unit.Name = "docker.service" }, "name of shop.service: nothing known → docker.service"},
	"activated":      {func(c *Case) { c.Facts.Unit.TriggeredBy = []string{"shop.socket"} }, "what activates shop.service: nothing known → shop.socket"},
	"a hard link":    {func(c *Case) { c.Facts.Path.Last().Links = 2 }, "kind of /run/shop/shop.sock: socket → socket with several links"},
	"a link":         {func(c *Case) { c.Facts.Path.Parts[1].Real = "/tmp" }, "/run leads to: nothing known → /tmp"},
	"manage":         {func(c *Case) { c.Facts.Route.Manage = detect.ManageObserve }, "manage: act → observe"},
	"also":           {func(c *Case) { c.Facts.Route.Also = []string{"b", "a"} }, "also: nothing known → a, b"},
	"loaded":         {func(c *Case) { c.Facts.Nginx.Loaded = nil }, "nginx's configuration as loaded: nginx-1 → nothing known"},
	"difference":     {func(c *Case) { c.Facts.Nginx.Diff = []string{"+x"} }, "loaded → disk: nothing known → +x"},
	"elsewhere":      {func(c *Case) { c.Facts.Nginx.Elsewhere = true }, "loaded → disk, other sites: nothing known → differ"},
	"ports": {func(c *Case) {
		c.Facts.Nginx.Foreign = []detect.Listener{{Target: detect.TCP("0.0.0.0:80")}}
	}, "others on nginx's ports: nothing known → 0.0.0.0:80"},
	"a stop": {func(c *Case) { c.Facts.Stop = &detect.Stop{ByJob: true} }, "stop of shop.service: nothing known → by a job"},
	"apt":    {func(c *Case) { c.Facts.Quiet.PackageLock = "dpkg" }, "package manager's lock: free → dpkg"},
	"takes": {func(c *Case) {
		c.Facts.Unit.TakenAlong = []detect.Dependent{{Unit: "worker.service", Active: "active"}}
	}, "taken along with shop.service: nothing known → worker.service"},
	"alias": {func(c *Case) { c.Facts.Unit.AliasOf = "store.service" }, "other name of shop.service: nothing known → store.service"},
	"ousts": {func(c *Case) { c.ousts("green.service") }, "stopped by a start of shop.service: nothing known → green.service"},
}

// plain is the plain case with a file, and nothing shared with another.
func plain() Case {
	c := crashed()
	c.Facts.Files = map[string]string{"/srv/app.py": "1000 12 aaa"}
	n := *c.Facts.Nginx
	c.Facts.Nginx = &n
	return c
}

func TestFingerprint(t *testing.T) {
	base := Fingerprint(plain())
	for name, change := range still {
		c := plain()
		change(&c)
		if Fingerprint(c) != base {
			t.Errorf("%s moved the fingerprint: %q", name, Moved(plain(), c))
		}
		if moved := Moved(plain(), c); len(moved) != 0 {
			t.Errorf("%s moved %q", name, moved)
		}
	}
	seen := map[string]string{base: "the plain case"}
	for name, tt := range shifts {
		c := plain()
		tt.change(&c)
		f := Fingerprint(c)
		if other, ok := seen[f]; ok {
			t.Errorf("%s has the fingerprint of %s", name, other)
		}
		seen[f] = name
		if moved := Moved(plain(), c); !slices.Contains(moved, tt.told) {
			t.Errorf("%s is told as %q, want %q", name, moved, tt.told)
		}
	}
}

// A person reads what matters most, and not everything.
func TestMovedIsShort(t *testing.T) {
	now := plain()
	now.Facts.Unit, now.Facts.Path, now.Facts.Nginx = nil, nil, nil
	now.Diagnosis.Primary.Cause = detect.Unknown
	moved := Moved(plain(), now)
	if len(moved) != mostMoved+1 || moved[0] != "cause: gunicorn-crashed → unknown" || !strings.HasPrefix(moved[mostMoved], "and ") {
		t.Errorf("got %q", moved)
	}
	hash := strings.Repeat("0123456789abcdef", 4)
	now = plain()
	now.Facts.Nginx.Disk = &detect.SiteConf{Hash: hash}
	if moved := Moved(plain(), now); !slices.Equal(moved, []string{"nginx's configuration on disk: nginx-1 → 01234567"}) {
		t.Errorf("got %q", moved)
	}
}

// In which order things were seen does not matter.
func TestFingerprintIgnoresOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := plain()
		c.Holds = []Hold{{Owner: "anna"}, {Owner: "bob", Site: "shop"}, {Owner: "cem"}}
		c.Facts.Route.Also = []string{"a.service", "b.service", "c.service"}
		c.Facts.Changes = []detect.Change{{What: "package", Name: "a"}, {What: "bind", Name: "b"}, {What: "listener", Name: "c"}}
		c.Facts.Unit.TakenAlong = []detect.Dependent{{Unit: "x.service", Active: "active"}, {Unit: "y.service", Active: "active"}}
		c.Facts.Nginx.Foreign = []detect.Listener{{Target: detect.TCP("a:1")}, {Target: detect.TCP("b:2")}}
		before := Fingerprint(c)
		shuffle := rand.New(rand.NewSource(rapid.Int64().Draw(t, "seed"))).Shuffle
		shuffle(3, swap(c.Holds))
		shuffle(3, swap(c.Facts.Route.Also))
		shuffle(3, swap(c.Facts.Changes))
		shuffle(2, swap(c.Facts.Unit.TakenAlong))
		shuffle(2, swap(c.Facts.Nginx.Foreign))
		if Fingerprint(c) != before {
			t.Fatal("another order moved the fingerprint")
		}
	})
}

func swap[T any](l []T) func(i, j int) { return func(i, j int) { l[i], l[j] = l[j], l[i] } }
