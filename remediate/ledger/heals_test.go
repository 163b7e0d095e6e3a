package ledger

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/gatemend/gatemend/detect"
	"github.com/gatemend/gatemend/policy"
)

// Only their own holds, only of the site that they asked for, only those made before, and not for long.
func TestWhoAsksPassesTheirOwnHolds(t *testing.T) {
	dir, c := t.TempDir(), &clock{"b", 100 * minute}
	heals := func() *Heals { return &Heals{Dir: dir, Clock: c.now} }
	const then, later = detect.Time(5), detect.Time(1) << 62
	holds := []policy.Hold{
		{Site: "shop", Owner: "ann", Reason: "deploy", Since: then}, {Site: "shop", Owner: "bob", Since: then}, {Owner: "ann", Reason: "all", Since: then},
		{Site: "shop", Owner: "ann", Reason: "later", Since: later}, {Owner: "unknown", Reason: "a file that cannot be read"},
	}
	against := func(site string) int {
		t.Helper()
		left, err := heals().Against(site, holds)
		if err != nil {
			t.Fatal(err)
		}
		return len(left)
	}
	if n := against("shop"); n != len(holds) {
		t.Errorf("nobody asked, and %d holds stand", n)
	}
	if err := heals().Asked("shop", "ann"); err != nil {
		t.Fatal(err)
	}
	if n := against("shop"); n != 3 {
		t.Errorf("ann asked: %d holds stand, want bob's, ann's later one, and the unreadable one", n)
	}
	if n := against("blog"); n != len(holds) {
		t.Errorf("ann asked for another site, and %d holds stand", n)
	}
	if err := heals().Asked("", "bob"); err != nil {
		t.Fatal(err)
	}
	if a, b := against("shop"), against("blog"); a != 2 || b != 4 {
		t.Errorf("bob asked for all sites: %d and %d holds stand", a, b)
	}
	c.uptime += healLasts
	if n := against("shop"); n != len(holds) {
		t.Errorf("much later %d holds stand", n)
	}
	c.uptime -= healLasts
	c.boot = "c"
	if n := against("shop"); n != len(holds) {
		t.Errorf("after a boot %d holds stand", n)
	}
	if err := os.WriteFile(filepath.Join(dir, "heals"), []byte("[{"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := heals().Against("shop", holds); err == nil {
		t.Error("a damaged file lets pass")
	}
}
