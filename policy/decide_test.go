package policy

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write the golden files anew")

func TestDecide(t *testing.T) {
	for _, tc := range decisions {
		t.Run(tc.name, func(t *testing.T) {
			c := crashed()
			tc.make(&c)
			d := Decide(c)
			var verb Verb
			if d.Action != nil {
				verb = d.Action.Verb
			}
			var code Code
			if len(d.Refusals) > 0 {
				code = d.Refusals[0].Code
			}
			if d.Do != tc.do || verb != tc.verb || code != tc.code {
				t.Errorf("got %s %q refused by %q, want %s %q refused by %q\n%s", d.Do, verb, code, tc.do, tc.verb, tc.code, trace(d))
			}
			golden(t, tc.name, trace(d))
		})
	}
}

// trace is a decision as a person reviews it.
func trace(d Decision) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %s\nladder %v rung %d\n", d.Do, d.Why, d.Ladder, d.Rung)
	if d.Action != nil {
		raw, _ := Canonical(d.Action)
		fmt.Fprintf(&b, "action %s\n", raw)
	}
	if d.Until != 0 {
		fmt.Fprintf(&b, "until +%s\n", d.Until.Sub(moment))
	}
	for _, r := range d.Refusals {
		fmt.Fprintf(&b, "refused %s: %s", r.Code, r.Why)
		if r.Until != 0 {
			fmt.Fprintf(&b, " (until +%s)", r.Until.Sub(moment))
		}
		b.WriteByte('\n')
	}
	for _, g := range d.Guards {
		mark := "✗"
		if g.Pass {
			mark = "✓"
		}
		fmt.Fprintf(&b, "%s %s: %s\n", mark, g.Guard, g.Why)
	}
	return b.String()
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name+".golden")
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatalf("no golden file: run go test ./policy -update and review it: %v", err)
	}
	if !bytes.Equal(want, []byte(got)) {
		t.Errorf("trace changed (-want +got), review and run -update:\n%s", cmp.Diff(string(want), got))
	}
}
