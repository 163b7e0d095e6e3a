package config

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

func TestOnlyItsOwnerMayHaveWrittenIt(t *testing.T) {
	me := Owner(os.Getuid())
	for _, c := range []struct {
		name     string
		owner    Owner
		file     os.FileMode
		dir      os.FileMode
		complain string
	}{
		{"mine", me, 0o644, 0o755, ""},
		{"group may write", me, 0o664, 0o755, "chmod go-w"},
		{"all may write", me, 0o646, 0o755, "chmod go-w"},
		{"another's", me + 1, 0o644, 0o755, "does not belong to"},
		{"all may replace it", me, 0o644, 0o777, "chmod go-w"},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := t.TempDir()
			path := filepath.Join(dir, "gatemend.yaml")
			if err := os.WriteFile(path, []byte("mode: act\n"), 0o600); err != nil {
				t.Fatal(err)
			}
			if err := errors.Join(os.Chmod(path, c.file), os.Chmod(dir, c.dir)); err != nil {
				t.Fatal(err)
			}
			_, err := c.owner.Load(path)
			var bad *Untrusted
			switch {
			case c.complain == "" && err != nil:
				t.Fatal(err)
			case c.complain != "" && (!errors.As(err, &bad) || !strings.Contains(err.Error(), c.complain)):
				t.Fatalf("err = %v, want %q", err, c.complain)
			}
		})
	}
}

func TestWhatIsNoFileIsNotRead(t *testing.T) {
	dir := t.TempDir()
	fifo := filepath.Join(dir, "fifo")
	if err := syscall.Mkfifo(fifo, 0o600); err != nil {
		t.Fatal(err)
	}
	var bad *Untrusted
	if _, err := Owner(os.Getuid()).Load(fifo); !errors.As(err, &bad) {
		t.Errorf("a fifo: %v", err)
	}
	if _, err := Owner(os.Getuid()).Load(dir); !errors.As(err, &bad) {
		t.Errorf("a directory: %v", err)
	}
	if _, err := Load(filepath.Join(dir, "none")); !errors.Is(err, os.ErrNotExist) || !strings.Contains(err.Error(), "gatemend init") {
		t.Errorf("none: %v", err)
	}
}
