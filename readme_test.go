package main

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// The README names tests, make targets and files as proof of what it says: none may be gone.
func TestReadmeNamesWhatThereIs(t *testing.T) {
	text := read(t, "README.md")
	tests := declared(t)
	for _, name := range unique(regexp.MustCompile(`\bTest[A-Z]\w+`), text) {
		if !tests[name] {
			t.Errorf("README.md names %s, and no such test exists", name)
		}
	}
	makefile := read(t, "Makefile")
	for _, m := range unique(regexp.MustCompile(`make [a-z]+\b`), text) {
		if target := strings.TrimPrefix(m, "make "); strings.Contains(text, "`"+m) && !strings.Contains(makefile, "\n"+target+":") {
			t.Errorf("README.md names %q, and the Makefile has no such target", m)
		}
	}
	for _, path := range unique(regexp.MustCompile(`examples/[\w./*-]*\w`), text) {
		if found, err := filepath.Glob(path); err != nil || len(found) == 0 {
			t.Errorf("README.md names %s, and nothing is there", path)
		}
	}
}

func read(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func unique(re *regexp.Regexp, text string) []string {
	all := re.FindAllString(text, -1)
	slices.Sort(all)
	return slices.Compact(all)
}

// declared are the tests of the whole module.
func declared(t *testing.T) map[string]bool {
	t.Helper()
	found, re := map[string]bool{}, regexp.MustCompile(`(?m)^func (Test\w+)\(`)
	err := filepath.WalkDir(".", func(path string, e fs.DirEntry, err error) error {
		if err == nil && !e.IsDir() && strings.HasSuffix(path, "_test.go") {
			for _, m := range re.FindAllStringSubmatch(read(t, path), -1) {
				found[m[1]] = true
			}
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}
