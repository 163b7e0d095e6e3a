package notify

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// A channel that is down for long gets everything when it is back, in order.
func TestDownThenUp(t *testing.T) {
	r := receive(t, answers(503))
	n := notifier(t, t.TempDir(), hook("ops", r.URL, "json"))
	runs(t, n)
	var want []string
	for i := range 5 {
		m := about("shop", fmt.Sprintf("i%d", i), 1, "NOT healed")
		want = append(want, m.ID)
		send(t, n, m)
	}
	eventually(t, "it was tried often", func() bool { _, asked := r.all(); return asked > 5 })
	if s := n.Standing()[0]; s.Delivered != 0 || s.Pending != 5 || !strings.Contains(s.Error, "503 Service Unavailable") || s.Again == 0 {
		t.Errorf("%+v", s)
	}
	r.now(nil)
	eventually(t, "all has arrived", func() bool { return pending(n) == 0 })
	if got := r.ids(t); strings.Join(got, " ") != strings.Join(want, " ") {
		t.Errorf("got %q, want %q", got, want)
	}
	if s := n.Standing()[0]; s.Delivered != 5 || s.Down() {
		t.Errorf("%+v", s)
	}
}

// A channel that hangs holds up neither another channel nor the one who sends.
func TestSlowChannelBlocksNobody(t *testing.T) {
	hang := rawServer(t, func(c net.Conn) { _, _ = io.Copy(io.Discard, c) })
	r := receive(t, nil)
	n := notifier(t, t.TempDir(), hook("slow", "http://"+hang, "json"), hook("good", r.URL, "json"))
	n.channels[0].pace.within = time.Hour
	runs(t, n)
	for i := range 10 {
		send(t, n, about("shop", fmt.Sprintf("i%d", i), 1, "NOT healed"))
		eventually(t, "the good channel has it", func() bool { return len(r.ids(t)) == i+1 })
	}
	eventually(t, "the good channel knows it", func() bool {
		s := n.Standing()
		return s[0].Pending == 10 && s[1].Pending == 0
	})
	for _, c := range n.channels {
		if err := c.pulse.Alive(t.Context()); err != nil {
			t.Errorf("a delivery within its time is no wedge: %v", err)
		}
	}
}

// What a server does is told for what it is: worth another try, or refused for good.
func TestAnswers(t *testing.T) {
	for _, c := range []struct {
		name    string
		code    int
		forGood bool
	}{
		{"bad request", 400, true}, {"no such hook", 404, true}, {"gone", 410, true}, {"forbidden", 403, true},
		{"request timeout", 408, false}, {"too many", 429, false}, {"server error", 500, false}, {"bad gateway", 502, false},
		{"moved, by another method", 302, true}, {"not modified", 304, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := receive(t, answers(c.code))
			n := notifier(t, t.TempDir(), hook("ops", r.URL, "json"))
			send(t, n, message())
			got := n.channels[0].round(t.Context())
			if got.why == nil || refusal(got.why) != c.forGood || !strings.Contains(got.why.Error(), fmt.Sprint(c.code)) {
				t.Errorf("%+v", got)
			}
			n.channels[0].round(t.Context())
			want := 2
			if c.forGood {
				want = 1
			}
			if _, asked := r.all(); asked != want {
				t.Errorf("asked %d times, want %d", asked, want)
			}
			r.now(nil)
			if again := n.Resend(t.Context())[0]; !again.OK() || again.Sent != 1 {
				t.Errorf("resend: %+v", again)
			}
		})
	}
}

// A refusal is final for its message only, is shown, and is tried again at the next start.
func TestRefusedIsKept(t *testing.T) {
	r, dir := receive(t, answers(404)), t.TempDir()
	n := notifier(t, dir, hook("ops", r.URL, "json"))
	runs(t, n)
	send(t, n, about("shop", "i1", 1, "NOT healed"))
	eventually(t, "it is refused", func() bool { return n.Standing()[0].Refused == 1 })
	if s := n.Standing()[0]; s.Pending != 0 || !strings.Contains(s.Error, "404 Not Found") {
		t.Errorf("%+v", s)
	}
	r.now(nil)
	send(t, n, about("blog", "i2", 1, "NOT healed"))
	eventually(t, "the next one arrives", func() bool { return n.Standing()[0].Delivered == 1 })
	if s := n.Standing()[0]; s.Refused != 1 {
		t.Errorf("the refused one is gone: %+v", s)
	}
	again := notifier(t, dir, hook("ops", r.URL, "json"))
	eventually(t, "the refused one arrives", func() bool { // the first notifier's round may hold the outbox a moment longer
		again.channels[0].round(t.Context())
		return strings.Join(r.ids(t), " ") == "i2.1 i1.1"
	})
}

// Half answers, hangs, resets and what is no HTTP are worth another try; a status line of
// success is success, whatever becomes of the body.
func TestHalfAnswers(t *testing.T) {
	for _, c := range []struct {
		name, says string
		hangs, ok  bool
	}{
		{"closes at once", "", false, false},
		{"half a status line", "HTTP/1.1 20", false, false},
		{"half a header", "HTTP/1.1 200 OK\r\nContent-", false, false},
		{"not HTTP", "SSH-2.0-OpenSSH_9.2\r\n", false, false},
		{"hangs", "", true, false},
		{"hangs in the headers", "HTTP/1.1 200 OK\r\nX-A: ", true, false},
		{"hangs in the body of an error", "HTTP/1.1 500 No\r\nContent-Length: 10\r\n\r\nab", true, false},
		{"cut in the body of a success", "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nab", false, true},
		{"hangs in the body of a success", "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nab", true, true},
		{"headers without end", "HTTP/1.1 200 OK\r\n" + strings.Repeat("X-A: b\r\n", 1<<14), false, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			addr := rawServer(t, func(conn net.Conn) {
				if _, err := http.ReadRequest(bufio.NewReader(conn)); err != nil {
					return
				}
				_, _ = io.WriteString(conn, c.says)
				if c.hangs {
					_, _ = io.Copy(io.Discard, conn)
				}
			})
			n := notifier(t, t.TempDir(), hook("ops", "http://"+addr, "json"))
			if c.hangs {
				n.channels[0].pace.within = 300 * time.Millisecond
			}
			send(t, n, message())
			if got := n.channels[0].round(t.Context()); (got.delivered == 1) != c.ok || refusal(got.why) {
				t.Errorf("%+v", got)
			}
		})
	}
}

// The other end's patience is honoured, up to our own limit; without a word it doubles.
func TestBackoff(t *testing.T) {
	p := pace{first: 5 * time.Second, most: 10 * time.Minute}
	within := func(d, low time.Duration) bool { return d >= low && d <= low+low/5 }
	for _, c := range []struct {
		fails       int
		asked, want time.Duration
	}{
		{1, 0, 5 * time.Second}, {2, 0, 10 * time.Second}, {5, 0, 80 * time.Second}, {40, 0, 10 * time.Minute},
		{1, time.Minute, time.Minute}, {1, time.Second, 5 * time.Second}, {1, 24 * time.Hour, 10 * time.Minute},
	} {
		if d := p.backoff(c.fails, c.asked); !within(d, c.want) {
			t.Errorf("after %d failures, asked for %s: %s, want %s and up to a fifth more", c.fails, c.asked, d, c.want)
		}
	}
	now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	for value, want := range map[string]time.Duration{
		"": 0, "30": 30 * time.Second, "-3": 0, "soon": 0, "99999999": 24 * time.Hour, "99999999999999999999": 0,
		now.Add(time.Minute).Format(http.TimeFormat): time.Minute, now.Add(-time.Minute).Format(http.TimeFormat): 0,
	} {
		if got := retryAfter(value, now); got != want {
			t.Errorf("Retry-After %q: %s, want %s", value, got, want)
		}
	}
}

func TestRetryAfterHoldsTheChannel(t *testing.T) {
	r := receive(t, func(w http.ResponseWriter, _ int) bool {
		w.Header().Set("Retry-After", "3600")
		w.WriteHeader(429)
		return false
	})
	n := notifier(t, t.TempDir(), hook("ops", r.URL, "json"))
	n.channels[0].pace.most = time.Hour
	runs(t, n)
	send(t, n, about("shop", "i", 1, "NOT healed"))
	eventually(t, "it was asked", func() bool { return n.Standing()[0].Again != 0 })
	if d := time.Until(n.Standing()[0].Again.Time()); d < 50*time.Minute {
		t.Errorf("it is asked again in %s", d)
	}
	send(t, n, about("shop", "j", 1, "NOT healed")) // does not hurry it
	r.now(nil)
	if _, asked := r.all(); asked != 1 {
		t.Errorf("asked %d times", asked)
	}
	if got := n.Resend(t.Context())[0]; !got.OK() || got.Sent != 2 { // a person does
		t.Errorf("%+v", got)
	}
	send(t, n, about("shop", "k", 1, "NOT healed"))
	eventually(t, "the channel's own clock began anew", func() bool { return n.Standing()[0].Delivered == 3 })
}

// A program that hangs is killed with its children, and does not get what only we may have: our
// variables, and the terminal of a person who heals.
func TestHangingProgram(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("NOTIFY_SOCKET", "/run/x")
	c := script(t, dir, "hang", fmt.Sprintf("echo ${NOTIFY_SOCKET:-none} >%[1]s/env\nset -- $(cut -d' ' -f6 /proc/$$/stat)\n[ $1 = $$ ] || echo session $1 >>%[1]s/env\nsleep 600 &\necho $! >%[1]s/child\nwait\n", dir))
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() {
		_, err := command{c.Command}.carry(ctx, parcel{tells: []waiting{{Message: message()}}})
		done <- err
	}()
	child, pid := filepath.Join(dir, "child"), ""
	eventually(t, "it has a child", func() bool {
		raw, _ := os.ReadFile(child)
		pid, _, _ = strings.Cut(string(raw), "\n")
		return pid != "" && strings.Contains(string(raw), "\n")
	})
	cancel()
	if err := <-done; err == nil || !strings.Contains(err.Error(), "context canceled") {
		t.Errorf("error %v", err)
	}
	eventually(t, "its child is gone", func() bool { return !alive(pid) })
	if env, err := os.ReadFile(filepath.Join(dir, "env")); err != nil || string(env) != "none\n" {
		t.Errorf("the program saw NOTIFY_SOCKET or a session as %q, %v", env, err)
	}
}

// alive: a killed child whose parent is gone may be a zombie until init reaps it.
func alive(pid string) bool {
	raw, err := os.ReadFile("/proc/" + pid + "/stat")
	return err == nil && !strings.Contains(string(raw), ") Z ")
}

// One message that the other end cannot digest does not keep the others.
func TestPoisonDoesNotBlock(t *testing.T) {
	dir := t.TempDir()
	n := notifier(t, dir, script(t, dir, "picky", fmt.Sprintf("in=$(cat)\ncase $in in *poison*) exit 1;; esac\necho \"$in\" >>%s/got\n", dir)))
	for _, s := range []string{"poison", "one", "two"} {
		send(t, n, Message{State: s, Site: "site of " + s[1:]})
	}
	if got := n.Resend(t.Context())[0]; got.OK() {
		t.Error("no error for the one that failed")
	}
	if got := strings.Join(states(t, dir), " "); got != "one two" || pending(n) != 1 {
		t.Errorf("delivered %q, %d wait", got, pending(n))
	}
	send(t, n, Message{State: "three", Site: "site of oison"}) // waits behind it, but not for ever
	for range mostTries - 1 {
		if got := states(t, dir); len(got) != 2 {
			t.Fatalf("it was overtaken: %q", got)
		}
		n.Resend(t.Context())
	}
	if got := strings.Join(states(t, dir), " "); got != "one two three" {
		t.Errorf("delivered %q", got)
	}
}

// rawServer answers every connection on loopback by hand.
func rawServer(t *testing.T, serve func(net.Conn)) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer context.AfterFunc(ctx, func() { c.Close() })()
				defer c.Close()
				serve(c)
			}()
		}
	}()
	t.Cleanup(func() { cancel(); l.Close(); <-done })
	return l.Addr().String()
}
