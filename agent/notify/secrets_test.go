package notify

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gatemend/gatemend/detect"
)

// canaries are the secret parts of the addresses of these tests.
var canaries = []string{"sEcReTcAnArY", "tOkEnCaNaRy", "uSeRcAnArY", "pAsSwOrDcAnArY"}

func holdsNone(t *testing.T, where, text string) {
	t.Helper()
	for _, c := range canaries {
		if strings.Contains(text, c) {
			t.Errorf("%s holds %q: %s", where, c, text)
		}
	}
}

// TestURLStaysSecret: whatever the other end does or says, no log line, error, status, test
// report or file of the outbox holds more of the URL than scheme and host.
func TestURLStaysSecret(t *testing.T) {
	quotes := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Query().Get("do") {
		case "redirect":
			http.Redirect(w, r, "http://evil.example"+r.URL.RequestURI(), http.StatusTemporaryRedirect)
		case "circle":
			http.Redirect(w, r, r.URL.RequestURI(), http.StatusTemporaryRedirect)
		case "reset":
			conn, _, _ := w.(http.Hijacker).Hijack()
			fmt.Fprintf(conn, "HTTP/1.1 %s\r\n\r\n", r.URL.RequestURI())
			conn.Close()
		case "location":
			w.Header().Set("Location", "http://[sEcReTcAnArY")
			w.WriteHeader(302)
		default:
			user, password, _ := r.BasicAuth()
			w.WriteHeader(404)
			fmt.Fprintf(w, "<h1>no %s</h1>\x1b[2J %s %s %s", r.URL.RequestURI(), r.URL.Path, user, password)
		}
	})
	plain, secure := httptest.NewServer(quotes), httptest.NewTLSServer(quotes)
	secure.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, 0) // our handshake is meant to fail
	t.Cleanup(plain.Close)
	t.Cleanup(secure.Close)
	var log bytes.Buffer
	dir := t.TempDir()
	o := Options{Dir: filepath.Join(dir, "outbox"), Log: slog.New(slog.NewJSONHandler(&log, nil))}
	for i, base := range []string{plain.URL, secure.URL, "http://127.0.0.1:1", "http://no.such.host.invalid"} {
		for j, do := range []string{"quote", "redirect", "circle", "reset", "location"} {
			scheme, host, _ := strings.Cut(base, "://")
			raw := fmt.Sprintf("%s://uSeRcAnArY:pAsSwOrDcAnArY@%s/hook/sEcReTcAnArY?do=%s&token=tOkEnCaNaRy", scheme, host, do)
			address := func() (detect.SecretURL, error) { return detect.ParseSecretURL(raw) }
			o.Channels = append(o.Channels,
				Channel{Name: fmt.Sprintf("hook-%d-%d", i, j), Webhook: &Webhook{Address: address, Shown: base, Template: "json"}},
				Channel{Name: fmt.Sprintf("ntfy-%d-%d", i, j), Ntfy: &Ntfy{Address: address, Shown: base}},
				Channel{Name: fmt.Sprintf("beat-%d-%d", i, j), Heartbeat: &Heartbeat{Address: address, Shown: base, Every: 1}})
		}
	}
	n, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	n.journal = journal{filepath.Join(dir, "none"), &log}
	send(t, n, message())
	shown := map[string]any{"resend": n.Resend(t.Context())}
	for _, c := range n.channels {
		c.judge(c.round(t.Context()), false)
	}
	for _, h := range n.beats {
		if err := h.beat(t.Context(), func(context.Context) error { return nil }); err == nil {
			t.Errorf("%s was taken", h.name)
		}
	}
	if shown["test"], err = n.Test(t.Context(), "", "box", 1); err != nil {
		t.Fatal(err)
	}
	shown["standing"] = n.Standing()
	raw, err := json.Marshal(shown)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Contains(raw, []byte("404 Not Found: it said")) || !bytes.Contains(raw, []byte("it sends us to http://evil.example")) {
		t.Errorf("what the other end said is not shown: %s", raw)
	}
	if bytes.ContainsRune(raw, 0x1b) || bytes.Contains(raw, []byte(`\u001b`)) {
		t.Error("an escape sequence is shown")
	}
	holdsNone(t, "a report", string(raw)+fmt.Sprintf("%v %+v", shown, shown))
	holdsNone(t, "the log", log.String())
	files, _ := filepath.Glob(filepath.Join(dir, "outbox", "*", "*"))
	if len(files) < 10 {
		t.Errorf("only %d files", len(files))
	}
	for _, f := range files {
		text, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		holdsNone(t, f, f+string(text))
	}
}

// TestRedirects: followed on the same host where the request stays what it is, and nowhere else.
func TestRedirects(t *testing.T) {
	elsewhere := receive(t, nil)
	for _, c := range []struct {
		name, to string
		code     int
		ok       bool
	}{
		{"the same host keeps the POST", "/new", 307, true},
		{"for good", "/new", 308, true},
		{"the POST would become a GET", "/new", 302, false},
		{"another host", elsewhere.URL + "/new", 307, false},
		{"the same host by another name", "", 307, false},
		{"another scheme", "ftp://127.0.0.1/new", 307, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			var bodies []string
			srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				body, _ := io.ReadAll(r.Body)
				if r.URL.Path == "/new" {
					bodies = append(bodies, r.Method+string(body[:1]))
					return
				}
				to := c.to
				if to == "" {
					to = "http://localhost:" + strings.TrimPrefix(r.Host, "127.0.0.1:") + "/new"
				}
				w.Header().Set("Location", to)
				w.WriteHeader(c.code)
			}))
			defer srv.Close()
			n := notifier(t, t.TempDir(), hook("ops", srv.URL, "json"))
			send(t, n, message())
			got := n.channels[0].round(t.Context())
			if (got.delivered == 1) != c.ok || !c.ok && !refusal(got.why) || c.ok && strings.Join(bodies, "") != "POST{" {
				t.Errorf("%+v, %q", got, bodies)
			}
		})
	}
	if got, asked := elsewhere.all(); asked > 0 {
		t.Errorf("another host was asked: %+v", got)
	}
}

// TestRequests: what the other end sees besides the body.
func TestRequests(t *testing.T) {
	r := receive(t, nil)
	n := notifier(t, t.TempDir(), hook("ops", r.URL, "json"), Channel{Name: "ntfy", Ntfy: &Ntfy{Address: at(r.URL), Priority: "urgent", Tags: []string{"computer"}}})
	healed := message()
	healed.ID, healed.State, healed.Host = "i.2.healed", Healed, "bøx"
	send(t, n, message())
	n.Resend(t.Context())
	send(t, n, healed)
	n.Resend(t.Context())
	got, _ := r.all()
	if len(got) != 4 {
		t.Fatalf("%d requests", len(got))
	}
	var seen []string
	for _, g := range got {
		kind := "hook"
		if g.header.Get("Title") != "" {
			kind = "ntfy"
		}
		seen = append(seen, kind+" "+g.header.Get("X-Gatemend-Id")+" "+g.header.Get("Priority")+" "+g.header.Get("Tags")+" "+g.header.Get("Title"))
		if g.path != "/hook/sEcReTcAnArY?token=tOkEnCaNaRy" || g.header.Get("User-Agent") != "gatemend/test" {
			t.Errorf("%+v", g)
		}
	}
	all := strings.Join(seen, "\n")
	for _, want := range []string{
		"hook i.1.not-healed   ", "hook i.2.healed   ", "ntfy i.1.not-healed urgent rotating_light,computer box shop: 502 for 41 s, app-import-error, NOT healed",
		"ntfy i.2.healed default white_check_mark,computer =?utf-8?q?b=C3=B8x_shop:_502_for_41_s,_app-import-error,_healed?=",
	} {
		if !strings.Contains(all+"\n", want+"\n") {
			t.Errorf("%q is not among\n%s", want, all)
		}
	}
}
