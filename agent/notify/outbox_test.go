package notify

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// Messages arrive in order, and while a channel is down they wait: across a restart too.
func TestOutboxSurvivesChannelAndRestart(t *testing.T) {
	dir := t.TempDir()
	touch(t, filepath.Join(dir, "down"))
	n := notifier(t, dir, pager(t, dir))
	for _, s := range []string{"one", "two", "three"} {
		send(t, n, Message{State: s})
	}
	if got := n.Resend(t.Context())[0]; got.OK() || !strings.Contains(got.Why, "no network") || got.Remaining != 3 {
		t.Errorf("%+v: want what the program said", got)
	}
	n = notifier(t, dir, pager(t, dir)) // the agent was restarted
	if s := n.Standing()[0]; s.Pending != 3 || !s.Down() || !strings.Contains(s.Error, "no network") {
		t.Fatalf("after the restart: %+v", s)
	}
	if err := os.Remove(filepath.Join(dir, "down")); err != nil {
		t.Fatal(err)
	}
	if got := n.Resend(t.Context())[0]; !got.OK() || got.Sent != 3 || got.Delivered != 3 || got.Down() || got.LastOK == 0 {
		t.Errorf("%+v", got)
	}
	if got := strings.Join(states(t, dir), " "); got != "one two three" {
		t.Errorf("delivered %q", got)
	}
}

// The same message sent twice is one: whoever was killed in between sends it again.
func TestSameMessageIsOne(t *testing.T) {
	dir := t.TempDir()
	n := notifier(t, dir, pager(t, dir))
	m := about("shop", "i", 1, "NOT healed")
	send(t, n, m, m)
	n.Resend(t.Context())
	send(t, n, m)
	n = notifier(t, dir, pager(t, dir))
	send(t, n, m)
	n.Resend(t.Context())
	if got := states(t, dir); len(got) != 1 || pending(n) != 0 {
		t.Errorf("delivered %q, %d pending", got, pending(n))
	}
}

// A disk that does not take the message costs its durability, not the message.
func TestFullDisk(t *testing.T) {
	dir := t.TempDir()
	n := notifier(t, dir, pager(t, dir))
	touch(t, filepath.Join(dir, "file"))
	n.channels[0].box.dir = filepath.Join(dir, "file", "gone") // ENOTDIR, for root as well
	send(t, n, Message{State: "kept"})
	if pending(n) != 1 {
		t.Errorf("%d wait", pending(n))
	}
	n.Resend(t.Context())
	n.Resend(t.Context())
	if got := strings.Join(states(t, dir), " "); got != "kept" || pending(n) != 0 {
		t.Errorf("delivered %q, %d wait", got, pending(n))
	}
}

// What cannot be read is set aside and counted, what was half written is no message, and
// neither keeps the others. A ledger that cannot be read repeats nothing that was removed.
func TestDebris(t *testing.T) {
	dir := t.TempDir()
	box := filepath.Join(dir, "outbox", "pager")
	if err := os.MkdirAll(box, 0o700); err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{
		"00000000000000000003.json": `{"state":"to`, "00000000000000000004.json": "", "00000000000000000005.json": `{"id":"x","state":"whole"}`,
		".00000000000000000006.json.1234": `{"state":"half"`, "ledger.json": "{\"delivered\": 3, \"se", "note.txt": "?",
	} {
		if err := os.WriteFile(filepath.Join(box, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	n := notifier(t, dir, pager(t, dir))
	send(t, n, Message{State: "after"})
	n.Resend(t.Context())
	if got := strings.Join(states(t, dir), " "); got != "whole after" {
		t.Errorf("delivered %q", got)
	}
	if s := n.Standing()[0]; s.Torn != 2 || s.Pending != 0 || s.Delivered != 2 {
		t.Errorf("%+v", s)
	}
	left, _ := filepath.Glob(filepath.Join(box, "*"))
	if got := fmt.Sprint(len(left)); got != "4" { // two torn ones, the ledger, what is not ours
		t.Errorf("left: %v", left)
	}
}

// Beyond the bound the oldest goes, what tells of a recovery last of all; it is counted, and
// told with the next message that arrives.
func TestBound(t *testing.T) {
	dir := t.TempDir()
	touch(t, filepath.Join(dir, "down"))
	n := notifier(t, dir, pager(t, dir))
	send(t, n, about("shop", "first", 1, Healed))
	for i := range mostWaiting + 2 {
		send(t, n, about("shop", fmt.Sprintf("i%d", i), 1, "NOT healed"))
	}
	s := n.Standing()[0]
	if s.Pending != mostWaiting || s.Dropped != 3 {
		t.Fatalf("%+v", s)
	}
	if err := os.Remove(filepath.Join(dir, "down")); err != nil {
		t.Fatal(err)
	}
	p := n.channels[0].due()
	if p[0].tells[0].State != Healed || p[1].tells[0].Message.Incident != "i3" {
		t.Errorf("the oldest are %+v and %+v", p[0].tells[0], p[1].tells[0])
	}
	if err := n.channels[0].deliver(t.Context(), p[0]); err != nil {
		t.Fatal(err)
	}
	raw, err := os.ReadFile(filepath.Join(dir, "got"))
	if err != nil || !strings.Contains(string(raw), "3 older messages were dropped") || !strings.Contains(string(raw), `"dropped":3`) {
		t.Errorf("%s, %v", raw, err)
	}
	if n.channels[0].book.Untold != 0 {
		t.Error("it would be told again")
	}
}

// Whatever is sent, delivered, refused, killed and restarted in whatever order: each message
// is delivered, overtaken by a later one of its incident, or still there; and none twice.
func TestNothingIsLost(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		dir, err := os.MkdirTemp("", "outbox")
		if err != nil {
			t.Fatal(err)
		}
		defer os.RemoveAll(dir)
		end := &fake{}
		open := func() *channel {
			c, err := openChannel("x", "fake", end, rapid.Bool().Draw(t, "together"), Options{Dir: dir, Log: quiet})
			if err != nil {
				t.Fatal(err)
			}
			return c
		}
		c, sent := open(), map[string]Message{}
		for range rapid.IntRange(1, 15).Draw(t, "steps") {
			switch rapid.IntRange(0, 4).Draw(t, "step") {
			case 0, 1:
				incident := rapid.SampledFrom([]string{"a", "b", "c", ""}).Draw(t, "incident")
				m := about("site-"+incident, incident, len(sent), rapid.SampledFrom([]string{"NOT healed", Healed, Still}).Draw(t, "state"))
				m.ID = fmt.Sprint(len(sent))
				sent[m.ID] = m
				c.accept(m)
			case 2:
				end.mood = rapid.SampledFrom([]string{"", "down", "refuses", "killed"}).Draw(t, "mood")
				c.round(t.Context())
			case 3:
				c = open() // the agent was killed
			case 4:
				c.resend(t.Context())
			}
		}
		end.mood = ""
		c = open()
		c.resend(t.Context())
		end.complete(t, sent)
		if p, r := c.counts(); p+r != 0 {
			t.Fatalf("%d and %d are left", p, r)
		}
	})
}
