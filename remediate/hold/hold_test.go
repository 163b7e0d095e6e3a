package hold

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/gatemend/gatemend/detect"
	"github.com/gatemend/gatemend/policy"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// clock is a machine's clocks, to be turned by hand.
type clock struct{ moment }

func (c *clock) pass(d time.Duration) {
	c.at, c.uptime = c.at.Add(detect.For(d)), c.uptime+detect.For(d)
}

// fresh is a directory that does not exist yet, owned by whoever runs the test.
func fresh(t *testing.T) (Dir, *clock) {
	t.Helper()
	c := &clock{moment{detect.At(time.Date(2026, 11, 26, 12, 0, 0, 0, time.UTC)), "boot-a", 3600_000_000}}
	d := At(filepath.Join(t.TempDir(), "holds")).OwnedBy(os.Getuid())
	d.now = func() moment { return c.moment }
	return d, c
}

func pause(t *testing.T, d Dir, site, owner, reason string, length time.Duration) policy.Hold {
	t.Helper()
	h, err := d.Pause(policy.Hold{Site: site, Owner: owner, Reason: reason}, detect.For(length))
	if err != nil {
		t.Fatal(err)
	}
	return h
}

func TestPauseAndResume(t *testing.T) {
	d, c := fresh(t)
	if got := d.Read(); len(got) != 0 {
		t.Fatalf("nobody paused, yet %v", got)
	}
	all := pause(t, d, "", "ann", "moving disks", time.Hour)
	shop := pause(t, d, "shop", "ann", "deploy", 10*time.Minute)
	bobs := pause(t, d, "shop", "bob", "", time.Hour)
	if shop.Until != c.at.Add(detect.For(10*time.Minute)) || shop.Since != c.at || bobs.Reason == "" {
		t.Errorf("made %+v and %+v", shop, bobs)
	}
	if got := d.Read(); len(got) != 3 {
		t.Fatalf("three holds, read %v", got)
	}
	c.pass(5 * time.Minute)
	pause(t, d, "shop", "ann", "deploy", 10*time.Minute) // renewed, not added
	if got := d.Read(); len(got) != 3 {
		t.Fatalf("renewed, read %v", got)
	}
	lifted, stay, err := d.Resume(Which{Site: "shop", Owner: "ann", Reason: "deploy"})
	if err != nil || len(lifted) != 1 || lifted[0].Reason != "deploy" || len(stay) != 2 {
		t.Fatalf("resume of the deploy: lifted %v, stay %v, %v", lifted, stay, err)
	}
	lifted, stay, err = d.Resume(Which{Owner: "ann"})
	if err != nil || len(lifted) != 1 || lifted[0] != all || len(stay) != 1 || stay[0] != bobs {
		t.Fatalf("resume of ann's: lifted %v, stay %v, %v", lifted, stay, err)
	}
	c.pass(time.Hour) // bob's is over by itself
	if got := d.Read(); len(got) != 0 {
		t.Fatalf("all over, read %v", got)
	}
	lifted, stay, err = d.Resume(Which{})
	if left, _ := os.ReadDir(d.path); err != nil || len(lifted)+len(stay)+len(left) != 0 {
		t.Fatalf("what is over is cleared away: lifted %v, stay %v, files %v, %v", lifted, stay, left, err)
	}
}

// What a hold lasts is counted by the boot's clock, as long as that boot lasts.
func TestLength(t *testing.T) {
	for name, tt := range map[string]struct {
		happens func(*clock)
		stands  bool
		left    time.Duration // by the wall clock as it goes then
	}{
		"in time":                          {func(c *clock) { c.pass(9 * time.Minute) }, true, time.Minute},
		"over":                             {func(c *clock) { c.pass(10 * time.Minute) }, false, 0},
		"clock set forward":                {func(c *clock) { c.pass(time.Minute); c.at = c.at.Add(detect.For(24 * time.Hour)) }, true, 9 * time.Minute},
		"clock set back":                   {func(c *clock) { c.pass(time.Minute); c.at = c.at.Add(-detect.For(24 * time.Hour)) }, true, 9 * time.Minute},
		"clock set back, over":             {func(c *clock) { c.pass(10 * time.Minute); c.at = c.at.Add(-detect.For(24 * time.Hour)) }, false, 0},
		"rebooted":                         {func(c *clock) { c.pass(time.Minute); c.boot, c.uptime = "boot-b", 1 }, true, 9 * time.Minute},
		"rebooted, over":                   {func(c *clock) { c.pass(time.Hour); c.boot, c.uptime = "boot-b", 1 }, false, 0},
		"rebooted, no boot id to be had":   {func(c *clock) { c.pass(time.Minute); c.boot = "" }, true, 9 * time.Minute},
		"the clocks drift by less than 2s": {func(c *clock) { c.pass(time.Minute); c.uptime += 1_500_000 }, true, 9 * time.Minute},
	} {
		t.Run(name, func(t *testing.T) {
			d, c := fresh(t)
			pause(t, d, "shop", "ann", "deploy", 10*time.Minute)
			tt.happens(c)
			got := d.Read()
			if len(got) > 0 != tt.stands {
				t.Fatalf("read %v, stands %v", got, tt.stands)
			}
			if tt.stands && got[0].Until.Sub(c.at) != detect.For(tt.left) {
				t.Errorf("%s left, want %s", got[0].Until.Sub(c.at), tt.left)
			}
		})
	}
}

// A hold that cannot be read, or that others could have written, is a hold of every site.
func TestWhatCannotBeReadHolds(t *testing.T) {
	for name, tt := range map[string]struct {
		spoil func(t *testing.T, d Dir, path string)
		want  string // in the reason
	}{
		"group may write it":    {func(t *testing.T, _ Dir, p string) { must(t, os.Chmod(p, 0o664)) }, "chmod go-w"},
		"others may write it":   {func(t *testing.T, _ Dir, p string) { must(t, os.Chmod(p, 0o646)) }, "chmod go-w"},
		"directory open to all": {func(t *testing.T, d Dir, _ string) { must(t, os.Chmod(d.path, 0o777)) }, "chmod go-w"},
		"a link":                {func(t *testing.T, d Dir, p string) { must(t, os.Symlink(p, p+"2")) }, "symbolic links"},
		"a directory":           {func(t *testing.T, d Dir, p string) { must(t, os.Mkdir(p+"2", 0o755)) }, "not a regular file"},
		"no JSON":               {func(t *testing.T, _ Dir, p string) { must(t, os.WriteFile(p, []byte("hold"), 0o644)) }, "rm"},
		"cut off":               {func(t *testing.T, _ Dir, p string) { must(t, os.Truncate(p, 20)) }, "EOF"},
		"empty":                 {func(t *testing.T, _ Dir, p string) { must(t, os.Truncate(p, 0)) }, "EOF"},
		"too long":              {func(t *testing.T, _ Dir, p string) { must(t, os.Truncate(p, 1<<20)) }, "longer than"},
		"of a later version": {func(t *testing.T, _ Dir, p string) {
			must(t, os.WriteFile(p, []byte(`{"owner":"ann","zone":"b"}`), 0o644))
		}, "unknown field"},
		"nobody's": {func(t *testing.T, _ Dir, p string) {
			must(t, os.WriteFile(p, []byte(`{"site":"shop","until":9}`), 0o644))
		}, "no hold"},
		"the directory is a file": {func(t *testing.T, d Dir, p string) {
			must(t, os.Remove(p), os.Remove(d.path), os.WriteFile(d.path, nil, 0o644))
		}, "no directory"},
	} {
		t.Run(name, func(t *testing.T) {
			d, c := fresh(t)
			h := pause(t, d, "shop", "ann", "deploy", time.Hour)
			tt.spoil(t, d, filepath.Join(d.path, record{Site: h.Site, Owner: h.Owner, Reason: h.Reason}.name()))
			c.pass(2 * time.Hour) // no good one is left
			got := d.Read()
			if len(got) == 0 {
				t.Fatal("what cannot be read does not hold")
			}
			if h := got[0]; h.Site != "" || h.Until != 0 || !strings.Contains(h.Reason, tt.want) && tt.want != "rm" {
				t.Errorf("holds as %+v, want every site until resumed, because of %q", h, tt.want)
			}
			if _, held := policy.Holding(got, "shop", "ann", c.at); !held {
				t.Error("its owner passes what nobody can read")
			}
		})
	}
}

func TestAnothersFileHolds(t *testing.T) {
	d, _ := fresh(t)
	pause(t, d, "shop", "ann", "deploy", time.Hour)
	if got := d.OwnedBy(os.Getuid() + 1).Read(); len(got) != 1 || got[0].Site != "" {
		t.Errorf("a directory of another than root: %v", got)
	}
}

func TestPauseRefuses(t *testing.T) {
	d, _ := fresh(t)
	for name, tt := range map[string]struct {
		dir    Dir
		hold   policy.Hold
		length time.Duration
	}{
		"nobody":         {d, policy.Hold{}, time.Hour},
		"no length":      {d, policy.Hold{Owner: "ann"}, 0},
		"backwards":      {d, policy.Hold{Owner: "ann"}, -time.Hour},
		"for ever":       {d, policy.Hold{Owner: "ann"}, 31 * 24 * time.Hour},
		"a long reason":  {d, policy.Hold{Owner: "ann", Reason: strings.Repeat("x", textMax+1)}, time.Hour},
		"not the owner":  {d.OwnedBy(os.Getuid() + 1), policy.Hold{Owner: "ann"}, time.Hour},
		"no such parent": {Dir{path: "/nonexistent/holds", owner: os.Getuid(), now: d.now}, policy.Hold{Owner: "ann"}, time.Hour},
	} {
		if _, err := tt.dir.Pause(tt.hold, detect.For(tt.length)); err == nil {
			t.Errorf("%s: paused", name)
		}
	}
	must(t, os.Mkdir(d.path, 0o777), os.Chmod(d.path, 0o777))
	if _, err := d.Pause(policy.Hold{Owner: "ann"}, Usual); err == nil || !strings.Contains(err.Error(), "chmod go-w") {
		t.Errorf("paused in a directory that all may write: %v", err)
	}
}

// The agent's user reads what root wrote, whatever root's umask is.
func TestModes(t *testing.T) {
	d, _ := fresh(t)
	h := pause(t, d, "shop", "ann", "deploy", time.Hour)
	for path, want := range map[string]os.FileMode{
		d.path: 0o755, filepath.Join(d.path, record{Site: h.Site, Owner: h.Owner, Reason: h.Reason}.name()): 0o644,
	} {
		info, err := os.Stat(path)
		must(t, err)
		if info.Mode().Perm() != want {
			t.Errorf("%s has mode %04o, want %04o", path, info.Mode().Perm(), want)
		}
	}
}

// A pause that was killed before its rename left no hold.
func TestHalfWritten(t *testing.T) {
	d, _ := fresh(t)
	pause(t, d, "shop", "ann", "deploy", time.Hour)
	must(t, os.WriteFile(filepath.Join(d.path, ".new-123"), []byte(`{"own`), 0o600))
	if got := d.Read(); len(got) != 1 {
		t.Errorf("read %v", got)
	}
}

// What a person writes reaches terminals: it is cleaned.
func TestTextIsCleaned(t *testing.T) {
	d, _ := fresh(t)
	pause(t, d, "shop", "ann", "\x1b[31mred\nline", time.Hour)
	if got := d.Read(); len(got) != 1 || strings.ContainsAny(got[0].Reason, "\x1b\n") {
		t.Errorf("read %q", got)
	}
}

func must(t *testing.T, errs ...error) {
	t.Helper()
	if err := errors.Join(errs...); err != nil {
		t.Fatal(err)
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(`{"site":"shop","owner":"ann","reason":"deploy","since":1,"until":2,"boot":"b","uptime":3}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		if r, err := parse(data); err == nil && r.Owner == "" {
			t.Errorf("a hold of nobody: %q", data)
		}
	})
}
