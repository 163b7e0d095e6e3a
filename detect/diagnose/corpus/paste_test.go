package main

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/gatemend/gatemend/detect"
	"github.com/gatemend/gatemend/detect/diagnose"
	"github.com/gatemend/gatemend/detect/evidence"
)

// possessive is prose's own quote, which nobody pastes.
var possessive = regexp.MustCompile(`'s `)

// inQuotes is one word to a shell, whatever it holds.
var inQuotes = regexp.MustCompile(`'[^']*'(?:\\''[^']*')*`)

// TestAdviceRunsNothingButItself: in every shipped document all that the lines name is given a name that a
// shell would run, and no advice holds it but in quotes.
func TestAdviceRunsNothingButItself(t *testing.T) {
	files, err := filepath.Glob("../../../examples/incidents/*.json")
	if err != nil || len(files) == 0 {
		t.Fatalf("no documents: %v", err)
	}
	seen := 0
	for _, evil := range []string{"$(touch pwned)", ";touch pwned >pwned", "' ;touch pwned;'"} {
		for _, file := range files {
			data, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			f, err := evidence.Read(bytes.NewReader(data))
			if err != nil {
				t.Fatal(err)
			}
			for i := range f.Lines {
				for k, v := range f.Lines[i].Attr {
					if k == "path" || k == "file" || k == "name" || k == "message" || k == "last" || k == "target" {
						f.Lines[i].Attr[k] = detect.Clean(v + evil)
					}
				}
				f.Lines[i].Text = detect.Clean(f.Lines[i].Text + " " + evil)
			}
			d := diagnose.Diagnose(f)
			for _, finding := range append(d.Also, d.Primary) {
				for _, a := range finding.Advised() {
					if !strings.Contains(a, "pwned") {
						continue
					}
					seen++
					if bare := inQuotes.ReplaceAllString(possessive.ReplaceAllString(a, "s "), ""); strings.Contains(bare, "pwned") {
						t.Errorf("%s: a person who pastes this runs it: %s", file, a)
					}
				}
			}
		}
	}
	if seen < 50 {
		t.Errorf("only %d advices name anything: the test tests nothing", seen)
	}
}
