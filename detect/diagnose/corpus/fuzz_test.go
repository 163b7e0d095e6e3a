package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gatemend/gatemend/detect"
	"github.com/gatemend/gatemend/detect/diagnose"
	"github.com/gatemend/gatemend/detect/evidence"
)

// FuzzDiagnose: whatever the app, a client or who pastes a log wrote, each rule comes to its end, of a document and
// beside what a live machine knows.
func FuzzDiagnose(f *testing.F) {
	documents, err := filepath.Glob("../../../examples/incidents/*.json")
	if err != nil || len(documents) == 0 {
		f.Fatal("no documents: ", err)
	}
	for _, name := range documents {
		data, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(string(data))
	}
	f.Add("[ERROR] Can't connect to unix:\n[ERROR] connection to unix: failed: [Errno 13] Permission denied")
	f.Fuzz(func(t *testing.T, s string) {
		doc, err := evidence.Read(strings.NewReader(s))
		if err != nil {
			return
		}
		comesToItsEnd(t, doc)
		comesToItsEnd(t, alive(doc))
	})
}

// alive is a document's facts as a live machine's, whose unit has failed.
func alive(f detect.Facts) detect.Facts {
	f.Offline = false
	if f.Unit == nil {
		f.Unit = &detect.Unit{Name: "shop.service", Load: "loaded", Active: "failed", Sub: "failed", Result: "exit-code", WSGI: "gunicorn"}
	}
	f.Route = detect.Route{Unit: f.Unit.Name, Target: detect.Unix("/run/shop/shop.sock")}
	return f
}

func comesToItsEnd(t *testing.T, f detect.Facts) {
	t.Helper()
	for _, step := range diagnose.Diagnose(f).Trace {
		if strings.HasPrefix(step.Why, "the rule failed") {
			t.Errorf("%s: %s", step.Rule, step.Why)
		}
	}
}
