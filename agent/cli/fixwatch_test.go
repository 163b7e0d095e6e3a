package cli

import (
	"context"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/gatemend/gatemend/detect/watch"
)

// What a person changes is not always the file: a deploy turns a link to the next release.
func TestFixIsALinkThatTurns(t *testing.T) {
	dir := t.TempDir()
	for _, release := range []string{"1", "2"} {
		file := filepath.Join(dir, "releases", release, "app.py")
		must(t, os.MkdirAll(filepath.Dir(file), 0o755))
		must(t, os.WriteFile(file, []byte(release), 0o644))
	}
	current := filepath.Join(dir, "current")
	must(t, os.Symlink("releases/1", current))

	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	w := watch.New()
	var all sync.WaitGroup
	defer all.Wait()
	defer cancel()
	all.Go(func() { _ = w.Run(ctx) })
	changed := make(chan string)
	name := filepath.Join(current, "app.py")
	all.Go(func() { _ = fixes{w}.Watch(ctx, []string{name}, changed) })
	for w.Subs() == 0 && ctx.Err() == nil {
		time.Sleep(time.Millisecond)
	}

	next := filepath.Join(dir, "next")
	must(t, os.Symlink("releases/2", next))
	must(t, os.Rename(next, current))
	select {
	case got := <-changed:
		if got != name {
			t.Errorf("told of %q, want %q", got, name)
		}
	case <-ctx.Done():
		t.Error("nobody told of the link that turned")
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
