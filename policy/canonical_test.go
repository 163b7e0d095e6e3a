package policy

import (
	"testing"

	"github.com/gatemend/gatemend/detect"
)

func TestCanonical(t *testing.T) {
	got, err := Canonical(map[string]any{"b": int64(1<<62 + 1), "a": "<&> é", "c": []string{}})
	if want := `{"a":"<&> é","b":4611686018427387905,"c":[]}`; err != nil || string(got) != want {
		t.Errorf("got %s, %v; want %s", got, err, want)
	}
	for _, v := range []any{1.5, map[string]any{"x": []float64{1e30}}, func() {}} {
		if got, err := Canonical(v); err == nil {
			t.Errorf("%v became %s, want an error", v, got)
		}
	}
}

func TestFingerprintIgnoresTimesAndProcesses(t *testing.T) {
	base := Fingerprint(crashed())
	same := map[string]func(*Case){
		"now":      func(c *Case) { c.Now, c.Uptime = c.Now.Add(minute), c.Uptime+minute },
		"pids":     func(c *Case) { c.Facts.Unit.MainPID, c.Facts.Processes = 99, []detect.Process{{PID: 5}} },
		"times":    func(c *Case) { c.Facts.Unit.StateChange, c.Facts.Quiet.AppChanged, c.Facts.Baseline.At = 1, 2, 3 },
		"subject":  func(c *Case) { c.Diagnosis.Primary.Subject["pid"] = "99" },
		"answers":  func(c *Case) { c.Facts.Upstream.Took = 7 },
		"incident": func(c *Case) { c.Incident.ID = "8" },
		"a quick look, without nginx -t": func(c *Case) {
			n := *c.Facts.Nginx
			n.Test, c.Facts.Nginx = nil, &n
		},
		"nginx -t passes": func(c *Case) {
			n := *c.Facts.Nginx
			n.Test, c.Facts.Nginx = &detect.ConfTest{OK: true}, &n
		},
	}
	for name, change := range same {
		c := crashed()
		change(&c)
		if Fingerprint(c) != base {
			t.Errorf("%s moved the fingerprint", name)
		}
	}
	moved := map[string]func(*Case){
		"cause":  func(c *Case) { c.Diagnosis.Primary.Cause = detect.GunicornHung },
		"target": func(c *Case) { c.Facts.Route.Target = detect.TCP("127.0.0.1:1") },
		"state":  func(c *Case) { c.Facts.Unit.Active = "active" },
		"mode":   func(c *Case) { c.Facts.Path.Last().Mode = 0o777 },
		"file": func(c *Case) {
			c.Facts.Changes = []detect.Change{{What: "app-file", Name: "/srv/app.py", After: "1 2 3"}}
		},
		"config": func(c *Case) { c.Config = "other" },
		"nginx":  func(c *Case) { c.Facts.Nginx.Disk = &detect.SiteConf{Hash: "other"} },
		"nginx -t fails": func(c *Case) {
			n := *c.Facts.Nginx
			n.Test, c.Facts.Nginx = &detect.ConfTest{File: "/etc/nginx/nginx.conf", Line: 3}, &n
		},
		"masked":  func(c *Case) { c.Facts.Unit.Load = "masked" },
		"tried":   func(c *Case) { c.Incident.Tried = []Verb{RestartUnit} },
		"held":    func(c *Case) { c.Holds = []Hold{{Owner: "anna"}} },
		"subject": func(c *Case) { c.Diagnosis.Primary.Subject["variable"] = "SECRET_KEY" },
	}
	seen := map[string]string{base: "the plain case"}
	for name, change := range moved {
		c := crashed()
		change(&c)
		f := Fingerprint(c)
		if other, ok := seen[f]; ok {
			t.Errorf("%s has the fingerprint of %s", name, other)
		}
		seen[f] = name
	}
}
