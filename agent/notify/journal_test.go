package notify

import (
	"bytes"
	"net"
	"path/filepath"
	"strings"
	"testing"
)

// The journal gets every message with its fields; without journald, stderr does.
func TestJournal(t *testing.T) {
	dir := t.TempDir()
	sock := filepath.Join(dir, "journal.sock")
	l, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: sock, Net: "unixgram"})
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	n := notifier(t, dir)
	n.journal.socket = sock
	send(t, n, message())
	buf := make([]byte, 65536)
	size, err := l.Read(buf)
	if err != nil {
		t.Fatal(err)
	}
	if got := string(buf[:size]); !strings.Contains(got, message().Text()) || !strings.Contains(got, "app-import-error\n") {
		t.Errorf("journald got %q", got)
	}

	var stderr bytes.Buffer
	n.journal = journal{filepath.Join(dir, "none"), &stderr}
	send(t, n, message())
	if s := stderr.String(); !strings.HasPrefix(s, "<3>box shop: 502 for 41 s") || strings.Count(s, "\n") != 1 {
		t.Errorf("stderr got %q", s)
	}
}

func TestWhatIsNoChannelIsRefused(t *testing.T) {
	for _, c := range []Channel{{}, {Command: []string{"page-me"}}, {Webhook: &Webhook{Template: "teams"}}} {
		if _, err := New(Options{Dir: t.TempDir(), Channels: []Channel{c}}); err == nil {
			t.Errorf("took %+v", c)
		}
	}
	n := notifier(t, t.TempDir(), hook("ops", "http://127.0.0.1:1", "json"))
	if _, err := n.Test(t.Context(), "opps", "box", 1); err == nil || !strings.Contains(err.Error(), `["ops"]`) {
		t.Errorf("an unknown channel: %v", err)
	}
}
