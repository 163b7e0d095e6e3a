package notify

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// pager is a program that appends what it reads to a file; while the file "down" is there
// it fails instead.
func pager(t *testing.T, dir string) Command {
	t.Helper()
	script := filepath.Join(dir, "pager")
	text := fmt.Sprintf("#!/bin/sh\n[ -e %[1]s/down ] && { echo no network >&2; exit 7; }\ncat >>%[1]s/got && echo >>%[1]s/got\n", dir)
	if err := os.WriteFile(script, []byte(text), 0o700); err != nil {
		t.Fatal(err)
	}
	return Command{[]string{script}}
}

func notifier(t *testing.T, dir string, c ...Command) *Notifier {
	t.Helper()
	n, err := New(Options{Dir: filepath.Join(dir, "outbox"), Commands: c})
	if err != nil {
		t.Fatal(err)
	}
	n.journal = journal{filepath.Join(dir, "no-journal"), &bytes.Buffer{}}
	return n
}

// states are those of the messages that the pager got.
func states(t *testing.T, dir string) (l []string) {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join(dir, "got"))
	if err != nil && !os.IsNotExist(err) {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(raw)) {
		var p payload
		if err := json.Unmarshal([]byte(line), &p); err != nil || p.Schema != 1 || p.Text != p.Message.Text() {
			t.Fatalf("the pager read %q: %v", line, err)
		}
		l = append(l, p.State)
	}
	return l
}

func touch(t *testing.T, path string) {
	t.Helper()
	if err := os.WriteFile(path, nil, 0o600); err != nil {
		t.Fatal(err)
	}
}

// Messages arrive in order, and while a channel is down they wait: across a restart too.
func TestOutboxSurvivesChannelAndRestart(t *testing.T) {
	dir := t.TempDir()
	touch(t, filepath.Join(dir, "down"))
	n := notifier(t, dir, pager(t, dir))
	for _, s := range []string{"one", "two", "three"} {
		if err := n.Send(t.Context(), Message{State: s}); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := n.Flush(t.Context()); err == nil || !strings.Contains(err.Error(), "no network") {
		t.Errorf("error %v, want what the program said", err)
	}
	n = notifier(t, dir, pager(t, dir)) // the agent was restarted
	if n.Waiting() != 3 {
		t.Fatalf("%d wait, want 3", n.Waiting())
	}
	if err := os.Remove(filepath.Join(dir, "down")); err != nil {
		t.Fatal(err)
	}
	if done, err := n.Flush(t.Context()); err != nil || done != 1 || n.Waiting() != 0 {
		t.Errorf("%d channels done, %v, %d wait", done, err, n.Waiting())
	}
	if got := strings.Join(states(t, dir), " "); got != "one two three" {
		t.Errorf("delivered %q", got)
	}
}

// Run delivers what waits and what is sent, and ends with its context.
func TestRun(t *testing.T) {
	dir := t.TempDir()
	n := notifier(t, dir, pager(t, dir))
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	if err := n.Send(ctx, Message{State: "before"}); err != nil {
		t.Fatal(err)
	}
	go func() { done <- n.Run(ctx) }()
	if err := n.Send(ctx, Message{State: "after"}); err != nil {
		t.Fatal(err)
	}
	for n.Waiting() > 0 {
		time.Sleep(time.Millisecond)
	}
	cancel()
	if err := <-done; err != nil {
		t.Error(err)
	}
	if got := strings.Join(states(t, dir), " "); got != "before after" {
		t.Errorf("delivered %q", got)
	}
}

// One message that a program cannot digest does not keep the others.
func TestPoisonDoesNotBlock(t *testing.T) {
	dir := t.TempDir()
	script := filepath.Join(dir, "picky")
	text := fmt.Sprintf("#!/bin/sh\nin=$(cat)\ncase $in in *poison*) exit 1;; esac\necho \"$in\" >>%s/got\n", dir)
	if err := os.WriteFile(script, []byte(text), 0o700); err != nil {
		t.Fatal(err)
	}
	n := notifier(t, dir, Command{[]string{script}})
	for _, s := range []string{"poison", "one", "two"} {
		if err := n.Send(t.Context(), Message{State: s}); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := n.Flush(t.Context()); err == nil {
		t.Error("no error for the one that failed")
	}
	if got := strings.Join(states(t, dir), " "); got != "one two" || n.Waiting() != 1 {
		t.Errorf("delivered %q, %d wait", got, n.Waiting())
	}
}

// A program that hangs is killed with its children, and does not get what only we may have.
func TestHangingProgram(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("NOTIFY_SOCKET", "/run/x")
	script := filepath.Join(dir, "hang")
	text := fmt.Sprintf("#!/bin/sh\necho ${NOTIFY_SOCKET:-none} >%[1]s/env\nsleep 600 &\necho $! >%[1]s/child\nwait\n", dir)
	if err := os.WriteFile(script, []byte(text), 0o700); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- Command{[]string{script}}.deliver(ctx, message()) }()
	child := filepath.Join(dir, "child")
	pid := ""
	for pid == "" {
		raw, _ := os.ReadFile(child)
		pid, _, _ = strings.Cut(string(raw), "\n")
		time.Sleep(time.Millisecond)
	}
	cancel()
	if err := <-done; !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
	for alive(pid) {
		time.Sleep(time.Millisecond)
	}
	if env, err := os.ReadFile(filepath.Join(dir, "env")); err != nil || string(env) != "none\n" {
		t.Errorf("the program saw NOTIFY_SOCKET=%q, %v", env, err)
	}
}

// alive: a killed child whose parent is gone may be a zombie until init reaps it.
func alive(pid string) bool {
	raw, err := os.ReadFile("/proc/" + pid + "/stat")
	return err == nil && !strings.Contains(string(raw), ") Z ")
}

// A disk that does not take the message costs its durability, not the message.
func TestFullDisk(t *testing.T) {
	dir := t.TempDir()
	n := notifier(t, dir, pager(t, dir))
	n.channels[0].box.dir = filepath.Join(dir, "gone")
	if err := n.Send(t.Context(), Message{State: "kept"}); err != nil {
		t.Fatal(err)
	}
	if n.Waiting() != 1 {
		t.Errorf("%d wait", n.Waiting())
	}
	if _, err := n.Flush(t.Context()); err == nil {
		t.Error("an outbox that cannot be read gave no error")
	}
	if got := strings.Join(states(t, dir), " "); got != "kept" || n.Waiting() != 0 {
		t.Errorf("delivered %q, %d wait", got, n.Waiting())
	}
}

// What cannot be read is dropped, what was half written is no message, what is beyond the
// bounds goes oldest first.
func TestOutboxDebris(t *testing.T) {
	dir := t.TempDir()
	n := notifier(t, dir, pager(t, dir))
	box := n.channels[0].box
	for name, text := range map[string]string{"00000000000000000001-000001.json": "{", "x.json.tmp": "{"} {
		if err := os.WriteFile(filepath.Join(box.dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := n.Flush(t.Context()); err != nil || n.Waiting() != 0 {
		t.Errorf("%v, %d wait", err, n.Waiting())
	}
	var names []string
	now := time.Now()
	for i := range mostWaiting + 3 {
		names = append(names, fmt.Sprintf("%020d-%06d.json", now.UnixMicro(), i))
	}
	if got := surplus(names, now); len(got) != 3 || got[0] != names[0] {
		t.Errorf("%d too many", len(got))
	}
	old := append([]string{fmt.Sprintf("%020d-%06d.json", now.Add(-oldest-time.Hour).UnixMicro(), 1)}, names[:2]...)
	if got := surplus(old, now); len(got) != 1 {
		t.Errorf("%d too old, want 1", len(got))
	}
}

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
	if err := n.Send(t.Context(), message()); err != nil {
		t.Fatal(err)
	}
	buf := make([]byte, 65536)
	size, err := l.Read(buf)
	if err != nil {
		t.Fatal(err)
	}
	got := string(buf[:size])
	text := message().Text()
	want := "MESSAGE\n" + string([]byte{byte(len(text)), byte(len(text) >> 8), 0, 0, 0, 0, 0, 0}) + text + "\nPRIORITY=3\n"
	if !strings.HasPrefix(got, want) || !strings.Contains(got, "\nGATEMEND_CAUSE=app-import-error\n") {
		t.Errorf("journald got %q", got)
	}

	var stderr bytes.Buffer
	n.journal = journal{filepath.Join(dir, "none"), &stderr}
	if err := n.Send(t.Context(), message()); err != nil {
		t.Fatal(err)
	}
	if s := stderr.String(); !strings.HasPrefix(s, "<3>box shop: 502 for 41 s") || strings.Count(s, "\n") != 1 {
		t.Errorf("stderr got %q", s)
	}
}

func TestRelativeProgramIsRefused(t *testing.T) {
	for _, argv := range [][]string{nil, {"page-me"}} {
		if _, err := New(Options{Dir: t.TempDir(), Commands: []Command{{argv}}}); err == nil {
			t.Errorf("took %q", argv)
		}
	}
}
