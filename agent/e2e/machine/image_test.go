package machine

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// A build that fails half-way leaves no image, no mount and nothing that stops the next one.
func TestInterruptedBuild(t *testing.T) {
	if testing.Short() {
		t.Skip("needs root: not with -short")
	}
	dir := filepath.Join(t.TempDir(), "image")
	broken := recipe{suite: "none", script: `mount --make-rprivate /; mkdir -p "$3/proc"; mount -t tmpfs none "$3/proc"; touch "$3/half"; sleep 1000 & exit 9`}
	err := build(t.Context(), broken, dir)
	if err == nil || !strings.Contains(err.Error(), "cannot build the none image") {
		t.Errorf("a broken build returned %v", err)
	}
	if _, err := os.Stat(dir); err == nil {
		t.Error("a broken build made an image")
	}
	if mounts, _ := os.ReadFile("/proc/self/mountinfo"); strings.Contains(string(mounts), dir) {
		t.Error("a broken build left a mount")
	}
	whole := recipe{suite: "none", script: `mkdir "$3"; touch "$3/whole"`}
	if err := build(t.Context(), whole, dir); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(dir, "whole")); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(filepath.Join(dir, "half")); err == nil {
		t.Error("the abandoned build is part of the image")
	}
}

func TestRecipeNamesItsContent(t *testing.T) {
	a := recipeFor(Bookworm)
	b := a
	b.packages = append([]string{"vim"}, a.packages...)
	if a.name() == b.name() || !strings.HasPrefix(a.name(), "bookworm-") {
		t.Errorf("recipes %q and %q", a.name(), b.name())
	}
}

func TestDebianURI(t *testing.T) {
	for sources, want := range map[string]string{
		"deb http://mirror.example/debian bookworm main\n":                                            "http://mirror.example/debian",
		"deb [signed-by=/k arch=amd64] https://m.example/debian/ trixie main\n":                       "https://m.example/debian",
		"Types: deb\nURIs: http://m.example/debian\nSuites: bookworm\n":                               "http://m.example/debian",
		"deb http://security.debian.org/debian-security s main\ndeb http://m.example/debian b main\n": "http://m.example/debian",
		"deb http://archive.ubuntu.com/ubuntu noble main\n":                                           "",
		"# deb http://m.example/debian b main\n":                                                      "",
	} {
		if got := debianURI(sources); got != want {
			t.Errorf("%q: %q, want %q", sources, got, want)
		}
	}
}
