package notify

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gatemend/gatemend/detect"
	"github.com/gatemend/gatemend/detect/pulse"
)

// brisk is a pace for tests: nothing waits for long, and nothing is cut short on a slow machine.
var brisk = pace{gather: 0, within: 20 * time.Second, first: 5 * time.Millisecond, most: 40 * time.Millisecond}

// notifier opens channels below dir, at a brisk pace, without journald.
func notifier(t *testing.T, dir string, c ...Channel) *Notifier {
	t.Helper()
	n, err := New(Options{Dir: filepath.Join(dir, "outbox"), Channels: c, Version: "test"})
	if err != nil {
		t.Fatal(err)
	}
	n.journal = journal{filepath.Join(dir, "no-journal"), io.Discard}
	for _, c := range n.channels {
		c.pace = brisk
	}
	return n
}

// runs runs a notifier until the test ends.
func runs(t *testing.T, n *Notifier) *pulse.Group {
	t.Helper()
	var group pulse.Group
	ctx, cancel := context.WithCancel(pulse.With(context.Background(), &group))
	done := make(chan error, 1)
	go func() { done <- n.Run(ctx, func(context.Context) error { return nil }) }()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
	return &group
}

func send(t *testing.T, n *Notifier, all ...Message) {
	t.Helper()
	for _, m := range all {
		if err := n.Send(t.Context(), m); err != nil {
			t.Fatal(err)
		}
	}
}

// about is a message of an incident of a site.
func about(site, incident string, number int, state string) Message {
	return Message{ID: fmt.Sprintf("%s.%d", incident, number), Host: "box", Site: site, Route: "/", Incident: incident, State: state, Cause: detect.AppImportError, Symptom: "502"}
}

// eventually waits for a condition.
func eventually(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for end := time.Now().Add(30 * time.Second); !ok(); time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("it never came to pass that %s", what)
		}
	}
}

// post is what a server got, once.
type gotten struct {
	path, body string
	header     http.Header
}

// receiver is a real server that remembers what it took, and answers as it is told.
type receiver struct {
	*httptest.Server
	mu     sync.Mutex
	got    []gotten
	asked  int
	answer func(w http.ResponseWriter, n int) bool // false: not taken
}

func receive(t *testing.T, answer func(w http.ResponseWriter, n int) bool) *receiver {
	t.Helper()
	r := &receiver{answer: answer}
	r.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		body, err := io.ReadAll(req.Body)
		if err != nil {
			return
		}
		r.mu.Lock()
		defer r.mu.Unlock()
		r.asked++
		if r.answer == nil || r.answer(w, r.asked) {
			r.got = append(r.got, gotten{req.URL.RequestURI(), string(body), req.Header})
		}
	}))
	t.Cleanup(r.Close)
	return r
}

func (r *receiver) now(answer func(w http.ResponseWriter, n int) bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.answer = answer
}

func (r *receiver) all() (got []gotten, asked int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.got), r.asked
}

// ids are those of the JSON messages that it took.
func (r *receiver) ids(t *testing.T) (ids []string) {
	t.Helper()
	got, _ := r.all()
	for _, g := range got {
		var p payload
		if err := json.NewDecoder(bytes.NewBufferString(g.body)).Decode(&p); err != nil {
			t.Fatalf("%q: %v", g.body, err)
		}
		ids = append(ids, p.ID)
	}
	return ids
}

func answers(code int) func(http.ResponseWriter, int) bool {
	return func(w http.ResponseWriter, _ int) bool { w.WriteHeader(code); return code/100 == 2 }
}

// at is an address with a secret path.
func at(url string) Address {
	return func() (detect.SecretURL, error) {
		return detect.ParseSecretURL(url + "/hook/sEcReTcAnArY?token=tOkEnCaNaRy")
	}
}

func hook(name, url, template string) Channel {
	return Channel{Name: name, Webhook: &Webhook{Address: at(url), Shown: url, Template: template}}
}

// pager is a program that appends what it reads to a file; while the file "down" is there
// it fails instead.
func pager(t *testing.T, dir string) Channel {
	t.Helper()
	return script(t, dir, "pager", fmt.Sprintf("[ -e %[1]s/down ] && { echo no network >&2; exit 7; }\ncat >>%[1]s/got && echo >>%[1]s/got\n", dir))
}

func script(t *testing.T, dir, name, text string) Channel {
	t.Helper()
	path := filepath.Join(dir, name)
	if err := os.WriteFile(path, []byte("#!/bin/sh\n"+text), 0o700); err != nil {
		t.Fatal(err)
	}
	return Channel{Name: name, Command: []string{path}}
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
		if err := json.Unmarshal([]byte(line), &p); err != nil || p.Schema != 1 {
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

// pending counts what has not arrived anywhere.
func pending(n *Notifier) (count int) {
	for _, s := range n.Standing() {
		count += s.Pending + s.Refused
	}
	return count
}
