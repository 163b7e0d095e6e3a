package unit

import (
	"context"
	"errors"
	"net"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/gatemend/gatemend/detect"
)

// busAt makes the system bus be somewhere else for one test.
func busAt(t *testing.T, path string) {
	t.Helper()
	t.Setenv("DBUS_SYSTEM_BUS_ADDRESS", "unix:path="+path)
}

func TestDialTellsWhatToDoWithoutABus(t *testing.T) {
	busAt(t, filepath.Join(t.TempDir(), "none"))
	_, err := Dial(t.Context())
	if err == nil || !strings.Contains(err.Error(), "is this machine booted by systemd") {
		t.Errorf("error is %v", err)
	}
}

// A bus that accepts and never says a word must not hold the agent up.
func TestDialIsBoundedByItsContext(t *testing.T) {
	path := filepath.Join(t.TempDir(), "bus")
	silent, err := net.Listen("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	accepted := make(chan net.Conn, 1)
	go func() {
		c, err := silent.Accept()
		if err == nil {
			accepted <- c
		}
		close(accepted)
	}()
	busAt(t, path)
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Millisecond)
	defer cancel()
	if _, err := Dial(ctx); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("error is %v, want context.DeadlineExceeded", err)
	}
	if c := <-accepted; c != nil {
		_ = c.Close()
	}
	_ = silent.Close()
}

func TestWatchReportsOnceThatTheBusIsGone(t *testing.T) {
	busAt(t, filepath.Join(t.TempDir(), "none"))
	ctx, cancel := context.WithTimeout(t.Context(), 400*time.Millisecond) // several tries
	defer cancel()
	out := make(chan detect.Trigger, 10)
	if err := Watch(ctx, map[string][]string{"web.service": {"shop"}}, out); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("error is %v", err)
	}
	if len(out) != 1 {
		t.Fatalf("%d triggers, want 1", len(out))
	}
	if got := <-out; !got.Lost || got.Site != "" || got.Sensor != detect.SensorUnit || got.At == 0 {
		t.Errorf("trigger %+v", got)
	}
}

func TestPathOf(t *testing.T) {
	if got := pathOf("web-app@1.service"); got != "/org/freedesktop/systemd1/unit/web_2dapp_401_2eservice" {
		t.Errorf("path is %q", got)
	}
}
