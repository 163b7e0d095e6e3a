package main

import (
	"bytes"
	_ "embed"
	"strings"
	"testing"

	"github.com/gatemend/gatemend/detect"
	"github.com/gatemend/gatemend/detect/diagnose"
	"github.com/gatemend/gatemend/detect/evidence"
	"github.com/gatemend/gatemend/policy"
)

//go:embed testdata/vocabulary.txt
var vocabularyText string

// booting is what gunicorn writes in front of an exception of the app that it imports.
const booting = `[2026-11-22 11:20:00 +0000] [700] [ERROR] Exception in worker process
Traceback (most recent call last):
  File "/srv/shop/venv/lib/python3.11/site-packages/gunicorn/arbiter.py", line 589, in spawn_worker
    worker.init_process()
  File "/srv/shop/venv/lib/python3.11/site-packages/gunicorn/util.py", line 384, in import_app
    mod = importlib.import_module(module)
  File "/srv/shop/app.py", line 7, in <module>
`

// message is a block of testdata/vocabulary.txt.
type message struct {
	cause detect.Cause
	text  string
}

func vocabulary() []message {
	var out []message
	for _, block := range strings.Split(vocabularyText, "\n\n") {
		head, text, ok := strings.Cut(strings.TrimLeft(block, "\n"), "\n")
		if !ok || strings.HasPrefix(head, "#") {
			continue
		}
		if cause, boot := strings.CutPrefix(head, "boot "); boot {
			head, text = cause, booting+text
		}
		out = append(out, message{detect.Cause(head), text})
	}
	return out
}

// Each message names its cause by itself, and none is enough to act on but what PID 1 says of its own.
func TestVocabulary(t *testing.T) {
	known := vocabulary()
	if len(known) < 180 {
		t.Fatalf("only %d messages", len(known))
	}
	for _, m := range known {
		f, err := evidence.Read(bytes.NewReader([]byte(m.text)))
		if err != nil {
			t.Fatal(err)
		}
		d := diagnose.Diagnose(f)
		if d.Primary.Cause != m.cause {
			t.Errorf("%s at %d, want %s: %s", d.Primary.Cause, d.Primary.Confidence, m.cause, m.text)
		}
		if action := policy.FirstSafe(d, f); action != policy.None && action != policy.Wait && !f.Unit.Failed() {
			t.Errorf("%s for %s: %s", action, m.cause, m.text)
		}
	}
}
