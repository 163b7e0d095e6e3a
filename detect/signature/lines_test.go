package signature_test

import (
	"strings"
	"testing"

	"github.com/gatemend/gatemend/detect"
	"github.com/gatemend/gatemend/detect/signature"
)

func TestText(t *testing.T) {
	for _, c := range []struct {
		source detect.Source
		line   string
		event  detect.Event
		attr   map[string]string
	}{
		{detect.FromApp, "[2026-11-22 11:19:59 +0000] [7151] [INFO] Listening at: unix:/run/webapp/webapp.sock (7151)", detect.EventListening, map[string]string{"target": "unix:/run/webapp/webapp.sock"}},
		{detect.FromApp, "[2026-11-22 11:19:59 +0000] [7151] [INFO] Listening at: http://127.0.0.1:8000 (7151)", detect.EventListening, map[string]string{"target": "127.0.0.1:8000"}},
		{detect.FromApp, "[2026-11-22 11:19:59 +0000] [7151] [INFO] Listening at: https://127.0.0.1:8443 (7151)", detect.EventListening, map[string]string{"target": "127.0.0.1:8443", "tls": "yes"}},
		{detect.FromApp, "[2026-11-22 11:19:59 +0000] [7151] [ERROR] Connection in use: ('127.0.0.1', 8000)", detect.EventAddressInUse, map[string]string{"target": "127.0.0.1:8000"}},
		{detect.FromApp, "[2026-11-22 11:19:59 +0000] [7151] [ERROR] connection to /run/x.sock failed: [Errno 13] Permission denied", detect.EventBindFailed, map[string]string{"target": "unix:/run/x.sock"}},
		{detect.FromApp, "[2026-11-22 11:19:59 +0000] [7151] [ERROR] Worker (pid:7) was sent SIGKILL! Perhaps out of memory?", detect.EventWorkerKilled, map[string]string{"signal": "KILL", "worker": "7"}},
		{detect.FromApp, "[2026-11-22 11:19:59 +0000] [7151] [WARNING] Worker with pid 9 was terminated due to signal 9", detect.EventWorkerKilled, map[string]string{"signal": "KILL"}},
		{detect.FromApp, "Failed to find attribute 'application' in 'app'.", detect.EventAppNotFound, map[string]string{"attribute": "application", "module": "app"}},
		{detect.FromApp, "Error: '/var/log/webapp.log' isn't writable [PermissionError(13, 'Permission denied')]", detect.EventConfigError, map[string]string{"path": "/var/log/webapp.log"}},
		{detect.FromPaste, "Nov 22 11:20:00 host systemd[1]: webapp.service: Main process exited, code=exited, status=203/EXEC", detect.EventMainExited, map[string]string{"unit": "webapp.service", "status": "203"}},
		{detect.FromPaste, "webapp.service: Start request repeated too quickly.", detect.EventStartLimit, nil},
		{detect.FromPaste, "systemd[1]: Stopping A high performance web server and a reverse proxy server...", detect.EventUnitStopping, map[string]string{"unit": "nginx.service"}},
		{detect.FromPaste, "systemd[1]: Failed to start A high performance web server and a reverse proxy server.", detect.EventUnitStartFailed, map[string]string{"unit": "nginx.service"}},
		{detect.FromSystemd, "Started nginx - high performance web server.", detect.EventUnitStarted, map[string]string{"unit": "nginx.service"}},
		{detect.FromPaste, "Jan 08 11:27:10 host systemd[1]: shop.service: Start requ>", detect.EventStartLimit, map[string]string{"unit": "shop.service"}},
		{detect.FromPaste, "systemd[1]: shop.service: Sent signal SIGSTOP to main process 700 (gunicorn: maste) on client request.", detect.EventSentSignal, map[string]string{"unit": "shop.service", "signal": "STOP"}},
		{detect.FromSystemd, "/etc/systemd/system/shop.service:14: Unit uses MemoryLimit=; please use MemoryMax= instead.", detect.EventMemoryLimit, map[string]string{"file": "/etc/systemd/system/shop.service", "line": "14"}},
		{detect.FromPaste, "2026-11-22 11:20:01,605 INFO exited: shop (exit status 127; not expected)", detect.EventCommandMissing, map[string]string{"path": "shop"}},
		{detect.FromPaste, "Job for nginx.service failed because the control process exited with error code.", detect.EventUnitStartFailed, map[string]string{"unit": "nginx.service"}},
		{detect.FromPaste, "     Active: failed (Result: exit-code) since Mon 2024-01-08 11:27:10 EST; 12s ago", detect.EventStatusActive, map[string]string{"active": "failed", "result": "exit-code"}},
		{detect.FromKernel, `oom-kill:constraint=CONSTRAINT_MEMCG,nodemask=(null),cpuset=/,mems_allowed=0,oom_memcg=/system.slice/webapp.service,task_memcg=/system.slice/webapp.service,task=gunicorn: worke,pid=417,uid=996`, detect.EventOOMKill, map[string]string{"comm": "gunicorn: worke"}},
		{detect.FromKernel, `audit: type=1400 audit(1.2:3): apparmor="DENIED" operation="mknod" profile="webapp" name="/run/webapp/webapp.sock" pid=1 comm="gunicorn"`, detect.EventAppArmor, map[string]string{"profile": "webapp", "name": "/run/webapp/webapp.sock"}},
	} {
		l, ok := signature.Text(c.source, c.line)
		if !ok || l.Event != c.event {
			t.Errorf("%q says %q, want %q", c.line, l.Event, c.event)
		}
		for k, v := range c.attr {
			if l.Attr[k] != v {
				t.Errorf("%q: %s = %q, want %q", c.line, k, l.Attr[k], v)
			}
		}
	}
}

// Every form that journalctl, rsyslog and Docker print a line in leaves the same line.
func TestHeads(t *testing.T) {
	for _, head := range []string{
		"", "Nov 22 11:20:00 host ", "Okt 22 11:20:00 web-01.example ", "22. Nov 11:20:00 host ", "2026-11-22T11:20:00+0000 host ", "2026-11-22T11:20:00.123456+01:00 host ",
		"Sun 2026-11-22 11:20:00 UTC host ", "Sun 2026-11-22 11:20:00.123456 CET host ", "[   12.345678] host ", "[12345.345678] host ", "1795346400.123456 host ", "<29>Nov 22 11:20:00 host ",
	} {
		if l, ok := signature.Text(detect.FromPaste, head+"systemd[1]: shop.service: Failed with result 'signal'."); !ok || l.Event != detect.EventUnitFailed || l.Source != detect.FromSystemd {
			t.Errorf("%q: %+v", head, l)
		}
		if l, ok := signature.Text(detect.FromPaste, head+"gunicorn[7]: [2026-11-22 11:19:59 +0000] [7] [INFO] Booting worker with pid: 7"); !ok || l.Event != detect.EventBooting || l.PID != 7 {
			t.Errorf("%q: %+v", head, l)
		}
	}
	for _, head := range []string{"web_1  | ", "shop-web-1  | ", "2026-11-22T11:20:00.123456789Z ", "2026-11-22T11:20:00.123456789+01:00 stderr F "} {
		if l, ok := signature.Text(detect.FromPaste, head+"[2026-11-22 11:19:59 +0000] [7] [INFO] Booting worker with pid: 7"); !ok || l.Event != detect.EventBooting || l.PID != 7 {
			t.Errorf("%q: %+v", head, l)
		}
	}
}

// What the app prints is the app's, whatever it looks like.
func TestAppCannotSpeakForOthers(t *testing.T) {
	for _, text := range []string{
		"systemd[1]: webapp.service: Failed with result 'oom-kill'.",
		"webapp.service: Start request repeated too quickly.",
		"kernel: Out of memory: Killed process 3 (gunicorn)",
	} {
		if l, ok := signature.Text(detect.FromApp, text); ok {
			t.Errorf("%q from the app says %q", text, l.Event)
		}
	}
	if l, ok := signature.Text(detect.FromKernel, "avc:  denied  { write } for  pid=4 comm=\"nginx\" permissive=1"); ok {
		t.Errorf("a permissive line says %q", l.Event)
	}
}

func record(pid int, text string) signature.Record {
	return signature.Record{PID: pid, Source: detect.FromApp, Message: text}
}

// Chained tracebacks: the first block is the cause; two workers write between each other.
func TestChainedTracebacksOfTwoWorkers(t *testing.T) {
	one := strings.Split(`[2026-11-22 11:19:59 +0000] [7] [ERROR] Exception in worker process
Traceback (most recent call last):
  File "/srv/shop/settings.py", line 4, in <module>
    key = os.environ["SECRET_KEY"]
          ~~~~~~~~~~^^^^^^^^^^^^^^
  File "<frozen os>", line 685, in __getitem__
KeyError: 'SECRET_KEY'

The above exception was the direct cause of the following exception:

Traceback (most recent call last):
  File "/usr/lib/python3/dist-packages/gunicorn/arbiter.py", line 589, in spawn_worker
    worker.init_process()
  File "/srv/shop/app.py", line 2, in <module>
    import settings
ImportError: cannot load settings`, "\n")
	two := strings.Split(`[2026-11-22 11:19:59 +0000] [8] [ERROR] Exception in worker process
Traceback (most recent call last):
  File "/srv/shop/app.py", line 9, in <module>
    import redis
ModuleNotFoundError: No module named 'redis'`, "\n")
	var records []signature.Record
	for i := range one {
		records = append(records, record(7, one[i]))
		if i < len(two) {
			records = append(records, record(8, two[i]))
		}
	}
	lines := signature.Lines(records)
	byPID := map[int]detect.Line{}
	for _, l := range lines {
		if l.Event == detect.EventTraceback {
			byPID[l.PID] = l
		}
	}
	if a := byPID[7].Attr; a["variable"] != "SECRET_KEY" || a["file"] != "/srv/shop/settings.py" || a["line"] != "4" || a["phase"] != "boot" || !strings.Contains(a["last"], "ImportError") {
		t.Errorf("%+v", byPID[7])
	}
	if a := byPID[8].Attr; a["module"] != "redis" || a["kind"] != "ModuleNotFoundError" {
		t.Errorf("%+v", byPID[8])
	}
}

// The same exception means another thing in Python's import machinery, in the app's code, and where
// gunicorn unlinks its socket.
func TestWhereAnExceptionCameFrom(t *testing.T) {
	for name, c := range map[string]struct {
		frames           []string
		importing, phase string
	}{
		"a module that cannot be read": {[]string{`  File "/srv/shop/app.py", line 4, in <module>`, `  File "<frozen importlib._bootstrap_external>", line 1190, in get_data`}, "yes", "boot"},
		"a file of the app":            {[]string{`  File "<frozen importlib._bootstrap>", line 690, in _load_unlocked`, `  File "/srv/shop/app.py", line 6, in <module>`}, "", "boot"},
		"the way out":                  {[]string{`  File "/usr/lib/python3/dist-packages/gunicorn/sock.py", line 212, in close_sockets`}, "", "master"},
	} {
		records := []signature.Record{record(7, "[2026-11-22 11:19:59 +0000] [7] [ERROR] Exception in worker process"), record(7, "Traceback (most recent call last):")}
		for _, f := range c.frames {
			records = append(records, record(7, f))
		}
		lines := signature.Lines(append(records, record(7, "PermissionError: [Errno 13] Permission denied: '/srv/shop/x'")))
		got := lines[len(lines)-1]
		if got.Event != detect.EventTraceback || got.Errno != 13 || got.Attr["importing"] != c.importing || got.Attr["phase"] != c.phase {
			t.Errorf("%s: %+v", name, got)
		}
	}
}

// TestSkippedIsNotStarted: systemd gives a start that was skipped, or whose dependency failed, the MESSAGE_ID of one that was
// done, or that failed (Debian 12 and 13).
func TestSkippedIsNotStarted(t *testing.T) {
	for text, id := range map[string]string{
		"shop.service - Shop (Flask by gunicorn) was skipped because of an unmet condition check (ConditionPathExists=/etc/shop/enabled).": "39f53479d3a045ac8e11786248231fbf",
		"shop.service - Shop (Flask by gunicorn) skipped, unmet condition check ConditionPathExists=/etc/shop/enabled":                     "39f53479d3a045ac8e11786248231fbf",
		"Dependency failed for shop.service - Shop (Flask by gunicorn).":                                                                   "be02cf6855d2428ba40df7e9d022f03d",
	} {
		lines := signature.Lines([]signature.Record{{PID: 1, Source: detect.FromSystemd, MessageID: id, Fields: map[string]string{"UNIT": "shop.service"}, Message: text}})
		if len(lines) != 1 || lines[0].Event != detect.EventUnitHeldBack || lines[0].Attr["unit"] != "shop.service" {
			t.Errorf("%s: %+v", text, lines)
		}
	}
}

func TestMessageIDWinsOverText(t *testing.T) {
	lines := signature.Lines([]signature.Record{{
		PID: 1, Source: detect.FromSystemd, MessageID: "98e322203f7a4ed290d09fe03c09fe15",
		Fields: map[string]string{"UNIT": "shop.service", "EXIT_CODE": "killed", "EXIT_STATUS": "9"}, Message: "Hauptprozess beendet",
	}})
	if len(lines) != 1 || lines[0].Event != detect.EventMainExited || lines[0].Attr["status"] != "9" || lines[0].Attr["unit"] != "shop.service" {
		t.Errorf("%+v", lines)
	}
}

func TestRepeatsAreCounted(t *testing.T) {
	var records []signature.Record
	for range 50 {
		records = append(records, record(3, "[2026-11-22 11:19:59 +0000] [3] [INFO] Booting worker with pid: 3"))
	}
	if lines := signature.Lines(records); len(lines) != 1 || lines[0].Count != 50 {
		t.Errorf("%d lines, count %d", len(lines), lines[0].Count)
	}
}

func FuzzLines(f *testing.F) {
	f.Add("Traceback (most recent call last):\n  File \"a\", line 1\nKeyError: 'A'\n[1] [ERROR] x")
	f.Add("Nov 22 11:20:00 host systemd[1]: a.service: Failed with result 'x'.")
	f.Fuzz(func(t *testing.T, text string) {
		for _, source := range []detect.Source{detect.FromApp, detect.FromPaste, detect.FromKernel, detect.FromSystemd} {
			for _, l := range signature.Lines([]signature.Record{{Source: source, Message: text}}) {
				if l.Event == "" || len(l.Text) > detect.TextMax || strings.ContainsAny(l.Text, "\x1b\n\r") {
					t.Fatalf("%+v", l)
				}
			}
		}
	})
}
