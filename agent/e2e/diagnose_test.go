package e2e

import (
	"encoding/json"
	"strings"
	"testing"
	"time"
)

// healsWithin is patience for a machine that shares its cores.
const healsWithin = 60 * time.Second

// report is what `diagnose --json` prints of one route.
type report struct {
	Checklist []seen `json:"checklist"`
	TryImport string `json:"try_import"`
	Imported  *struct {
		OK     bool   `json:"ok"`
		Output string `json:"output"`
	} `json:"imported"`
}

// seen is one line of the checklist.
type seen struct {
	Mark string `json:"mark"`
	What string `json:"what"`
	Seen string `json:"seen"`
}

func (m *shop) diagnosed(code int, flags ...string) report {
	m.tb.Helper()
	r := m.verb(append([]string{"diagnose", "--json"}, flags...)...)
	m.ends(r, code)
	var l []report
	if err := json.Unmarshal([]byte(r.out), &l); err != nil || len(l) != 1 {
		m.tb.Fatalf("diagnose printed no report: %v: %.300s", err, r.out)
	}
	return l[0]
}

// shows checks one line of the checklist: its mark, its layer, words of it.
func (m *shop) shows(r report, mark, what, words string) {
	m.tb.Helper()
	for _, i := range r.Checklist {
		if i.Mark == mark && i.What == what && strings.Contains(i.Seen, words) {
			return
		}
	}
	m.tb.Errorf("no line %q %q with %q in %+v", mark, what, words, r.Checklist)
}

// layers is every layer of the guide's checklist, from the outside in.
var layers = []string{
	"nginx configuration", "nginx", "application unit", "upstream target", "socket file", "listener", "nginx may connect", "direct request", "public request",
}

// TestDiagnoseNamesEveryLayer walks the guide's whole checklist on a machine that is well, and on
// the same one broken in each layer.
func TestDiagnoseNamesEveryLayer(t *testing.T) {
	m := open(t, setup{idle: true})
	well := m.diagnosed(0)
	for _, layer := range layers {
		m.shows(well, "ok", layer, "")
	}
	for _, i := range well.Checklist {
		if i.Mark == "bad" || i.Mark == "unknown" {
			t.Errorf("nothing is wrong, and it shows %+v", i)
		}
	}
	m.shows(well, "note", "processes", "in the unit, main PID")

	m.Sh(t, `cd /srv/shop && setsid -f runuser -u shop -- env SHOP_GREETING=x python3 -m flask --app app run >/dev/null 2>&1 </dev/null
timeout 20 sh -c 'until ss -ltn | grep -q :5000; do sleep 0.1; done'`)
	m.shows(m.diagnosed(0), "note", "outside the unit", "Flask's development server, on port 5000")

	m.Sh(t, `printf '[Unit]\nDescription=changed\n' >>/etc/systemd/system/shop.service
touch /etc/shop/shop.env
echo 'proxy_pas x;' >/etc/nginx/conf.d/broken.conf
rm /run/shop/shop.sock`)
	broken := m.diagnosed(4)
	m.shows(broken, "bad", "nginx configuration", "/etc/nginx/conf.d/broken.conf:1")
	m.shows(broken, "ok", "nginx", "active/running")
	m.shows(broken, "bad", "unit file", "systemctl daemon-reload")
	m.shows(broken, "note", "environment file", "/etc/shop/shop.env is newer than the running process")
	m.shows(broken, "bad", "socket file", "/run/shop/shop.sock is missing")
	m.shows(broken, "bad", "listener", "its socket file is gone or replaced")
	m.shows(broken, "bad", "nginx may connect", "as www-data")
	m.shows(broken, "bad", "direct request", "missing")
	m.shows(broken, "bad", "public request", "502 made by nginx")
	m.shows(broken, "note", "nginx's error log", "No such file or directory")

	m.Sh(t, "rm /etc/nginx/conf.d/broken.conf; systemctl daemon-reload; systemctl restart shop; systemctl stop shop nginx")
	down := m.diagnosed(3) // the agent would wait: somebody just stopped them
	m.shows(down, "bad", "application unit", "shop.service is inactive/dead")
	m.shows(down, "bad", "listener", "nobody listens on unix:/run/shop/shop.sock")
	m.shows(down, "bad", "nginx", "nginx.service is inactive/dead")
	m.shows(down, "bad", "public request", "refused")
	m.shows(down, "note", "the unit's journal", "Stopped")
}

// TestTryImport: the import runs as the unit would, its Environment= reaches it and no report, and
// whatever the app does at import is bounded in time and size.
func TestTryImport(t *testing.T) {
	m := open(t, setup{
		idle: true,
		unit: `[Service]
Environment="NEEDED_KEY=two words \"q\" $x" PLAIN=plain
`,
		prepare: `cp /srv/shop/app.py /root/app.py
app() { printf '%s\n' "$1" | cat - /root/app.py >/srv/shop/app.py; }
app 'import os; print("key", os.environ["NEEDED_KEY"], os.environ["PLAIN"], os.getcwd(), os.getuid() != 0)'`,
	})
	r := m.diagnosed(0, "--try-import")
	if r.Imported == nil || !r.Imported.OK || !strings.Contains(r.Imported.Output, "key [NEEDED_KEY] plain /srv/shop True") {
		t.Errorf("imported %+v", r.Imported)
	}
	if all, _ := json.Marshal(m.diagnosed(0)); strings.Contains(string(all), "two words") {
		t.Errorf("a value of Environment= was collected: %s", all)
	}
	byHand := m.command("bash", "-c", r.TryImport)
	m.ends(byHand, 0, `key two words "q" $x plain /srv/shop True`)

	m.Sh(t, `printf 'import nosuchmodule\n' | cat - /root/app.py >/srv/shop/app.py`)
	r = m.diagnosed(3, "--try-import") // it serves still, and will not come back from a restart
	if r.Imported == nil || r.Imported.OK || !strings.HasSuffix(r.Imported.Output, "No module named 'nosuchmodule'") {
		t.Errorf("imported %+v", r.Imported)
	}
	m.ends(m.verb("diagnose", "--try-import"), 3, "✗ the application cannot be imported", "No module named 'nosuchmodule'")

	m.Sh(t, `printf 'while True: print("x" * 1000)\n' | cat - /root/app.py >/srv/shop/app.py`)
	began := time.Now()
	r = m.diagnosed(3, "--try-import")
	if took := time.Since(began); took < 25*time.Second || took > 60*time.Second {
		t.Errorf("it took %s, want some 30 s", took)
	}
	if r.Imported == nil || r.Imported.OK || len(r.Imported.Output) > 16<<10 {
		t.Errorf("imported %d bytes", len(r.Imported.Output))
	}
	if out := m.Sh(t, "pgrep -u shop -f 'import app' || true"); out != "" {
		t.Errorf("the import still runs: %s", out)
	}
}
