package main

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gatemend/gatemend/detect"
	"github.com/gatemend/gatemend/detect/diagnose"
	"github.com/gatemend/gatemend/detect/evidence"
	"github.com/gatemend/gatemend/policy"
)

var update = flag.Bool("update", false, "write what is diagnosed now to testdata")

// expected stands first in every document of examples/incidents.
type expected struct {
	Expect struct {
		Cause  detect.Cause   `json:"cause"`
		Action policy.Verb    `json:"action"`
		Also   []detect.Cause `json:"also"`
	} `json:"expect"`
}

// Each shipped evidence document is diagnosed as it says itself; advice and trace are golden.
func TestIncidents(t *testing.T) {
	files, err := filepath.Glob("../../../examples/incidents/*.json")
	if err != nil || len(files) == 0 {
		t.Fatalf("no documents: %v", err)
	}
	covered := map[detect.Cause]bool{}
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".json")
		t.Run(name, func(t *testing.T) {
			data, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			var want expected
			if err := json.Unmarshal(data, &want); err != nil {
				t.Fatal(err)
			}
			covered[want.Expect.Cause] = true
			f, err := evidence.Read(bytes.NewReader(data))
			if err != nil {
				t.Fatal(err)
			}
			d := diagnose.Diagnose(f)
			check(t, want, d, policy.FirstSafe(d, f))
			golden(t, name, story(d))
		})
	}
	for _, i := range detect.Catalogue {
		if !covered[i.Cause] {
			t.Errorf("no document for %s", i.Cause)
		}
	}
}

func check(t *testing.T, want expected, d detect.Diagnosis, action policy.Verb) {
	t.Helper()
	if d.Primary.Cause != want.Expect.Cause {
		t.Errorf("cause %s at %d, want %s", d.Primary.Cause, d.Primary.Confidence, want.Expect.Cause)
	}
	if action != want.Expect.Action {
		t.Errorf("action %s, want %s", action, want.Expect.Action)
	}
	also := map[detect.Cause]bool{}
	for _, a := range d.Also {
		also[a.Cause] = true
	}
	for _, c := range want.Expect.Also {
		if !also[c] {
			t.Errorf("%s is not in also: %v", c, also)
		}
	}
}

// story is a diagnosis as text: causes, advice, and the rules that held.
func story(d detect.Diagnosis) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s\n", d.Health)
	for i, f := range append([]detect.Finding{d.Primary}, d.Also...) {
		fmt.Fprintf(&b, "%s%s %d %%\n", map[bool]string{true: "", false: "also "}[i == 0], f.Cause, f.Confidence)
		for _, e := range f.Evidence {
			fmt.Fprintf(&b, "  %s: %s\n", e.Fact, e.Text)
		}
		for _, a := range f.Advised() {
			fmt.Fprintf(&b, "  > %s\n", a)
		}
	}
	b.WriteString("trace\n")
	for _, s := range d.Trace {
		fmt.Fprintf(&b, "  %-5v %s: %s\n", s.Held, s.Rule, s.Why)
	}
	return b.String()
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	file := filepath.Join("testdata", "incidents", name+".golden")
	if *update {
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("run with -update where this is meant:\n%s", diff)
	}
}
