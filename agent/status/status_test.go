package status

import (
	"context"
	"errors"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// serve runs a server for the test and returns its path.
func serve(t *testing.T, h Handler) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "run", "control.sock")
	s, err := Listen(path, h)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- s.Serve(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
	return path
}

func TestAskAndAnswer(t *testing.T) {
	path := serve(t, func(_ context.Context, r Request) (any, error) {
		if r.Site == "nosuch" {
			return nil, errors.New("no such site")
		}
		return r, nil
	})
	var got Request
	if err := Ask(t.Context(), path, Request{Verb: Heal, Site: "shop", By: "ann"}, &got); err != nil {
		t.Fatal(err)
	}
	if got.Site != "shop" || got.Verb != Heal || got.By != asker(os.Getuid(), "ann") {
		t.Errorf("got %+v: want the request, with who asks", got)
	}
	err := Ask(t.Context(), path, Request{Verb: Heal, Site: "nosuch"}, &got)
	if r, ok := errors.AsType[Refused](err); !ok || r.Why != "no such site" {
		t.Errorf("got %v, want the agent's refusal", err)
	}
}

// Only root speaks for somebody: a hold passes its owner who asks.
func TestWhoAsks(t *testing.T) {
	for _, tt := range []struct {
		uid        int
		says, want string
	}{{0, "ann", "ann"}, {0, "", "root"}, {998, "ann", "uid 998"}, {998, "", "uid 998"}, {0, "a\x1b", `a\x1b`}} {
		if got := asker(tt.uid, tt.says); got != tt.want {
			t.Errorf("user %d says %q: asked by %q, want %q", tt.uid, tt.says, got, tt.want)
		}
	}
}

func TestNoAgent(t *testing.T) {
	path := filepath.Join(t.TempDir(), "control.sock")
	if err := Ask(t.Context(), path, Request{Verb: Status}, nil); !errors.Is(err, ErrNoAgent) {
		t.Errorf("missing socket: %v", err)
	}
	l, err := net.ListenUnix("unix", &net.UnixAddr{Name: path, Net: "unix"})
	if err != nil {
		t.Fatal(err)
	}
	l.SetUnlinkOnClose(false)
	l.Close()
	if err := Ask(t.Context(), path, Request{Verb: Status}, nil); !errors.Is(err, ErrNoAgent) {
		t.Errorf("stale socket: %v", err)
	}
}

func TestSocketIsClosedToOthers(t *testing.T) {
	path := serve(t, nil)
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	if info.Mode().Perm() != 0o600 {
		t.Errorf("mode %04o, want 0600", info.Mode().Perm())
	}
}

func TestBadRequests(t *testing.T) {
	path := serve(t, func(context.Context, Request) (any, error) { return "reached", nil })
	for name, text := range map[string]string{
		"no JSON": "hello\n", "too long": strings.Repeat("x", maxRequest+10) + "\n", "two values": `{"verb":"status"} {}` + "\n",
	} {
		t.Run(name, func(t *testing.T) {
			conn, err := net.Dial("unix", path)
			if err != nil {
				t.Fatal(err)
			}
			defer conn.Close()
			if _, err := conn.Write([]byte(text)); err != nil {
				t.Fatal(err)
			}
			var a Answer
			if err := readLine(conn, maxAnswer, &a); err != nil {
				t.Fatal(err)
			}
			if a.Error == "" {
				t.Errorf("answered %s", a.Data)
			}
		})
	}
}

func TestHangingUpEndsTheWork(t *testing.T) {
	ended := make(chan struct{})
	path := serve(t, func(ctx context.Context, _ Request) (any, error) {
		<-ctx.Done()
		close(ended)
		return nil, ctx.Err()
	})
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if err := Ask(ctx, path, Request{Verb: Heal}, nil); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v", err)
	}
	<-ended
}

func TestFloodIsBounded(t *testing.T) {
	release := make(chan struct{})
	path := serve(t, func(context.Context, Request) (any, error) { <-release; return 1, nil })
	defer close(release)
	var conns []net.Conn
	for range mostConnections {
		c, err := net.Dial("unix", path)
		if err != nil {
			t.Fatal(err)
		}
		if err := writeLine(c, Request{Verb: Status}); err != nil {
			t.Fatal(err)
		}
		conns = append(conns, c)
	}
	defer func() {
		for _, c := range conns {
			c.Close()
		}
	}()
	// One more is turned away at once, not kept waiting.
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
	defer cancel()
	if err := Ask(ctx, path, Request{Verb: Status}, nil); err == nil || ctx.Err() != nil {
		t.Errorf("the %dth asker got %v", mostConnections+1, err)
	}
}
