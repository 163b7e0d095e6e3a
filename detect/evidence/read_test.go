package evidence_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/gatemend/gatemend/detect"
	"github.com/gatemend/gatemend/detect/evidence"
)

func read(t *testing.T, s string) detect.Facts {
	t.Helper()
	f, err := evidence.Read(strings.NewReader(s))
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func events(f detect.Facts) map[detect.Event]detect.Line {
	out := map[detect.Event]detect.Line{}
	for _, l := range f.Lines {
		out[l.Event] = l
	}
	return out
}

func TestDocument(t *testing.T) {
	f := read(t, `{
		"expect": {"cause": "x"}, "note": "n",
		"nginx_error": ["2026/11/22 11:18:22 [crit] 1#1: *1 connect() to unix:/run/a.sock failed (2: No such file or directory) while connecting to upstream, client: 1.2.3.4"],
		"nginx_access": ["1.2.3.4 - - [22/Nov/2026:11:18:22 +0000] \"GET / HTTP/1.1\" 502 157 \"-\" \"curl\"", "1.2.3.4 - - [22/Nov/2026:11:18:23 +0000] \"GET / HTTP/1.1\" 200 6 \"-\" \"gatemend/1\""],
		"unit_properties": {"Id": "shop.service", "ActiveState": "failed", "SubState": "failed", "Result": "exit-code", "ExecMainCode": "1", "ExecMainStatus": "203", "NeedDaemonReload": "yes"},
		"unit_file": ["[Service]", "Environment=SECRET_KEY=hunter2", "EnvironmentFile=/etc/shop.env", "ExecStart=/srv/venv/bin/gunicorn \\", "  --bind unix:/run/a.sock --umask 007 app:app"],
		"nginx_conf": ["upstream shop {", "  server 127.0.0.1:8000;", "}", "location / { proxy_pass http://shop; }", "  proxy_pass http://shop;"],
		"facts": {"socket_exists": false, "something_else": 3}
	}`)
	if !f.Offline || f.Given["socket_exists"] != "false" || f.Given["something_else"] != "3" {
		t.Errorf("given %v", f.Given)
	}
	if l := events(f)[detect.EventConnectFailed]; l.Errno != 2 {
		t.Errorf("lines %+v", f.Lines)
	}
	if tr := f.Traffic; tr == nil || tr.Requests != 1 || tr.Nginx5xx != 1 || tr.Answered != 0 {
		t.Errorf("our own probe is not counted: %+v", tr)
	}
	u := f.Unit
	if u.Name != "shop.service" || u.ExitCode != 1 || u.ExitStatus != 203 || !u.NeedReload || u.BindMode != 0o770 {
		t.Errorf("unit %+v", u)
	}
	if len(u.Binds) != 1 || u.Binds[0] != detect.Unix("/run/a.sock") || u.App != "app:app" || len(u.EnvFiles) != 1 {
		t.Errorf("unit %+v", u)
	}
	if ups := f.Nginx.Disk.Upstreams; len(ups) == 0 || ups[0].Target != detect.TCP("127.0.0.1:8000") {
		t.Errorf("upstreams %+v", f.Nginx.Disk)
	}
	if all, _ := json.Marshal(f); strings.Contains(string(all), "hunter2") {
		t.Error("a value of Environment= was kept")
	}
}

func TestPastedText(t *testing.T) {
	f := read(t, `Nov 22 11:20:00 host systemd[1]: shop.service: Main process exited, code=exited, status=203/EXEC
Nov 22 11:20:00 host systemd[1]: nginx.service: Failed with result 'exit-code'.
2026/11/22 11:18:22 [error] 1#1: *1 no live upstreams while connecting to upstream, client: 1.2.3.4
1.2.3.4 - - [22/Nov/2026:11:18:22 +0000] "GET / HTTP/1.1" 502 157 "-" "curl"
web_1  | [2026-11-22 11:19:59 +0000] [7] [CRITICAL] WORKER TIMEOUT (pid:9)
Nov 22 11:20:00 host kernel: Out of memory: Killed process 9 (gunicorn) total-vm:1kB
● nginx.service - A server
     Active: failed (Result: exit-code) since Sun 2026-11-22
`)
	got := events(f)
	for _, e := range []detect.Event{detect.EventMainExited, detect.EventNoLive, detect.EventWorkerTimeout, detect.EventOOMKill} {
		if got[e].Event == "" {
			t.Errorf("no %s in %v", e, got)
		}
	}
	if f.Nginx == nil || f.Nginx.Unit == nil || f.Nginx.Unit.Active != "failed" {
		t.Errorf("nginx %+v", f.Nginx)
	}
	if f.Unit != nil && f.Unit.Active == "failed" {
		t.Error("nginx's state was taken for the app's")
	}
}

func TestRefused(t *testing.T) {
	for name, c := range map[string]struct{ text, want string }{
		"unknown key":   {`{"nginx_errors": []}`, `unknown key "nginx_errors"`},
		"wrong type":    {`{"nginx_error": "a line"}`, "cannot read the evidence document"},
		"broken":        {`{"facts": {`, "cannot read the evidence document"},
		"too many":      {strings.Repeat("x\n", 30000), "more than"},
		"far too large": {strings.Repeat("x", 9<<20), "longer than"},
	} {
		if _, err := evidence.Read(strings.NewReader(c.text)); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestNamesAreDistinct(t *testing.T) {
	seen := map[string]bool{}
	for _, n := range evidence.Names() {
		if seen[n.Name] || n.Meaning == "" {
			t.Errorf("%+v", n)
		}
		seen[n.Name] = true
	}
}

func TestTraffic(t *testing.T) {
	access := func(path, status, size string) string {
		return fmt.Sprintf(`"1.2.3.4 - - [22/Nov/2026:11:18:22 +0200] \"GET %s HTTP/1.1\" %s %s \"-\" \"curl\""`, path, status, size)
	}
	long := "/?q=" + strings.Repeat("a", 4100)
	for name, c := range map[string]struct {
		document string
		right    func(detect.Traffic) bool
	}{
		"an answer after the error, in its second": {`{"nginx_error": ["x"], "nginx_access": [` + access("/", "502", "157") + `,` + access("/", "200", "6") + `]}`,
			func(tr detect.Traffic) bool { return tr.LastAnswer > tr.LastError }},
		"an answer before it": {`{"nginx_error": ["x"], "nginx_access": [` + access("/", "200", "6") + `,` + access("/", "502", "157") + `]}`,
			func(tr detect.Traffic) bool { return tr.LastAnswer < tr.LastError }},
		"a 502 that was not logged": {`{"nginx_error": [], "gunicorn_journal": ["x"], "nginx_access": [` + access("/", "502", "157") + `]}`,
			func(tr detect.Traffic) bool { return tr.Unlogged == 1 }},
		"logged in the journal": {`{"nginx_error": [], "gunicorn_journal": ["nginx[1]: 2026/11/22 11:18:22 [error] 1#1: *1 no live upstreams while connecting to upstream, client: 1.2.3.4"], "nginx_access": [` + access("/", "502", "157") + `]}`,
			func(tr detect.Traffic) bool { return tr.Unlogged == 0 }},
		"no error log in the document": {`{"gunicorn_journal": ["x"], "nginx_access": [` + access("/", "502", "157") + `]}`,
			func(tr detect.Traffic) bool { return tr.Unlogged == 0 }},
		"too long": {`{"nginx_access": [` + access(long, "400", "183") + `,` + access("/", "400", "183") + `,` + access("/", "431", "100") + `]}`,
			func(tr detect.Traffic) bool { return tr.TooLong == 2 }},
	} {
		if f := read(t, c.document); f.Traffic == nil || !c.right(*f.Traffic) {
			t.Errorf("%s: %+v", name, f.Traffic)
		}
	}
}

// nginx's error log names no zone; the access log of the same machine does.
func TestErrorsAreInTheAccessLogsZone(t *testing.T) {
	f := read(t, `{"nginx_error": ["2026/11/22 11:18:22 [error] 1#1: *1 no live upstreams while connecting to upstream, client: 1.2.3.4"],
		"nginx_access": ["1.2.3.4 - - [22/Nov/2026:11:18:22 +0530] \"GET / HTTP/1.1\" 502 157 \"-\" \"curl\""]}`)
	if l := f.Lines[0]; l.At != f.Traffic.LastError {
		t.Errorf("error at %s, its access line at %s", l.At.Time(), f.Traffic.LastError.Time())
	}
}

func TestUnitWithoutHistory(t *testing.T) {
	for document, lacks := range map[string]bool{
		`{"unit_properties": {"ActiveState": "inactive", "StateChangeTimestamp": ""}}`:                            true,
		`{"unit_properties": {"ActiveState": "inactive", "StateChangeTimestamp": "Sun 2026-11-22 11:24:22 UTC"}}`: false,
		`{"unit_properties": {"ActiveState": "inactive"}}`:                                                        false,
	} {
		if f := read(t, document); (len(f.Lacking) == 1 && f.Lacking[0].Fact == detect.UnitHistory) != lacks {
			t.Errorf("%s: lacking %v", document, f.Lacking)
		}
	}
}

func FuzzRead(f *testing.F) {
	f.Add(`{"nginx_error": ["x"], "unit_properties": {"MemoryMax": 1e99}, "facts": {"unit_active": " "}}`)
	f.Add("Traceback (most recent call last):\n● a.service\n  Active: x (y)")
	f.Fuzz(func(t *testing.T, s string) {
		facts, err := evidence.Read(strings.NewReader(s))
		if err == nil && !facts.Offline {
			t.Fatal("not marked offline")
		}
		if _, err := json.Marshal(facts); err != nil {
			t.Fatal(err)
		}
	})
}
