package notify

import (
	"flag"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/gatemend/gatemend/detect"
)

var update = flag.Bool("update", false, "write golden files")

func message() Message {
	return Message{
		ID: "i.1.not-healed", At: 1_700_000_000_000_000, Host: "box", Mode: "act", Site: "shop", Route: "/", Incident: "20231114-221320-shop",
		State: "NOT healed", Symptom: "502", Outage: 41_000_000, Cause: detect.AppImportError, Title: "the app cannot be imported",
		Changed: "app-file /srv/shop/app.py", Proof: "ModuleNotFoundError: No module named 'stripe'", Did: "nothing safe helps",
		Advice:  []string{"install stripe into /srv/shop/venv", "or remove the import at /srv/shop/app.py:3", "a third line"},
		Command: "sudo gatemend heal shop", More: "gatemend incidents 20231114-221320-shop",
	}
}

func TestText(t *testing.T) {
	healed := message()
	healed.State, healed.Outage, healed.Advice, healed.Command, healed.Did = "healed", 320_000, nil, "", "restart-unit shop.service, recovered"
	route := message()
	route.Route, route.State, route.Mode, route.Outage = "/api", "DRY RUN", "dry-run", 3*3600*1_000_000
	bare := Message{Host: "box", State: "partly blind", Did: "access_log off"}
	for name, m := range map[string]Message{"sick": message(), "healed": healed, "route": route, "bare": bare} {
		file := filepath.Join("testdata", name+".txt")
		same(t, file, m.Text()+"\n")
	}
}

// Whatever an app or a client wrote, a message has at most eight narrow lines, no control
// character and no secret.
func FuzzText(f *testing.F) {
	f.Add("a\nb", "\x1b[2J", strings.Repeat("x", 4000), "password=hunter2", 3)
	f.Fuzz(func(t *testing.T, proof, changed, did, advice string, n int) {
		m := message()
		m.Proof, m.Changed, m.Did = proof, changed, did
		m.Advice = nil
		for range min(max(n, 0), 20) {
			m.Advice = append(m.Advice, advice)
		}
		lines := strings.Split(m.Text(), "\n")
		if len(lines) > mostLines {
			t.Errorf("%d lines", len(lines))
		}
		for _, l := range lines {
			if utf8.RuneCountInString(l) > widest || !utf8.ValidString(l) {
				t.Errorf("line %q", l)
			}
			for _, r := range l {
				if r < 0x20 || r == 0x7f || r >= 0x80 && r < 0xa0 {
					t.Errorf("control character in %q", l)
				}
			}
		}
	})
}

func TestSecretsDoNotLeave(t *testing.T) {
	m := message()
	m.Proof = "could not connect to postgres://shop:hunter2@db/shop"
	m.Advice = []string{"API_TOKEN=hunter2"}
	if text := m.Text(); strings.Contains(text, "hunter2") {
		t.Errorf("the text holds a secret:\n%s", text)
	}
	for _, f := range []string{m.clean().Proof, m.clean().Advice[0]} {
		if strings.Contains(f, "hunter2") {
			t.Errorf("what is stored holds a secret: %s", f)
		}
	}
}
