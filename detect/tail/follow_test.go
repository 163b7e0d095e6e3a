package tail

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gatemend/gatemend/detect/watch"
)

// TestFollowByEvents writes and rotates while events come from the kernel.
func TestFollowByEvents(t *testing.T) {
	w := watch.New()
	ctx, cancel := context.WithCancel(context.Background())
	var running sync.WaitGroup
	defer running.Wait()
	defer cancel()
	running.Go(func() { _ = w.Run(ctx) })
	path := filepath.Join(t.TempDir(), "error.log")
	sub := w.Subscribe(path, watch.Leaf)
	defer sub.Close()
	lines := make(chan string, 10000)
	looked := &announces{Sub: sub, looked: make(chan struct{})}
	running.Go(func() {
		Follow(ctx, Source{Path: path, Wake: looked}, func(b Batch) {
			for _, line := range b.Lines {
				lines <- string(line)
			}
		})
	})
	<-looked.looked // a file that is there at the first look is followed from its end
	var want, got []string
	catchUp := func() {
		t.Helper()
		for len(got) < len(want) {
			select {
			case line := <-lines:
				got = append(got, line)
			case <-time.After(10 * time.Second):
				t.Fatalf("%d of %d lines came", len(got), len(want))
			}
		}
	}
	for i := range 5 {
		f, err := os.OpenFile(path, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o640)
		if err != nil {
			t.Fatal(err)
		}
		for j := range 200 {
			want = append(want, fmt.Sprintf("%d.%d", i, j))
			fmt.Fprintf(f, "%d.%d\n", i, j)
			switch j {
			case 0:
				catchUp() // a file that comes and goes between two looks is not seen
			case 100:
				if err := os.Rename(path, fmt.Sprintf("%s.%d", path, i)); err != nil {
					t.Fatal(err)
				}
			}
		}
		_ = f.Close()
		catchUp()
	}
	if !slices.Equal(got, want) {
		t.Errorf("got %d lines in another order", len(got))
	}
}

// TestFirstLineWaitsForNothingAndAFloodForAPause: fake time, real files.
func TestFirstLineWaitsForNothingAndAFloodForAPause(t *testing.T) {
	path := filepath.Join(t.TempDir(), "error.log")
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		ring := make(bell, 1)
		var came []time.Duration
		start := time.Now()
		go Follow(ctx, Source{Path: path, Wake: ring}, func(b Batch) {
			for range b.Lines {
				came = append(came, time.Since(start))
			}
		})
		synctest.Wait()
		f, err := os.Create(path)
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		for range 3 {
			fmt.Fprintln(f, "line")
			ring <- struct{}{}
			synctest.Wait()
		}
		time.Sleep(time.Second)
		fmt.Fprintln(f, "its event was lost")
		time.Sleep(lookEvery)
		cancel()
		synctest.Wait()
		want := []time.Duration{0, pauseDefault, pauseDefault, 0}
		if len(came) != 4 || !slices.Equal(came[:3], want[:3]) || came[3] > lookEvery+time.Second {
			t.Errorf("lines came after %v", came)
		}
	})
}

// announces tells when the follower has looked for the first time and waits.
type announces struct {
	*watch.Sub
	once   sync.Once
	looked chan struct{}
}

func (a *announces) C() <-chan struct{} {
	a.once.Do(func() { close(a.looked) })
	return a.Sub.C()
}
