package cli

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/gatemend/gatemend/agent"
	"github.com/gatemend/gatemend/agent/audit"
)

// load reads what a real machine gave, in its time zone.
func load(t *testing.T, name string, v any) {
	t.Helper()
	old := time.Local
	time.Local = time.UTC
	t.Cleanup(func() { time.Local = old })
	text, err := os.ReadFile(filepath.Join("testdata/render", name))
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, v); err != nil {
		t.Fatal(err)
	}
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata/render", name)
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", path, diff)
	}
}

// TestReports are of a killed master and of a socket's mode taken away, as `plan --json` gave
// them on a machine.
func TestReports(t *testing.T) {
	for _, name := range []string{"killed", "denied"} {
		t.Run(name, func(t *testing.T) {
			var p plan
			load(t, name+".json", &p)
			var out bytes.Buffer
			e := agent.Exam{Site: p.Site, Route: p.Route, Case: p.Case, Decision: p.Decision}
			s := sheet{w: &out, width: 13}
			diagnosed(e).render(s, e)
			p.render(s, e)
			golden(t, name+".txt", out.String())
		})
	}
}

func TestTimeline(t *testing.T) {
	var records []audit.Record
	load(t, "incident.json", &records)
	var out bytes.Buffer
	s := &story{sheet: sheet{w: &out, width: 9}}
	s.headline(records)
	for _, r := range records {
		s.tell(r)
	}
	golden(t, "incident.txt", out.String())
}
