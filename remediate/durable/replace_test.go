package durable

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestReplace(t *testing.T) {
	other := filepath.Join(t.TempDir(), "other")
	for name, before := range map[string]func(path string) error{
		"nothing was there": func(string) error { return nil },
		"a file was there":  func(p string) error { return os.WriteFile(p, []byte("longer than the new one"), 0o666) },
		"a link was there": func(p string) error {
			return errors.Join(os.WriteFile(other, []byte("another's"), 0o600), os.Symlink(other, p))
		},
		"nobody may write it ": func(p string) error { return os.WriteFile(p, nil, 0) },
	} {
		path := filepath.Join(t.TempDir(), "it.json")
		if err := before(path); err != nil {
			t.Fatal(err)
		}
		if err := Replace(path, []byte("new"), 0o640); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		got, err := os.ReadFile(path)
		info, serr := os.Lstat(path)
		if err = errors.Join(err, serr); err != nil || string(got) != "new" || info.Mode() != 0o640 {
			t.Errorf("%s: %q, mode %v, %v", name, got, info.Mode(), err)
		}
	}
	if got, err := os.ReadFile(other); err != nil || string(got) != "another's" {
		t.Errorf("a link was followed: %q, %v", got, err)
	}
}

// What fails leaves the old file, and no litter.
func TestReplaceLeavesTheOldOne(t *testing.T) {
	full := errors.New("no space left")
	for name, try := range map[string]func(dir string) error{
		"what is done to it fails": func(dir string) error {
			return Replace(filepath.Join(dir, "it"), []byte("new"), 0o600, func(*os.File) error { return full })
		},
		"a directory lies there": func(dir string) error { return Replace(filepath.Join(dir, "sub"), []byte("new"), 0o600) },
		"no such directory":      func(dir string) error { return Replace(filepath.Join(dir, "none", "it"), []byte("new"), 0o600) },
	} {
		dir := t.TempDir()
		if err := errors.Join(os.Mkdir(filepath.Join(dir, "sub"), 0o700), os.WriteFile(filepath.Join(dir, "it"), []byte("old"), 0o600)); err != nil {
			t.Fatal(err)
		}
		if try(dir) == nil {
			t.Errorf("%s: and it says nothing", name)
		}
		if got := names(t, dir); !cmp.Equal(got, []string{"it", "sub"}) {
			t.Errorf("%s: %q are there", name, got)
		}
		if got, err := os.ReadFile(filepath.Join(dir, "it")); string(got) != "old" {
			t.Errorf("%s: %q, %v", name, got, err)
		}
	}
}

// Whoever reads while others write sees one of the whole files.
func TestReplaceIsWholeForReaders(t *testing.T) {
	path := filepath.Join(t.TempDir(), "it")
	content := func(i int) []byte { return []byte(fmt.Sprintf("%0100000d", i)) }
	if err := Replace(path, content(0), 0o600); err != nil {
		t.Fatal(err)
	}
	var writers sync.WaitGroup
	for i := range 4 {
		writers.Go(func() {
			for range 20 {
				if err := Replace(path, content(i), 0o600); err != nil {
					t.Error(err)
				}
			}
		})
	}
	done := make(chan struct{})
	go func() { writers.Wait(); close(done) }()
	for {
		got, err := os.ReadFile(path)
		if err != nil || len(got) != 100_000 || !cmp.Equal(got, content(int(got[len(got)-1]-'0'))) {
			t.Fatalf("%d bytes, %v", len(got), err)
		}
		select {
		case <-done:
			if got := names(t, filepath.Dir(path)); len(got) != 1 {
				t.Errorf("%q are left", got)
			}
			return
		default:
		}
	}
}

func TestInherit(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("only root gives files away")
	}
	const agent = 4242
	dir := t.TempDir()
	if err := os.Chown(dir, agent, agent); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "it")
	if err := Replace(path, nil, 0o600, Inherit); err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	if st := info.Sys().(*syscall.Stat_t); st.Uid != agent || st.Gid != agent {
		t.Errorf("it is %d:%d's", st.Uid, st.Gid)
	}
}

func names(t *testing.T, dir string) (all []string) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		all = append(all, e.Name())
	}
	return all
}
