package config

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/gatemend/gatemend/detect"
	"github.com/gatemend/gatemend/policy"
)

var update = flag.Bool("update", false, "write golden files")

func golden(t *testing.T, path, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", path, diff)
	}
}

func read(t *testing.T, path string) []byte {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// shop is the site of the documented example.
var shop = detect.Site{Name: "shop", Server: "shop.example.com",
	Routes: []detect.Route{{Path: "/", Target: detect.Unix("/run/shop/shop.sock"), Unit: "shop.service", Manage: detect.ManageAct}},
	Probe:  detect.ProbeSpec{Path: "/", Method: "GET", Every: 30 * second, Timeout: 10 * second, Public: "auto"}}

// TestTheDocumentedFileIsTheDefaults: every value in it is what an empty file means.
func TestTheDocumentedFileIsTheDefaults(t *testing.T) {
	c, err := Parse("gatemend.yaml", read(t, "testdata/design.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	want := policy.Defaults()
	want.Ladders = map[detect.Cause][]policy.Rung(nil)
	if diff := cmp.Diff(want, c.Policy); diff != "" {
		t.Errorf("policy (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]detect.Site{shop}, c.Sites); diff != "" {
		t.Errorf("sites (-want +got):\n%s", diff)
	}
	d := defaults("")
	if diff := cmp.Diff(d.Verify, c.Verify); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(d.Remind, c.Remind); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]Notify{{Name: "page-me", Command: []string{"/usr/local/bin/page-me"}}}, c.Notify, cmpopts.IgnoreUnexported(Notify{})); diff != "" {
		t.Error(diff)
	}
}

func TestSettingsAreRead(t *testing.T) {
	c, err := Parse("x", []byte(`
mode: act
limits: {restarts_per_site: 1/2d, parallel: 2}
operator_stop: {start_after: never}
start_grace: 90s
ladders: {gunicorn-hung: [ask end-leftovers-restart, restart-unit], worker-timeout: [], socket-missing: restart-unit}
sites: {shop: {server: a.b, routes: [{target: "localhost:8000", manage: observe, reason: "in a container"}], probe: {public: off, method: HEAD}}}
`))
	if err != nil {
		t.Fatal(err)
	}
	want := policy.Defaults()
	want.Mode = policy.ModeAct
	want.Limits.RestartsPerSite = policy.Rate{N: 1, Per: 2 * day}
	want.Limits.Parallel = 2
	want.OperatorStop.StartAfter = detect.Forever
	want.StartGrace = 90 * second
	want.Ladders = map[detect.Cause][]policy.Rung{
		detect.GunicornHung:  {{Verb: policy.EndLeftoversRestart, Ask: true}, {Verb: policy.RestartUnit}},
		detect.WorkerTimeout: {},
		detect.SocketMissing: {{Verb: policy.RestartUnit}},
	}
	if diff := cmp.Diff(want, c.Policy); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	s, ok := c.Site("shop")
	if !ok || s.Routes[0].Manage != detect.ManageObserve || s.Routes[0].Reason != "in a container" || s.Probe.Public != "off" || s.Probe.Method != "HEAD" {
		t.Errorf("site = %+v", s)
	}
}

// TestEveryProblemAtOnce holds the messages themselves: they are what a person reads.
func TestEveryProblemAtOnce(t *testing.T) {
	files, _ := filepath.Glob("testdata/bad/*.yaml")
	if len(files) < 8 {
		t.Fatalf("only %d files", len(files))
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			c, err := Parse("gatemend.yaml", read(t, file))
			if err == nil {
				t.Fatalf("accepted: %+v", c)
			}
			if _, ok := err.(Problems); !ok {
				t.Fatalf("%T is not Problems", err)
			}
			golden(t, strings.TrimSuffix(file, ".yaml")+".txt", err.Error()+"\n")
		})
	}
}

// TestNoRemedyForWhatARestartCannotHelp: such a ladder is refused, whatever the verb.
func TestNoRemedyForWhatARestartCannotHelp(t *testing.T) {
	for _, cause := range []detect.Cause{detect.AppImportError, detect.EnvMissing, detect.ExecPathWrong, detect.WorkerTimeout,
		detect.DiskFull, detect.AppError, detect.UpstreamMismatch, detect.NginxConfigInvalid, detect.Unknown} {
		for _, verb := range []policy.Verb{policy.RestartUnit, policy.StartUnit, policy.ReloadNginx, policy.StartNginx, policy.FixDirMode} {
			r := &reader{}
			if _, ok := r.rung(&node{kind: scalar, text: string(verb)}, cause); ok || len(r.problems) != 1 {
				t.Errorf("%s is allowed for %s", verb, cause)
			}
		}
	}
}

func FuzzParse(f *testing.F) {
	files, _ := filepath.Glob("testdata/bad/*.yaml")
	for _, file := range append(files, "testdata/design.yaml") {
		data, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		c, err := Parse("x", data)
		if err != nil {
			if ps, ok := err.(Problems); !ok || len(ps) == 0 || ps.Error() == "" {
				t.Fatalf("a refusal that says nothing: %#v", err)
			}
			return
		}
		again, err := Parse("x", Write(c.Sites, c.Policy.Mode))
		if err != nil {
			t.Fatalf("what Write wrote is refused: %v\n%s", err, Write(c.Sites, c.Policy.Mode))
		}
		if diff := cmp.Diff(c.Sites, again.Sites); diff != "" {
			t.Fatalf("-read +read again:\n%s", diff)
		}
	})
}
