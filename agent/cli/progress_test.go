package cli

import (
	"bytes"
	"context"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// waited runs the clock for a while and gives what a person saw.
func waited(t *testing.T, terminal bool, long time.Duration) string {
	t.Helper()
	var out bytes.Buffer
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan struct{})
		go func() {
			defer close(ended)
			tellWaiting(ctx, &out, terminal, func(context.Context) string { return "shop\x1b[2J" })
		}()
		time.Sleep(long + time.Millisecond)
		cancel()
		<-ended
	})
	return out.String()
}

func TestWhatIsQuickNeedsNoWord(t *testing.T) {
	for _, terminal := range []bool{true, false} {
		if got := waited(t, terminal, 900*time.Millisecond); got != "" {
			t.Errorf("terminal %v: %q", terminal, got)
		}
	}
}

func TestALongWaitIsSaidNowAndThen(t *testing.T) {
	got := waited(t, false, 25*time.Second)
	want := "gatemend: waiting for shop\\x1b[2J: 3 s\ngatemend: waiting for shop\\x1b[2J: 13 s\ngatemend: waiting for shop\\x1b[2J: 23 s\n"
	if got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestATerminalSeesEachSecondAndNothingStays(t *testing.T) {
	got := waited(t, true, 3*time.Second)
	if n := strings.Count(got, "waiting for shop"); n != 3 || !strings.HasSuffix(got, "\r\x1b[K") || strings.Contains(got, "\n") || strings.Contains(got, "[2J:") && !strings.Contains(got, `\x1b[2J`) {
		t.Errorf("%d lines: %q", n, got)
	}
}
