package e2e

import (
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/gatemend/gatemend/agent"
)

// impostor is an app that behaves as /srv/shop/mode says: it writes nginx's own error page under nginx's
// name, with 200 or with 502, sends nginx round in circles by X-Accel-Redirect, redirects to
// another port of this host, or tells nginx (HTTP/1.0) from the
// agent's direct question (HTTP/1.1).
const impostor = `cat >/srv/shop/app.py <<'EOF'
import os
os.environ["SHOP_GREETING"]
PAGE = b"<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>\r\n<center><h1>502 Bad Gateway</h1></center>\r\n<hr><center>nginx/1.22.1</center>\r\n</body>\r\n</html>\r\n"
def app(env, start):
    try:
        mode = open("/srv/shop/mode").read().strip()
    except OSError:
        mode = "good"
    by_nginx = env["SERVER_PROTOCOL"] == "HTTP/1.0"
    status, body, more = "200 OK", b"hello\n", []
    if mode == "page200":
        body = PAGE
    if mode == "page502" or mode == "split" and by_nginx:
        status, body = "502 Bad Gateway", PAGE
    if mode == "accel":
        more = [("X-Accel-Redirect", "/nowhere/"), ("X-Accel-Limit-Rate", "1"), ("X-Accel-Expires", "9999999")]
    if mode == "elsewhere":
        status, more = "302 Found", [("Location", "http://shop.example.com:22/")]
    start(status, [("Content-Type", "text/html"), ("Server", "nginx/1.22.1"), ("Content-Length", str(len(body)))] + more)
    return [body]
EOF
systemctl restart shop
`

// TestImpostor: what an app says of nginx is its own word. An answer below 500 is healthy whatever it
// looks like; one of 502 that the app made is told as such; and none of it makes the agent act.
func TestImpostor(t *testing.T) {
	m := open(t, setup{prepare: impostor})
	for _, mode := range []string{"page200", "elsewhere"} {
		m.Sh(t, "echo "+mode+" >/srv/shop/mode")
		m.looked()
		l, err := m.incidents()
		if err != nil || len(l) > 0 {
			t.Errorf("%s: %d incidents, %v", mode, len(l), err)
		}
	}
	for _, mode := range []string{"page502", "split", "accel"} {
		m.Sh(t, "echo "+mode+" >/srv/shop/mode; for i in 1 2 3 4 5 6; do curl -s -m 2 -o /dev/null http://shop.example.com/ || true; done")
		i := m.in(agent.Escalated, 90*time.Second)
		t.Logf("%s: %s (%d %%)", mode, i.Diagnosis.Primary.Cause, i.Diagnosis.Primary.Confidence)
		m.did(i)
		m.Sh(t, "rm /srv/shop/mode")
		m.in(agent.Recovered, 60*time.Second)
	}
	m.audited()
	m.untouched()
}

// hostileNames are of everything that a user may name: processes, their command lines, the files of a
// traceback, with what a terminal obeys, what breaks a line, and what a shell runs.
const hostileNames = `cat >/srv/shop/app.py <<'EOF'
import os, sys
evil = "\x1b[2J\x1b]0;pwned\x07\u009b31m\u202e$(touch /tmp/pwned);` + "`touch /tmp/pwned`" + `'\n"
rename = "import ctypes, time; ctypes.CDLL(None).prctl(15, b'nginx\\n\\x1b[2J', 0, 0, 0); time.sleep(600)"
if os.environ.get("STRAY"):
    os.execv("/usr/bin/python3", ["gunicorn: master [" + evil + "]", "-c", rename, evil, "--bind", "unix:/run/shop/shop.sock"])
print("[2026-11-22 11:20:15 +0000] [1] [ERROR] " + evil, file=sys.stderr)
exec(compile("open('/no/such/' + evil)", "/srv/shop/" + evil.replace("\n", "") + ".py", "exec"))
EOF
systemd-run -q --unit=stray --uid=shop -E STRAY=1 python3 /srv/shop/app.py
systemctl restart shop || true
`

// ownSequences are those of paint and of the progress line; a terminal adds a carriage return to each newline.
var ownSequences = regexp.MustCompile("\x1b\\[(?:0|1|2|31|32|33)m|\r\x1b\\[K|\r\n")

// TestHostileNames: no verb hands a terminal anything but text and its own colours, and no command that a
// person is told to run holds another one.
func TestHostileNames(t *testing.T) {
	m := open(t, setup{})
	m.Sh(t, hostileNames)
	i := m.in(agent.Escalated, 90*time.Second)
	m.did(i)
	verbs := []string{"diagnose", "plan", "status", "incidents", "incidents " + i.ID, "check", "audit verify", "heal", "init --print",
		"diagnose --json", "status --json", "incidents " + i.ID + " --json"}
	for _, verb := range verbs {
		for _, command := range []string{"gatemend " + verb, "script -qec 'gatemend " + verb + "' /dev/null"} {
			out := m.Sh(t, "TERM=xterm "+command+" 2>&1 </dev/null || true")
			if bad := regexp.MustCompile(`[^\n\t\P{C}]`).FindString(ownSequences.ReplaceAllString(out, "\n")); bad != "" {
				t.Errorf("%s hands a terminal %q:\n%.2000q", command, bad, out)
			}
			if len(strings.TrimSpace(out)) == 0 {
				t.Errorf("%s says nothing", command)
			}
		}
	}
	for _, advice := range i.Diagnosis.Primary.Advised() {
		if bare := regexp.MustCompile(`'(?:[^']|'\\'')*'`).ReplaceAllString(advice, ""); strings.ContainsAny(bare, "$`") {
			t.Errorf("a person who pastes it runs more than is meant: %s", advice)
		}
	}
	told := fmt.Sprint(m.messages())
	if strings.ContainsAny(told, "\x1b\u009b\u202e") {
		t.Errorf("a message holds what steers a terminal: %q", told)
	}
}

// swapper puts a link to another's socket, a second name of it, and a file in the socket's place, as fast
// as the directory's owner can.
const swapper = `
import os, socket, sys
path, spare, victim = "/run/shop/shop.sock", "/run/shop/spare", "/run/victim/victim.sock"
while True:
    for make in (lambda: os.symlink(victim, spare), lambda: os.link("/run/shop/lent", spare), lambda: open(spare, "w").close(),
                 lambda: os.mknod(spare, 0o140600)):
        try:
            make()
            os.rename(spare, path)
        except OSError:
            pass
`

// TestSwappedSocket: the app's user exchanges what lies at the socket's path while the agent gives the
// socket its mode back. Nobody else's file is opened.
func TestSwappedSocket(t *testing.T) {
	m := open(t, setup{})
	m.write("/tmp/swapper.py", 0o644, swapper)
	m.Sh(t, `mkdir -m 0711 /run/victim
python3 -c 'import os; os.mknod("/run/victim/victim.sock", 0o140600); os.mknod("/run/shop/lent", 0o140600)'
chmod 0000 /run/shop/shop.sock
systemd-run -q --unit=swapper --uid=shop python3 /tmp/swapper.py`)
	m.Eventually(t, "the agent tried, or gave up", 90*time.Second, func() error {
		l, err := m.incidents()
		if err != nil || len(l) == 0 || len(l[len(l)-1].Actions) == 0 && l[len(l)-1].State != agent.Escalated {
			return fmt.Errorf("not yet: %v", err)
		}
		return nil
	})
	m.Sh(t, "systemctl stop swapper")
	if modes := strings.TrimSpace(m.Sh(t, "stat -c '%a %U' /run/victim/victim.sock /run/shop/lent | paste -sd ' '")); modes != "600 root 600 root" {
		t.Errorf("another's sockets have %s, want 600 root", modes)
	}
	m.audited()
}
