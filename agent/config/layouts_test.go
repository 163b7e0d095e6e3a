package config

import (
	"encoding/json"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gatemend/gatemend/detect"
	"github.com/gatemend/gatemend/policy"
)

// TestWhatInitWritesOnEachLayout: what detect/discover found on each of its layouts becomes the file
// beside it, and that file is read back as the same sites.
func TestWhatInitWritesOnEachLayout(t *testing.T) {
	found, _ := filepath.Glob("../../detect/discover/testdata/*/want.json")
	if len(found) < 14 {
		t.Fatalf("only %d layouts", len(found))
	}
	for _, path := range found {
		dir := filepath.Dir(path)
		t.Run(filepath.Base(dir), func(t *testing.T) {
			var layout struct{ Sites []detect.Site }
			if err := json.Unmarshal(read(t, path), &layout); err != nil {
				t.Fatal(err)
			}
			text := Write(layout.Sites, policy.ModeDryRun)
			golden(t, filepath.Join(dir, "want.yaml"), string(text))
			c, err := Parse("gatemend.yaml", text)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(layout.Sites, c.Sites); diff != "" {
				t.Errorf("-found +read:\n%s", diff)
			}
		})
	}
}
