package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/gatemend/gatemend/detect"
	"github.com/gatemend/gatemend/detect/diagnose"
	"github.com/gatemend/gatemend/detect/evidence"
	"github.com/gatemend/gatemend/policy"
)

// answer is what a person gets for a document: the cause, and what would be done.
type answer struct {
	cause  detect.Cause
	action policy.Verb
}

func (a answer) acts() bool { return a.action != policy.None && a.action != policy.Wait }

// fataler is what *testing.T and *rapid.T share.
type fataler interface{ Fatal(...any) }

func ask(t fataler, data []byte) answer {
	f, err := evidence.Read(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	d := diagnose.Diagnose(f)
	return answer{d.Primary.Cause, policy.FirstSafe(d, f)}
}

// logs are the parts of a document that are lines, each in an order of its own.
var logs = []string{"nginx_error", "nginx_access", "gunicorn_journal", "systemctl_status", "kernel"}

type doc map[string]any

func (d doc) lines(key string) []any {
	lines, _ := d[key].([]any)
	return lines
}

func (d doc) with(key string, lines []any) doc {
	out := doc{}
	for k, v := range d {
		out[k] = v
	}
	out[key] = lines
	return out
}

func (d doc) json(t fataler) []byte {
	data, err := json.Marshal(map[string]any(d))
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// documents are those of examples/incidents, by name.
func documents(t *testing.T) map[string]doc {
	files, err := filepath.Glob("../../../examples/incidents/*.json")
	if err != nil || len(files) == 0 {
		t.Fatalf("no documents: %v", err)
	}
	out := map[string]doc{}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var d doc
		if err := json.Unmarshal(data, &d); err != nil {
			t.Fatal(err)
		}
		out[filepath.Base(file)] = d
	}
	return out
}

// Who cuts a log short may lose the diagnosis, and never gets an action that the whole log would not give:
// without a line, a cause that a person must mend does not become another that is acted on.
func TestLessEvidenceNeverActsOtherwise(t *testing.T) {
	for name, d := range documents(t) {
		whole := ask(t, d.json(t))
		for _, key := range logs {
			lines := d.lines(key)
			for i := range lines {
				cut := slices.Delete(slices.Clone(lines), i, i+1)
				if got := ask(t, d.with(key, cut).json(t)); got.acts() && got.cause != whole.cause {
					t.Errorf("%s without %s[%d]: %v instead of %v: %s", name, key, i, got, whole, lines[i])
				}
			}
		}
	}
}

// dull are lines that say nothing of an outage, of each log.
var dull = map[string][]any{
	"nginx_error": {
		`2026/11/22 08:00:01 [notice] 600#600: using the "epoll" event method`,
		`2026/11/22 08:00:02 [error] 601#601: *1 open() "/var/www/html/wp-login.php" failed (2: No such file or directory), client: 198.51.100.7, server: other.example.com, request: "GET /wp-login.php HTTP/1.1", host: "other.example.com"`,
		`2026/11/22 08:00:03 [warn] 601#601: *2 a client request body is buffered to a temporary file /var/lib/nginx/body/0000000001, client: 198.51.100.7, server: other.example.com, request: "POST /upload HTTP/1.1", host: "other.example.com"`,
		`2026/11/22 08:00:04 [crit] 601#601: *3 SSL_do_handshake() failed (SSL: error:0A00006C:SSL routines::bad key share) while SSL handshaking, client: 198.51.100.7, server: 0.0.0.0:443`,
		`2026/11/22 08:00:05 [error] 601#601: *4 client intended to send too large body: 4409206 bytes, client: 198.51.100.7, server: other.example.com, request: "POST /upload HTTP/1.1", host: "other.example.com"`,
	},
	"gunicorn_journal": {
		`Nov 22 08:00:01 host gunicorn[650]: [2026-11-22 08:00:01 +0000] [650] [INFO] Using worker: sync`,
		`Nov 22 08:00:02 host sshd[651]: Accepted publickey for root from 198.51.100.7 port 50000 ssh2`,
		`Nov 22 08:00:03 host systemd[1]: Started apt-daily.service - Daily apt download activities.`,
		`Nov 22 08:00:04 host gunicorn[650]: [2026-11-22 08:00:04 +0000] [650] [ERROR] Control server error: [Errno 13] Permission denied: '/nonexistent'`,
		`Nov 22 08:00:05 host systemd[1]: shop.service: Consumed 2.098s CPU time.`,
	},
	"kernel": {
		`Nov 22 08:00:01 host kernel: [    1.2] EXT4-fs (vda1): mounted filesystem with ordered data mode`,
		`Nov 22 08:00:02 host kernel: audit: type=1400 audit(1.1:2): apparmor="STATUS" operation="profile_load" profile="unconfined" name="/usr/sbin/cupsd" pid=1 comm="apparmor_parser"`,
		`Nov 22 08:00:03 host kernel: [UFW BLOCK] IN=eth0 OUT= MAC= SRC=198.51.100.7 DST=203.0.113.1 PROTO=TCP SPT=40000 DPT=23 SYN`,
	},
}

// Lines that say nothing, in front of those that do, change neither the cause nor what would be done.
func TestDullLinesChangeNothing(t *testing.T) {
	for name, d := range documents(t) {
		whole := ask(t, d.json(t))
		noisy := d
		for key, lines := range dull {
			if len(d.lines(key)) > 0 {
				noisy = noisy.with(key, append(slices.Clone(lines), d.lines(key)...))
			}
		}
		if got := ask(t, noisy.json(t)); got != whole {
			t.Errorf("%s with dull lines in front: %v instead of %v", name, got, whole)
		}
	}
	for _, m := range vocabulary() {
		var front []string
		for _, key := range []string{"nginx_error", "gunicorn_journal", "kernel"} {
			for _, l := range dull[key] {
				front = append(front, l.(string))
			}
		}
		whole := ask(t, []byte(m.text))
		if got := ask(t, []byte(strings.Join(front, "\n")+"\n"+m.text)); got != whole {
			t.Errorf("dull lines in front: %v instead of %v: %s", got, whole, m.text)
		}
	}
}

// Who pastes several logs one into the other, each in its own order, gets the answer that they give one after the
// other: nginx's lines, the kernel's and the journal's do not depend on each other's place.
func TestStreamsMayBeInterleaved(t *testing.T) {
	docs := documents(t)
	names := make([]string, 0, len(docs))
	for name, d := range docs {
		if d["facts"] == nil && d["unit_properties"] == nil && d["unit_file"] == nil && d["nginx_conf"] == nil && len(d.lines("systemctl_status")) == 0 {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	rapid.Check(t, func(t *rapid.T) {
		d := docs[rapid.SampledFrom(names).Draw(t, "document")]
		var streams [][]any
		var inOrder []any
		for _, key := range logs {
			if l := d.lines(key); len(l) > 0 {
				streams = append(streams, l)
				inOrder = append(inOrder, l...)
			}
		}
		whole := ask(t, []byte(join(inOrder)))
		if got := ask(t, []byte(join(merge(t, streams)))); got != whole {
			t.Fatalf("interleaved: %v instead of %v", got, whole)
		}
	})
}

// merge draws one of the ways to put the streams together.
func merge(t *rapid.T, streams [][]any) []any {
	var out []any
	for len(streams) > 0 {
		i := rapid.IntRange(0, len(streams)-1).Draw(t, "next")
		out = append(out, streams[i][0])
		if streams[i] = streams[i][1:]; len(streams[i]) == 0 {
			streams = slices.Delete(streams, i, i+1)
		}
	}
	return out
}

func join(lines []any) string {
	var b strings.Builder
	for _, l := range lines {
		b.WriteString(l.(string) + "\n")
	}
	return b.String()
}
