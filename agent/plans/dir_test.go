package plans

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/gatemend/gatemend/detect"
	"github.com/gatemend/gatemend/policy"
	"golang.org/x/sys/unix"
)

const moment = detect.Time(1_748_779_200_000_000)

// shop is a plan of that site.
func shop(site string, at detect.Time) Plan {
	c := policy.Case{Schema: policy.Schema, Now: at, Facts: detect.Facts{Site: site, Route: detect.Route{Path: "/"}}}
	return Of(c, policy.Decide(c), at)
}

func TestKeepAndRead(t *testing.T) {
	d := At(filepath.Join(t.TempDir(), "plans"))
	if _, err := d.Read("0123456789ab", moment); !errors.Is(err, ErrUnknown) {
		t.Errorf("without a directory: %v", err)
	}
	p := shop("shop", moment)
	for range 2 { // the same plan again is the same file
		if err := d.Keep(p); err != nil {
			t.Fatal(err)
		}
	}
	got, err := d.Read(p.ID, moment.Add(Lasts))
	if err != nil || got.Case.Facts.Site != "shop" || got.Decision.Why != p.Decision.Why || got.At != moment {
		t.Errorf("read %+v, %v", got, err)
	}
	if ids := d.IDs(); len(ids) != 1 || ids[0] != p.ID {
		t.Errorf("kept %q", ids)
	}
	for _, at := range []detect.Time{moment.Add(Lasts + 1), moment - detect.Time(Lasts) - 1} {
		if _, err := d.Read(p.ID, at); !errors.Is(err, ErrOver) || strings.Contains(err.Error(), "-") {
			t.Errorf("at %d: %v", at, err)
		}
	}
	for _, id := range []string{"", "../../etc/passwd", "0123456789ab", strings.ToUpper(p.ID), p.ID + "0"} {
		if _, err := d.Read(id, moment); !errors.Is(err, ErrUnknown) {
			t.Errorf("%q: %v", id, err)
		}
	}
	if info, err := os.Stat(filepath.Join(d.path, p.ID+suffix)); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the file is %v, %v: only its owner reads it", info.Mode(), err)
	}
}

// A file that somebody changed is not the plan that a person read.
func TestAlteredPlan(t *testing.T) {
	d := At(filepath.Join(t.TempDir(), "plans"))
	p, other := shop("shop", moment), shop("blog", moment)
	if err := errors.Join(d.Keep(p), d.Keep(other)); err != nil {
		t.Fatal(err)
	}
	file := func(p Plan) string { return filepath.Join(d.path, p.ID+suffix) }
	text, err := os.ReadFile(file(p))
	if err != nil {
		t.Fatal(err)
	}
	for name, alter := range map[string]func() error{
		"another plan's file": func() error { return os.Rename(file(other), file(p)) },
		"an edit": func() error {
			return os.WriteFile(file(p), []byte(strings.ReplaceAll(string(text), `"shop"`, `"blog"`)), 0o600)
		},
		"half a file": func() error { return os.WriteFile(file(p), text[:len(text)/2], 0o600) },
		"a huge file": func() error { return os.WriteFile(file(p), make([]byte, maxPlan+1), 0o600) },
		"a link":      func() error { return errors.Join(os.Remove(file(p)), os.Symlink("/etc/passwd", file(p))) },
		"a directory": func() error { return errors.Join(os.Remove(file(p)), os.Mkdir(file(p), 0o700)) },
		"a fifo":      func() error { return errors.Join(os.Remove(file(p)), unix.Mkfifo(file(p), 0o600)) },
	} {
		if err := d.Keep(p); err == nil {
			if err := alter(); err != nil {
				t.Fatalf("%s: %v", name, err)
			}
		}
		if _, err := d.Read(p.ID, moment); err == nil || errors.Is(err, ErrUnknown) || errors.Is(err, ErrOver) {
			t.Errorf("%s: %v", name, err)
		}
		_ = os.Remove(file(p))
	}
}

// Where there is no state directory, nothing is made; what is over or too much goes.
func TestBounds(t *testing.T) {
	d := At(filepath.Join(t.TempDir(), "no-state", "plans"))
	if err := d.Keep(shop("shop", moment)); err == nil {
		t.Error("a plan was kept where there is no state directory")
	}
	d = At(filepath.Join(t.TempDir(), "plans"))
	now := detect.At(time.Now())
	for i := range mostKept + 5 {
		if err := d.Keep(shop(strings.Repeat("x", i+1), now)); err != nil {
			t.Fatal(err)
		}
	}
	if n := len(d.IDs()); n != mostKept {
		t.Errorf("%d plans are kept, want %d", n, mostKept)
	}
	last := shop("last", now.Add(3*Lasts))
	if err := d.Keep(last); err != nil {
		t.Fatal(err)
	}
	if ids := d.IDs(); len(ids) != 0 { // their files are of now, which is long ago then
		t.Errorf("%d plans are kept that are over", len(ids))
	}
}
