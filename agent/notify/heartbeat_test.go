package notify

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gatemend/gatemend/detect/pulse"
)

// TestHeartbeatIsProgress: it is asked for while every stage moves, not while one does not, and
// again when it moves again. A server that fails is asked again sooner than at the next beat.
func TestHeartbeatIsProgress(t *testing.T) {
	r := receive(t, nil)
	n := notifier(t, t.TempDir(), Channel{Name: "alive", Heartbeat: &Heartbeat{Address: at(r.URL), Shown: r.URL, Every: 10 * time.Millisecond}})
	var wedged atomic.Bool
	progress := func(ctx context.Context) error {
		if wedged.Load() {
			return errors.New(`site "shop" route "/": stage "act" is late by 3m`)
		}
		return ctx.Err()
	}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- n.Run(ctx, progress) }()
	beats := func() int { got, _ := r.all(); return len(got) }
	eventually(t, "it beats", func() bool { return beats() > 2 })
	wedged.Store(true)
	eventually(t, "it is held back", func() bool { return n.Standing()[0].Down() })
	was := beats()
	if why := n.Standing()[0].Error; !strings.Contains(why, `stage "act" is late`) {
		t.Errorf("status says %q", why)
	}
	if err := n.beats[0].beat(ctx, progress); err == nil || beats() != was {
		t.Errorf("it beats while a stage is wedged: %v", err)
	}
	wedged.Store(false)
	eventually(t, "it beats again", func() bool { return beats() > was && !n.Standing()[0].Down() })
	r.now(answers(500))
	eventually(t, "its server fails", func() bool { return strings.Contains(n.Standing()[0].Error, "500") })
	r.now(nil)
	eventually(t, "it beats after that", func() bool { return !n.Standing()[0].Down() })
	cancel()
	if err := <-done; err != nil {
		t.Error(err)
	}
	if got, _ := r.all(); got[0].body != "" || got[0].header.Get("User-Agent") != "gatemend/test" {
		t.Errorf("it sends %+v", got[0])
	}
}

// A stage that never answers holds the heartbeat back by itself: nothing beats in its place.
func TestHeartbeatWaitsForAnAnswer(t *testing.T) {
	asked := false
	h := &heartbeat{Heartbeat: Heartbeat{Every: time.Minute}, log: quiet, post: poster{}}
	h.Address = at("http://127.0.0.1:1")
	ctx, cancel := context.WithCancel(t.Context())
	err := h.beat(ctx, func(ctx context.Context) error {
		asked = true
		cancel()
		<-ctx.Done()
		return ctx.Err()
	})
	if err == nil || !asked || strings.Contains(err.Error(), "refused") {
		t.Errorf("%v", err)
	}
}

// TestAlive: a channel that waits answers, one that delivers has its deadline, and one that is
// wedged is named.
func TestAlive(t *testing.T) {
	r := receive(t, func(w http.ResponseWriter, _ int) bool { return true })
	n := notifier(t, t.TempDir(), hook("ops", r.URL, "json"))
	short, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	beat := n.channels[0].pulse
	if err := beat.Alive(short); err == nil {
		t.Error("nobody serves it, and it is alive")
	}
	group := runs(t, n)
	if err := beat.Alive(t.Context()); err != nil {
		t.Error(err)
	}
	if l := group.Frozen(t.Context()); len(l) != 0 {
		t.Errorf("it waits, and is frozen: %v", l)
	}
	end := beat.Enter("deliver", -2*pulse.Slack)
	l := group.Frozen(t.Context())
	if len(l) != 1 || l[0].Name != "the channel ops" || !strings.Contains(l[0].Err.Error(), "late by") {
		t.Errorf("a delivery that is late: %v", l)
	}
	end()
}
