package e2e

import (
	"cmp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/gatemend/gatemend/agent/e2e/machine"
	"github.com/gatemend/gatemend/detect"
	"github.com/gatemend/gatemend/policy"
)

// persons is every fault that only a person can mend: nothing is done, the cause is named with
// what a person must know, and once they have mended it the agent finishes the job: no verbs are
// those that need nothing more.
var persons = []struct {
	name   string
	setup  setup
	fault  string // ends with the unit broken
	cause  detect.Cause
	names  []string     // what the message must name
	fix    string       // what the person does; where there are verbs, they do not start anything
	left   detect.Cause // what is wrong after the fix, where that is another cause
	verbs  []policy.Verb
	except []string
}{
	{name: "import error", fault: `cp -p /srv/shop/app.py /root/app.py; sed -i '1i import nosuchmodule' /srv/shop/app.py; systemctl restart shop || true`,
		cause: detect.AppImportError, names: []string{"nosuchmodule", "/srv/shop/app.py:1"},
		fix: "cp /root/app.py /srv/shop/app.py", verbs: []policy.Verb{policy.StartUnit}, except: []string{"files of /srv/shop"}},
	{name: "exception at start", fault: `cp -p /srv/shop/app.py /root/app.py; sed -i '1i raise ValueError("no good")' /srv/shop/app.py; systemctl restart shop || true`,
		cause: detect.AppStartup, names: []string{"no good", "/srv/shop/app.py:1"},
		fix: "cp /root/app.py /srv/shop/app.py", verbs: []policy.Verb{policy.StartUnit}, except: []string{"files of /srv/shop"}},
	{name: "variable missing", fault: `cp -p /etc/shop/shop.env /root/shop.env; sed -i /SHOP_GREETING/d /etc/shop/shop.env; systemctl restart shop || true`,
		cause: detect.EnvMissing, names: []string{"add a line for SHOP_GREETING to /etc/shop/shop.env", "changed: envfile /etc/shop/shop.env lost SHOP_GREETING"},
		fix: "cp /root/shop.env /etc/shop/shop.env", verbs: []policy.Verb{policy.StartUnit}},
	{name: "environment file missing", fault: `mv /etc/shop/shop.env /root/shop.env; systemctl restart shop || true`,
		cause: detect.EnvMissing, names: []string{"/etc/shop/shop.env"},
		fix: "cp /root/shop.env /etc/shop/shop.env", verbs: []policy.Verb{policy.StartUnit}, except: []string{"files of /etc"}},
	{name: "program missing", fault: dropIn("[Service]\nExecStart=\nExecStart=/opt/venv/bin/gunicorn --bind unix:/run/shop/shop.sock app:app"),
		cause: detect.ExecPathWrong, names: []string{"/opt/venv/bin/gunicorn"},
		fix: "mkdir -p /opt/venv/bin; ln -s /usr/bin/gunicorn /opt/venv/bin/gunicorn", verbs: []policy.Verb{policy.StartUnit}, except: []string{"files of /etc"}},
	{name: "working directory missing", fault: dropIn("[Service]\nWorkingDirectory=/srv/gone"),
		cause: detect.ExecPathWrong, names: []string{"/srv/gone"},
		fix: "cp -a /srv/shop /srv/gone", verbs: []policy.Verb{policy.StartUnit}, except: []string{"files of /etc"}},
	{name: "user missing", fault: dropIn("[Service]\nUser=nosuchuser"),
		cause: detect.UnitUserWrong, names: []string{"nosuchuser"},
		fix: "useradd -M -d /srv/shop nosuchuser", verbs: []policy.Verb{policy.StartUnit}, except: []string{"files of /etc"}},
	{name: "port in use", setup: setup{kind: machine.TCP},
		fault: `systemctl stop shop; systemd-run -q --unit=squatter python3 -c '
import socket
s = socket.create_server(("127.0.0.1", 8000))
while True:
    c = s.accept()[0]
    c.recv(65536) # what is closed unread is reset, sometimes: it answers each request in the same way
    c.close()'
timeout 30 sh -c 'until ss -Hltn "sport = 8000" | grep -q .; do sleep 0.1; done'
systemctl start --no-block shop
timeout 60 sh -c 'until systemctl -q is-failed shop; do sleep 0.2; done'`, // gunicorn tries five times
		cause: detect.PortInUse, names: []string{"PID ", "squatter.service", "127.0.0.1:8000"},
		fix: "systemctl stop squatter", verbs: []policy.Verb{policy.StartUnit}},
	{name: "bind denied", fault: dropIn("[Service]\nExecStart=\nExecStart=/usr/bin/gunicorn --bind unix:/run/shop.sock app:app"),
		cause: detect.BindDenied, names: []string{"/run/shop.sock"},
		fix: mendDropIn, verbs: []policy.Verb{policy.StartUnit}, except: []string{"files of /etc"}},
	{name: "bind denied below 1024", setup: setup{kind: machine.TCP},
		fault: dropIn("[Service]\nExecStart=\nExecStart=/usr/bin/gunicorn --bind 127.0.0.1:81 app:app"),
		cause: detect.BindDenied, names: []string{"127.0.0.1:81"},
		fix: mendDropIn, verbs: []policy.Verb{policy.StartUnit}, except: []string{"files of /etc"}},
	{name: "gunicorn binds elsewhere", fault: dropIn("[Service]\nExecStart=\nExecStart=/usr/bin/gunicorn --umask 007 --bind unix:/run/shop/other.sock app:app"),
		cause: detect.UpstreamMismatch, names: []string{"/run/shop/other.sock", "/run/shop/shop.sock"},
		fix: mendDropIn + "; systemctl restart shop", except: []string{"files of /etc"}},
	{name: "gunicorn binds another port", setup: setup{kind: machine.TCP},
		fault: dropIn("[Service]\nExecStart=\nExecStart=/usr/bin/gunicorn --bind 127.0.0.1:8001 app:app"),
		cause: detect.UpstreamMismatch, names: []string{"127.0.0.1:8000", "127.0.0.1:8001"},
		fix: mendDropIn + "; systemctl restart shop", except: []string{"files of /etc"}},
	{name: "gunicorn.conf.py binds elsewhere", setup: setup{prepare: `echo 'bind = "unix:/run/shop/shop.sock"' >/srv/shop/gunicorn.conf.py
` + dropIn("[Service]\nExecStart=\nExecStart=/usr/bin/gunicorn --workers 2 --umask 007 app:app")},
		fault: `echo 'bind = "unix:/run/shop/moved.sock"' >/srv/shop/gunicorn.conf.py; systemctl restart shop`,
		cause: detect.UpstreamMismatch, names: []string{"/run/shop/moved.sock", "/run/shop/shop.sock", "/srv/shop/gunicorn.conf.py:1"},
		fix: `echo 'bind = "unix:/run/shop/shop.sock"' >/srv/shop/gunicorn.conf.py; systemctl restart shop`, except: []string{"files of /srv/shop"}},
	{name: "the runtime directory is a link", // no start comes past it
		fault: "mkdir -p /srv/empty; rm -rf /run/was; mv /run/shop /run/was; ln -s /srv/empty /run/shop",
		cause: detect.ExecPathWrong, names: []string{"/run/shop", "rm /run/shop", "/srv/empty"},
		fix: "rm /run/shop", left: detect.SocketMissing, verbs: []policy.Verb{policy.RestartUnit}},
	{name: "nginx configuration broken and nginx restarted",
		fault: `echo 'nonsense on;' >/etc/nginx/conf.d/broken.conf; systemctl restart nginx || true`,
		cause: detect.NginxConfigInvalid, names: []string{"/etc/nginx/conf.d/broken.conf:1"},
		fix: "rm /etc/nginx/conf.d/broken.conf", left: detect.NginxDown, verbs: []policy.Verb{policy.StartNginx}, except: []string{"invocation of nginx", "files of /etc"}},
	{name: "nginx configuration broken and nginx restarted, then the app", // what the app's start says is newer than what nginx said
		fault: `echo 'nonsense on;' >/etc/nginx/conf.d/broken.conf; systemctl restart nginx || true; systemctl restart shop
timeout 20 sh -c 'until [ $(($(cut -d. -f1 /proc/uptime) - $(systemctl show -P InactiveExitTimestampMonotonic shop) / 1000000)) -gt 10 ]; do sleep 0.2; done'`, // it has started for good: nothing seen before is decisive
		cause: detect.NginxConfigInvalid, names: []string{"/etc/nginx/conf.d/broken.conf:1"},
		fix: "rm /etc/nginx/conf.d/broken.conf", left: detect.NginxDown, verbs: []policy.Verb{policy.StartNginx}, except: []string{"invocation of nginx", "files of /etc"}},
	{name: "nginx is killed over a configuration that nobody tested", // no line tells
		fault: `echo 'nonsense on;' >/etc/nginx/conf.d/broken.conf; systemctl kill -s KILL nginx.service`,
		cause: detect.NginxConfigInvalid, names: []string{"/etc/nginx/conf.d/broken.conf:1"},
		fix: "rm /etc/nginx/conf.d/broken.conf", left: detect.NginxDown, verbs: []policy.Verb{policy.StartNginx}, except: []string{"invocation of nginx", "files of /etc"}},
	{name: "the app answers 500", fault: `cp -p /srv/shop/app.py /root/app.py; sed -i 's|return f"{GREETING}.n"|raise RuntimeError("broken")|' /srv/shop/app.py; systemctl restart shop`,
		cause: detect.AppError, names: []string{"500", "RuntimeError: broken", "/srv/shop/app.py"},
		fix: "cp /root/app.py /srv/shop/app.py; systemctl restart shop", except: []string{"files of /srv/shop"}},
	{name: "nginx answers 503 by itself",
		fault: `sed -i 's|location / {|location / {\n return 503;|' /etc/nginx/sites-available/shop` + "\n" + reloaded + asked,
		cause: detect.NginxAnswered, names: []string{"/etc/nginx/sites-enabled/shop:8: return 503", "changed: nginx-conf /etc/nginx/sites-enabled/shop"},
		fix: `sed -i '/return 503;/d' /etc/nginx/sites-available/shop; systemctl reload nginx`, except: []string{"files of /etc"}},
	{name: "what runs before the server fails", fault: dropIn("[Service]\nExecStartPre=/bin/sh -c \"exit 7\""),
		cause: detect.AppStartup, names: []string{"ExecStartPre= failed", "status=7", "journalctl -u shop.service"},
		fix: mendDropIn, verbs: []policy.Verb{policy.StartUnit}, except: []string{"files of /etc"}},
	{name: "the unit is frozen", fault: "systemctl freeze shop",
		cause: detect.GunicornHung, names: []string{"systemctl thaw shop.service", "a person decided that"},
		fix: "systemctl thaw shop"},
	{name: "the unit is masked",
		fault: `mv /etc/systemd/system/shop.service /root/; ln -s /dev/null /etc/systemd/system/shop.service; systemctl daemon-reload; kill -9 ` + mainPID,
		cause: detect.GunicornCrashed, names: []string{"is masked", "systemctl unmask shop.service"},
		fix:   "rm /etc/systemd/system/shop.service; mv /root/shop.service /etc/systemd/system/; systemctl daemon-reload",
		verbs: []policy.Verb{policy.RestartUnit}, except: []string{"files of /etc", "units"}},
	{name: "the unit is disabled", setup: setup{config: "operator_stop: {tell: 5s, start_after: 1m}\n"},
		fault: "systemctl disable -q --now shop",
		cause: detect.GunicornStopped, names: []string{"is disabled and did not run since boot", "NOT healed"},
		fix: "systemctl enable -q shop", verbs: []policy.Verb{policy.StartUnit}, except: []string{"units"}},
	{name: "the unit is mended without daemon-reload", fault: dropIn("[Service]\nExecStart=\nExecStart=/opt/venv/bin/gunicorn --bind unix:/run/shop/shop.sock app:app"),
		cause: detect.ExecPathWrong, names: []string{"/opt/venv/bin/gunicorn"},
		fix:  "rm /etc/systemd/system/shop.service.d/50-broken.conf",
		left: detect.UnitStale, verbs: []policy.Verb{policy.DaemonReloadRestart}, except: []string{"files of /etc"}},
	{name: "an import error uses up the start limit",
		setup: setup{unit: "[Unit]\nStartLimitBurst=3\nStartLimitIntervalSec=120\n[Service]\nRestart=always\nRestartSec=100ms\n"},
		fault: `cp -p /srv/shop/app.py /root/app.py; sed -i '1i import nosuchmodule' /srv/shop/app.py; systemctl restart shop || true
timeout 60 sh -c 'until systemctl -q is-failed shop; do sleep 0.2; done'`,
		cause: detect.AppImportError, names: []string{"nosuchmodule", "/srv/shop/app.py:1"},
		fix: "cp /root/app.py /srv/shop/app.py", left: detect.StartLimitHit, verbs: []policy.Verb{policy.ResetFailedStart}, except: []string{"files of /srv/shop"}},
	{name: "a second gunicorn takes the path and lets nobody in", fault: thief("--umask 0077"),
		cause: detect.PortInUse, names: []string{"PID ", "systemctl stop thief.service", "/run/shop/shop.sock"},
		fix: "systemctl stop thief", left: detect.SocketMissing, verbs: []policy.Verb{policy.RestartUnit}},
}

// thief is a second gunicorn on the unit's own path: it gets the path without any error, and
// removes it when it ends.
func thief(args string) string {
	return `systemd-run -q --unit=thief -p WorkingDirectory=/srv/shop -E SHOP_GREETING=thief /usr/bin/gunicorn ` + args + ` --bind unix:/run/shop/shop.sock app:app
timeout 60 sh -c 'until journalctl -u thief | grep -q "Listening at"; do sleep 0.1; done'
`
}

// dropIn is a person's broken change: a drop-in, read by systemd, and a restart.
func dropIn(text string) string {
	return "mkdir -p /etc/systemd/system/shop.service.d\ncat >/etc/systemd/system/shop.service.d/50-broken.conf <<'EOT'\n" + text +
		"\nEOT\nsystemctl daemon-reload; systemctl restart shop || true\n"
}

// mendDropIn takes the broken drop-in away.
const mendDropIn = "rm /etc/systemd/system/shop.service.d/50-broken.conf; systemctl daemon-reload"

func TestEscalates(t *testing.T) {
	for _, tt := range persons {
		t.Run(tt.name, func(t *testing.T) {
			m := open(t, tt.setup)
			m.Sh(t, tt.fault)
			began := time.Now()
			i := m.escalated(90*time.Second, tt.cause)
			t.Logf("told %.1f s after the fault", time.Since(began).Seconds())
			m.tells(i, tt.cause, tt.names...)
			m.untouched(tt.except...)
			if tt.fix == "" {
				return
			}
			mended := m.clock()
			m.Sh(t, tt.fix)
			i = m.healed(90*time.Second, cmp.Or(tt.left, tt.cause), tt.verbs...)
			t.Logf("recovered %.1f s after the fix", i.Recovered.Sub(mended).Duration().Seconds())
			if settled := i.Acted.Sub(mended).Duration(); len(tt.verbs) > 0 && settled < 2*time.Second {
				t.Errorf("acted %s after the fix, before it can have settled", settled)
			}
			m.untouched(tt.except...)
		})
	}
}

// clock is the machine's.
func (m *shop) clock() detect.Time {
	m.tb.Helper()
	at, err := strconv.ParseInt(strings.TrimSpace(m.Sh(m.tb, "date +%s%6N")), 10, 64)
	if err != nil {
		m.tb.Fatalf("cannot read the machine's clock: %v", err)
	}
	return detect.Time(at)
}
