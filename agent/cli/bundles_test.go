package cli

import (
	"encoding/json"
	"log/slog"
	"os"
	"path/filepath"
	"testing"

	"github.com/gatemend/gatemend/agent/audit"
	"github.com/gatemend/gatemend/detect"
	"github.com/gatemend/gatemend/policy"
)

// What was decided from is kept once for each case that reads differently, and the decision is policy's.
func TestEvidenceOfADecisionIsKept(t *testing.T) {
	dir := t.TempDir()
	log, err := audit.Open(dir, audit.Options{Journal: filepath.Join(dir, "no-journal")})
	if err != nil {
		t.Fatal(err)
	}
	defer log.Close()
	b := &bundles{log: log, logger: slog.New(slog.DiscardHandler)}
	var c policy.Case
	b.decide(c) // no incident yet: nothing is kept
	c.Incident.ID, c.Now = "20261123-184630-shop", 7
	c.Diagnosis = detect.Diagnosis{Health: detect.Sick, Primary: detect.Finding{Cause: detect.EnvMissing, Confidence: 92}}
	d := b.decide(c)
	c.Now = 8 // a moment later the same is seen
	b.decide(c)
	c.Now, c.Diagnosis.Primary.Cause = 9, detect.GunicornCrashed
	b.decide(c)

	kept, err := filepath.Glob(filepath.Join(dir, "bundles", c.Incident.ID, "*"))
	if err != nil || len(kept) != 2 {
		t.Fatalf("kept %q, %v; want two", kept, err)
	}
	text, err := os.ReadFile(kept[0])
	if err != nil {
		t.Fatal(err)
	}
	var first struct {
		Case     policy.Case     `json:"case"`
		Decision policy.Decision `json:"decision"`
	}
	if err := json.Unmarshal(text, &first); err != nil {
		t.Fatal(err)
	}
	if first.Case.Now != 7 || first.Decision.Do != d.Do || first.Case.Diagnosis.Primary.Cause != detect.EnvMissing {
		t.Errorf("kept %s", text)
	}
}
