package wire

import (
	"context"
	"errors"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// serve starts a server and gives its socket.
func serve(t *testing.T, s Server) string {
	t.Helper()
	if s.May == nil {
		s.May = func(int) bool { return true }
	}
	s.Within, s.AtOnce = max(s.Within, 5*time.Second), max(s.AtOnce, 2)
	path := filepath.Join(t.TempDir(), "s")
	l, err := net.ListenUnix("unix", &net.UnixAddr{Name: path, Net: "unix"})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	var all sync.WaitGroup
	all.Go(func() {
		if err := s.Serve(ctx, l, &Activity{}); err != nil {
			t.Error(err)
		}
	})
	t.Cleanup(func() { cancel(); all.Wait(); l.Close() })
	return path
}

func echo(_ context.Context, _ int, words []string) (any, *os.File, error) { return words, nil, nil }

func TestAskGetsTheAnswer(t *testing.T) {
	path := serve(t, Server{Handle: echo})
	var got []string
	if _, err := Ask(t.Context(), path, Line("path", "a b", "/ü%"), &got); err != nil {
		t.Fatal(err)
	}
	if strings.Join(got, "|") != "path|a b|/ü%" {
		t.Errorf("got %q", got)
	}
}

func TestErrorsKeepTheirText(t *testing.T) {
	path := serve(t, Server{Handle: func(context.Context, int, []string) (any, *os.File, error) {
		return nil, nil, errors.New("cannot do that")
	}})
	_, err := Ask(t.Context(), path, "x", nil)
	e, ok := errors.AsType[*Error](err)
	if !ok || e.Text != "cannot do that" {
		t.Errorf("got %#v", err)
	}
	if _, err := Ask(t.Context(), path+"-none", "x", nil); !errors.Is(err, ErrAbsent) {
		t.Errorf("nobody there: %v", err)
	}
}

func TestADescriptorComesAlong(t *testing.T) {
	path := serve(t, Server{Handle: func(context.Context, int, []string) (any, *os.File, error) {
		r, w, err := os.Pipe()
		if err != nil {
			return nil, nil, err
		}
		defer w.Close()
		_, _ = w.WriteString("through the pipe")
		return strings.Repeat("x", 300_000), r, nil // longer than a socket's buffer
	}})
	var text string
	file, err := Ask(t.Context(), path, "x", &text)
	if err != nil || file == nil {
		t.Fatal(file, err)
	}
	defer file.Close()
	got, err := io.ReadAll(file)
	if string(got) != "through the pipe" || len(text) != 300_000 || err != nil {
		t.Errorf("got %q, %d bytes, %v", got, len(text), err)
	}
}

func TestWhoMayNotIsRefused(t *testing.T) {
	asked := false
	path := serve(t, Server{
		May:    func(uid int) bool { return uid != os.Getuid() },
		Handle: func(context.Context, int, []string) (any, *os.File, error) { asked = true; return nil, nil, nil },
	})
	if _, err := Ask(t.Context(), path, "x", nil); err == nil || !strings.Contains(err.Error(), "may not ask") || asked {
		t.Errorf("asked %v, error %v", asked, err)
	}
}

// raw sends bytes and reads what comes back.
func raw(t *testing.T, path, text string) string {
	t.Helper()
	c, err := net.Dial("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	_, _ = io.WriteString(c, text)
	_ = c.SetReadDeadline(time.Now().Add(10 * time.Second))
	answer, _ := io.ReadAll(c)
	return string(answer)
}

func TestMalformedLines(t *testing.T) {
	path := serve(t, Server{Handle: echo})
	for text, want := range map[string]string{
		strings.Repeat("x", MaxLine) + "\n":    `{"data":["` + strings.Repeat("x", MaxLine) + `"]}`,
		strings.Repeat("x", MaxLine+1) + "\n":  "longer than",
		strings.Repeat("x", 10*MaxLine) + "\n": "longer than",
		"%61\n":                                "it is written",
		"a%\n":                                 "cut off",
		"a%zz\n":                               "no escape",
		"a\x00b\n":                             "it is written",
	} {
		if got := raw(t, path, text); !strings.Contains(got, want) {
			t.Errorf("%.40q: got %.200q, want %.60q", text, got, want)
		}
	}
}

// Silent connections, and more of them than fit, keep nobody from being answered at once.
func TestTheSilentAreDropped(t *testing.T) {
	path := serve(t, Server{Handle: echo})
	for range 3 * mostSilent {
		c, err := net.Dial("unix", path)
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
	}
	began := time.Now()
	if _, err := Ask(t.Context(), path, "x", nil); err != nil || time.Since(began) > speakTime/2 {
		t.Errorf("%v after %v", err, time.Since(began))
	}
}

// Whoever asks again and again, on as many connections as there are, delays others and no more.
func TestAFloodStarvesNobody(t *testing.T) {
	path := serve(t, Server{Handle: func(_ context.Context, _ int, words []string) (any, *os.File, error) {
		time.Sleep(time.Millisecond) // what an answer costs
		return words, nil, nil
	}})
	ctx, cancel := context.WithCancel(t.Context())
	var flood sync.WaitGroup
	for range 2 * mostConnections {
		flood.Go(func() {
			for ctx.Err() == nil {
				_, _ = Ask(ctx, path, "flood", nil)
			}
		})
	}
	for range 5 {
		if _, err := Ask(t.Context(), path, "honest", nil); err != nil {
			t.Error(err)
		}
	}
	cancel()
	flood.Wait()
}

func TestTimeIsBounded(t *testing.T) {
	path := serve(t, Server{Handle: func(ctx context.Context, _ int, _ []string) (any, *os.File, error) {
		<-ctx.Done()
		return nil, nil, ctx.Err()
	}})
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if _, err := Ask(ctx, path, "x", nil); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v", err)
	}
}

func TestOneSpelling(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		words := rapid.SliceOfN(rapid.String(), 1, 4).Draw(t, "words")
		line := Line(words...)
		if strings.ContainsAny(line, "\n\r\x00") {
			t.Fatalf("%q", line)
		}
		if len(line) > MaxLine {
			return
		}
		got, err := Words(line)
		if err != nil || strings.Join(got, "\x00") != strings.Join(words, "\x00") {
			t.Fatalf("%q: %q, %v", words, got, err)
		}
	})
}

func FuzzWords(f *testing.F) {
	f.Add("connect shop /")
	f.Add("%")
	f.Fuzz(func(t *testing.T, line string) {
		if words, err := Words(line); err == nil && Line(words...) != line {
			t.Errorf("%q was read as %q", line, words)
		}
	})
}
