package collect

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gatemend/gatemend/detect"
	"github.com/google/go-cmp/cmp"
)

func site(name string) change { return func(f *detect.Facts) { f.Site += name } }

func TestGatherAsksSideBySideAndWritesInOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		slow := func(d time.Duration, name string) part {
			return part{name, time.Minute, func(context.Context, detect.Facts) (change, error) {
				time.Sleep(d)
				return site(name), nil
			}}
		}
		var f detect.Facts
		began := time.Now()
		gather(t.Context(), &f, slow(3*time.Second, "a"), slow(time.Second, "b"), slow(2*time.Second, "c"))
		if f.Site != "abc" || time.Since(began) != 3*time.Second {
			t.Errorf("wrote %q in %v", f.Site, time.Since(began))
		}
	})
}

func TestGatherSaysWhatIsLacking(t *testing.T) {
	var f detect.Facts
	gather(t.Context(), &f,
		part{"half", time.Second, func(context.Context, detect.Facts) (change, error) { return site("x"), errors.New("rest\x1b missing") }},
		part{"none", time.Second, func(context.Context, detect.Facts) (change, error) { return nil, nil }},
	)
	want := []detect.Lack{{Fact: "half", Why: `rest\x1b missing`}}
	if diff := cmp.Diff(want, f.Lacking); diff != "" || f.Site != "x" {
		t.Errorf("wrote %q\n%s", f.Site, diff)
	}
}

// A part that looks at a file on a dead network file system ends with nothing, not even its context.
func TestGatherLeavesBehindWhatDoesNotEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		release, known := make(chan struct{}), make(chan string, 1)
		var f detect.Facts
		began := time.Now()
		gather(t.Context(), &f,
			part{"dead", time.Second, func(_ context.Context, k detect.Facts) (change, error) {
				<-release
				known <- k.Site
				return site("late"), nil
			}},
			part{"alive", time.Second, func(context.Context, detect.Facts) (change, error) { return site("alive"), nil }},
		)
		if took := time.Since(began); took != time.Second+lateness {
			t.Errorf("waited %v", took)
		}
		close(release)
		if k := <-known; k != "" {
			t.Errorf("a part sees what others of its step wrote: %q", k)
		}
		synctest.Wait()
		if f.Site != "alive" || len(f.Lacking) != 1 || f.Lacking[0].Fact != "dead" {
			t.Errorf("wrote %q, lacking %v", f.Site, f.Lacking)
		}
	})
}

func TestGatherEndsWithItsContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		release := make(chan struct{})
		var f detect.Facts
		began := time.Now()
		gather(ctx, &f,
			part{"obeys", time.Hour, func(ctx context.Context, _ detect.Facts) (change, error) { <-ctx.Done(); return nil, ctx.Err() }},
			part{"does not", time.Hour, func(context.Context, detect.Facts) (change, error) { <-release; return nil, nil }},
		)
		close(release)
		if len(f.Lacking) != 2 || time.Since(began) > 2*time.Second {
			t.Errorf("lacking %v after %v", f.Lacking, time.Since(began))
		}
	})
}
