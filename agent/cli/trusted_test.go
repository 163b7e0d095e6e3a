package cli

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gatemend/gatemend/agent/config"
	"github.com/gatemend/gatemend/examples"
)

// A slip of the editor leaves the configuration before in force, also for a helper that was started
// since; a file that others may write never does.
func TestTheOneBeforeStaysInForce(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Fatal("a configuration must be root's: run the tests as root")
	}
	dir := t.TempDir()
	path, last := filepath.Join(dir, "gatemend.yaml"), filepath.Join(dir, "last.yaml")
	text, err := examples.FS.ReadFile("gatemend.yaml")
	if err != nil {
		t.Fatal(err)
	}
	write := func(text string, mode os.FileMode) {
		t.Helper()
		if err := errors.Join(os.WriteFile(path, []byte(text), mode), os.Chmod(path, mode)); err != nil {
			t.Fatal(err)
		}
	}
	conf := func() *trusted { return &trusted{path: path, last: last} }

	write("mode: dryrun\n", 0o600)
	if err := conf().load(); !errors.As(err, new(config.Problems)) {
		t.Errorf("a wrong one, and none before: %v", err)
	}
	write(string(text), 0o600)
	c := conf()
	if err := c.load(); err != nil || len(c.sites()) == 0 {
		t.Fatalf("%v, %d sites", err, len(c.sites()))
	}
	write(strings.Replace(string(text), "mode: dry-run", "mode: dryrun", 1), 0o600)
	for name, c := range map[string]*trusted{"the same helper": c, "the next one": conf()} {
		if err := c.load(); err != nil || len(c.sites()) == 0 {
			t.Errorf("%s: %v, %d sites", name, err, len(c.sites()))
		}
	}
	write(string(text), 0o666)
	if err := conf().load(); !errors.As(err, new(*config.Untrusted)) {
		t.Errorf("one that everybody may write: %v", err)
	}
}
