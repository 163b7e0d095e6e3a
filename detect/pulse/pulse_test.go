package pulse

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func frozen(g *Group) (names []string) {
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	for _, f := range g.Frozen(ctx) {
		names = append(names, f.Name+": "+f.Err.Error())
	}
	return names
}

// A loop that waits answers, one that is busy has its time, one that does neither is named, and
// so is one that is late; the others are not.
func TestWhoIsFrozenIsNamed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var g Group
		ctx, cancel := context.WithCancel(With(t.Context(), &g))
		defer cancel()
		go func() {
			p := Begin(ctx, "waits")
			defer p.End()
			for {
				select {
				case <-ctx.Done():
					return
				case answered := <-p.Ping():
					close(answered)
				}
			}
		}()
		busy, stuck := Begin(ctx, "busy"), Begin(ctx, "stuck")
		end := busy.Enter("job", time.Minute)
		synctest.Wait()
		if got := frozen(&g); len(got) != 1 || got[0] != "stuck: it does not answer: context deadline exceeded" {
			t.Errorf("frozen: %q", got)
		}
		stuck.End()
		time.Sleep(time.Minute + Slack + time.Second)
		if got := frozen(&g); len(got) != 1 || got[0] != `busy: stage "job" is late by 32s` {
			t.Errorf("frozen: %q", got)
		}
		end()
		if got := frozen(&g); len(got) != 1 {
			t.Errorf("frozen: %q", got)
		}
		busy.End()
		if got := frozen(&g); got != nil {
			t.Errorf("frozen: %q", got)
		}
	})
}

// One that ends while it is asked is not frozen.
func TestEndedIsNotFrozen(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var g Group
		p := Begin(With(t.Context(), &g), "ends")
		time.AfterFunc(time.Second/2, p.End)
		if got := frozen(&g); got != nil {
			t.Errorf("frozen: %q", got)
		}
	})
}
