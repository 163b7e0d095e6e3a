package logs

import (
	"strings"
	"testing"

	"github.com/gatemend/gatemend/detect"
)

const crash = `[2026-11-22 11:19:59 +0000] [7151] [INFO] Booting worker with pid: 7151
[2026-11-22 11:19:59 +0000] [7151] [ERROR] Exception in worker process
Traceback (most recent call last):
  File "/usr/lib/python3/dist-packages/gunicorn/arbiter.py", line 589, in spawn_worker
    worker.init_process()
  File "/srv/shop/app.py", line 3, in <module>
    import nothere
ModuleNotFoundError: No module named 'nothere'
[2026-11-22 11:19:59 +0000] [7151] [INFO] Worker exiting (pid: 7151)`

// TestTracebackInPieces: a batch may end anywhere in it.
func TestTracebackInPieces(t *testing.T) {
	s := shop()
	s.AppLogs = []string{"/srv/shop/gunicorn.log"}
	lines := strings.Split(crash, "\n")
	for cut := range len(lines) + 1 {
		b := newBench(t, s)
		src := b.source(appLog, s.AppLogs[0])
		read := src.appReader()
		for _, part := range [][]string{lines[:cut], lines[cut:]} {
			var raw [][]byte
			for _, l := range part {
				raw = append(raw, []byte(l))
			}
			read(raw)
		}
		var found []detect.Line
		for _, l := range b.Lines("shop", 0) {
			if l.Event == detect.EventTraceback {
				found = append(found, l)
			}
		}
		if len(found) != 1 || found[0].Attr["module"] != "nothere" || found[0].Attr["file"] != "/srv/shop/app.py" || found[0].Attr["phase"] != "boot" {
			t.Errorf("cut at %d: %+v", cut, found)
		}
		if b.triggered() == "" {
			t.Errorf("cut at %d: no trigger", cut)
		}
	}
}

func TestOrdinaryAppLinesDoNotTrigger(t *testing.T) {
	s := shop()
	s.AppLogs = []string{"/srv/shop/gunicorn.log"}
	b := newBench(t, s)
	b.read(appLog, s.AppLogs[0], "[2026-11-22 11:19:59 +0000] [7151] [INFO] Booting worker with pid: 7151", "hello", "",
		"[2026-11-22 11:19:59 +0000] [7150] [INFO] Listening at: unix:/run/shop/shop.sock (7150)")
	if got := b.triggered(); got != "" {
		t.Errorf("triggered %q", got)
	}
}
