package notify

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// A child is this test binary again, as an agent that sends messages and is killed.
const (
	childDir = "GATEMEND_NOTIFY_CHILD_DIR"
	childURL = "GATEMEND_NOTIFY_CHILD_URL"
)

// killed messages are sent by children, whatever befalls them.
const killed = 120

// child sends the messages from where the one before it got to, as the loop does: Send, and
// only then the note that it was sent. It never ends by itself.
func child(dir, url string) {
	log := slog.New(slog.DiscardHandler)
	n, err := New(Options{Dir: filepath.Join(dir, "outbox"), Channels: []Channel{hook("ops", url, "json")}, Log: log})
	if err != nil {
		panic(err)
	}
	n.journal = journal{filepath.Join(dir, "none"), io.Discard}
	n.channels[0].pace = brisk
	go func() { _ = n.Run(context.Background(), func(context.Context) error { return nil }) }()
	note := filepath.Join(dir, "sent")
	raw, _ := os.ReadFile(note) // none at first
	from, _ := strconv.Atoi(string(raw))
	for i := from; i < killed; i++ {
		if err := n.Send(context.Background(), about("shop", fmt.Sprintf("i%03d", i), 1, "NOT healed")); err != nil {
			panic(err)
		}
		if err := store(note, []byte(strconv.Itoa(i+1))); err != nil {
			panic(err)
		}
	}
	select {}
}

// slayer is a server that kills the child at a moment of its choice.
type slayer struct {
	*httptest.Server
	mu    sync.Mutex
	child *os.Process
	times map[string]int // each message was taken
	kills int
	when  func(n int) bool // kill after taking the nth request, before it is answered
	asked int
}

func slay(t *testing.T, when func(n int) bool) *slayer {
	s := &slayer{times: map[string]int{}, when: when}
	s.Server = httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		var p payload
		if err := json.NewDecoder(r.Body).Decode(&p); err != nil {
			return // it was killed while it sent
		}
		s.mu.Lock()
		defer s.mu.Unlock()
		s.times[p.ID]++
		if s.asked++; s.when(s.asked) && s.child != nil {
			s.kills++
			_ = s.child.Kill()
		}
	}))
	t.Cleanup(s.Close)
	return s
}

func (s *slayer) done() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.times) == killed
}

// life runs a child until it is killed or all has arrived; after is when we kill it, 0 never.
func (s *slayer) life(t *testing.T, dir string, after time.Duration) {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), childDir+"="+dir, childURL+"="+s.URL)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	s.mu.Lock()
	s.child = cmd.Process
	s.mu.Unlock()
	ended := make(chan struct{})
	go func() { _ = cmd.Wait(); close(ended) }()
	var timer <-chan time.Time
	if after > 0 {
		timer = time.After(after)
	}
	for {
		select {
		case <-ended:
			return
		case <-timer:
			s.mu.Lock()
			s.kills++
			s.mu.Unlock()
		case <-time.After(5 * time.Millisecond):
			if !s.done() {
				continue
			}
		}
		_ = cmd.Process.Kill()
		<-ended
		return
	}
}

// complete checks that nothing was lost, and nothing repeated but what a kill between the
// answer and its note makes unavoidable.
func (s *slayer) complete(t *testing.T) {
	t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.times) != killed {
		t.Errorf("%d of %d messages arrived", len(s.times), killed)
	}
	twice := 0
	for id, n := range s.times {
		twice += n - 1
		if !strings.HasPrefix(id, "i") {
			t.Errorf("nobody sent %q", id)
		}
	}
	t.Logf("%d kills, %d messages arrived, %d of them twice", s.kills, len(s.times), twice)
	if twice > s.kills {
		t.Errorf("%d repetitions for %d kills", twice, s.kills)
	}
}

// TestKilledAtAnswers: kill -9 between the other end's taking a message and our hearing of it.
func TestKilledAtAnswers(t *testing.T) {
	s, dir := slay(t, func(n int) bool { return n%7 == 0 }), t.TempDir()
	for range 200 {
		if s.life(t, dir, 0); s.done() {
			break
		}
	}
	s.complete(t)
	if s.kills < killed/7 {
		t.Errorf("only %d kills", s.kills)
	}
}

// TestKilledAnytime: kill -9 at any moment: while it opens, stores, sends, notes or removes.
func TestKilledAnytime(t *testing.T) {
	s, dir := slay(t, func(int) bool { return false }), t.TempDir()
	for i := range 40 {
		if s.life(t, dir, time.Duration(20+7*i%60)*time.Millisecond); s.done() {
			break
		}
	}
	if !s.done() {
		s.life(t, dir, 0)
	}
	s.complete(t)
}
