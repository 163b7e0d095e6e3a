package look

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/gatemend/gatemend/detect/nginxconf"
)

// One dump serves who asks side by side; a change, or an answer that is no longer fresh, makes the next.
func TestOneDumpServesAll(t *testing.T) {
	root, dumps := t.TempDir(), 0
	file := filepath.Join(root, nginxconf.Debian.Conf)
	must(t, os.MkdirAll(filepath.Dir(file), 0o755))
	write := func(text string) {
		must(t, os.WriteFile(file, []byte(text), 0o600))
		old := time.Now().Add(-time.Hour)
		must(t, os.Chtimes(file, old, old)) // ctime stays: it is that which counts
	}
	now := func(context.Context) (*nginxconf.Conf, error) {
		dumps++
		return nginxconf.Key("k").ParseTree("/", file)
	}
	d := newDumped()
	reads := func(age time.Duration, n, want int) {
		t.Helper()
		var all sync.WaitGroup
		for range n {
			all.Go(func() {
				if conf, err := d.read(t.Context(), age, now); err != nil || conf == nil {
					t.Error(conf, err)
				}
			})
		}
		all.Wait()
		if dumps != want {
			t.Errorf("%d dumps, want %d", dumps, want)
		}
	}
	write("http {}\n")
	reads(0, 1, 1)
	reads(0, 1, 2) // it was written within a tick of the kernel: it may have changed unseen
	settled(t, file)
	reads(0, 8, 3)
	reads(time.Hour, 8, 3)
	reads(time.Nanosecond, 1, 4)
	write("http { }\n")
	settled(t, file)
	reads(time.Hour, 8, 5)

	d.turn <- struct{}{} // a dump that hangs
	reads(0, 8, 5)       // what is still so needs none
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := d.read(ctx, time.Nanosecond, now); !errors.Is(err, context.Canceled) {
		t.Errorf("behind a dump that hangs: %v", err)
	}
}

// settled waits until the file's last change is long enough ago.
func settled(t *testing.T, path string) {
	t.Helper()
	for time.Since(Changed(path).Time()) <= 2*tick.Duration() {
		time.Sleep(time.Millisecond)
	}
}
