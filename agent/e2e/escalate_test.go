package e2e

import (
	"strings"
	"testing"
	"time"

	"github.com/gatemend/gatemend/agent"
	"github.com/gatemend/gatemend/agent/e2e/machine"
	"github.com/gatemend/gatemend/detect"
	"github.com/gatemend/gatemend/policy"
)

// persons is every fault that only a person can mend: nothing is done, the cause is named with
// what a person must know, and once they have mended it the agent finishes the job.
var persons = []struct {
	name   string
	setup  setup
	fault  string // ends with the unit broken
	cause  detect.Cause
	names  []string // what advice and evidence must name
	fix    string   // what the person does; they do not start anything
	verbs  []policy.Verb
	except []string
}{
	{name: "import error", fault: `cp -p /srv/shop/app.py /root/app.py; sed -i '1i import nosuchmodule' /srv/shop/app.py; systemctl restart shop || true`,
		cause: detect.AppImportError, names: []string{"nosuchmodule"},
		fix: "cp /root/app.py /srv/shop/app.py", verbs: []policy.Verb{policy.StartUnit}, except: []string{"files of /srv/shop"}},
	{name: "exception at start", fault: `cp -p /srv/shop/app.py /root/app.py; echo 'raise ValueError("no good")' >>/srv/shop/app.py; systemctl restart shop || true`,
		cause: detect.AppStartup, names: []string{"app.py"},
		fix: "cp /root/app.py /srv/shop/app.py", verbs: []policy.Verb{policy.StartUnit}, except: []string{"files of /srv/shop"}},
	{name: "variable missing", fault: `cp -p /etc/shop/shop.env /root/shop.env; sed -i /SHOP_GREETING/d /etc/shop/shop.env; systemctl restart shop || true`,
		cause: detect.EnvMissing, names: []string{"SHOP_GREETING"},
		fix: "cp /root/shop.env /etc/shop/shop.env", verbs: []policy.Verb{policy.StartUnit}},
	{name: "environment file missing", fault: `mv /etc/shop/shop.env /root/shop.env; systemctl restart shop || true`,
		cause: detect.EnvMissing, names: []string{"/etc/shop/shop.env"},
		fix: "cp /root/shop.env /etc/shop/shop.env", verbs: []policy.Verb{policy.StartUnit}, except: []string{"files of /etc"}},
	{name: "program missing", fault: dropIn("[Service]\nExecStart=\nExecStart=/opt/venv/bin/gunicorn --bind unix:/run/shop/shop.sock app:app"),
		cause: detect.ExecPathWrong, names: []string{"/opt/venv/bin/gunicorn"}, except: []string{"files of /etc"}},
	{name: "user missing", fault: dropIn("[Service]\nUser=nosuchuser"),
		cause: detect.UnitUserWrong, names: []string{"nosuchuser"}, except: []string{"files of /etc"}},
	{name: "port in use", setup: setup{kind: machine.TCP},
		fault: `systemctl stop shop; systemd-run -q --unit=squatter python3 -m http.server --bind 127.0.0.1 8000
timeout 10 sh -c 'until curl -s -o /dev/null http://127.0.0.1:8000/; do :; done'
systemctl start --no-block shop`,
		cause: detect.PortInUse, names: []string{"squatter.service"}},
	{name: "bind denied", fault: dropIn("[Service]\nRuntimeDirectory=\nExecStart=\nExecStart=/usr/bin/gunicorn --bind unix:/run/shop/shop.sock app:app"),
		cause: detect.BindDenied, names: []string{"/run"}, except: []string{"files of /etc"}},
	{name: "gunicorn binds elsewhere", fault: dropIn("[Service]\nExecStart=\nExecStart=/usr/bin/gunicorn --umask 007 --bind unix:/run/shop/other.sock app:app"),
		cause: detect.UpstreamMismatch, names: []string{"/run/shop/other.sock", "/run/shop/shop.sock"}, except: []string{"files of /etc"}},
	{name: "nginx configuration broken and nginx restarted",
		fault: `echo 'nonsense on;' >/etc/nginx/conf.d/broken.conf; systemctl restart nginx || true`,
		cause: detect.NginxConfigInvalid, names: []string{"/etc/nginx/conf.d/broken.conf:1"},
		fix: "rm /etc/nginx/conf.d/broken.conf", verbs: []policy.Verb{policy.StartNginx}, except: []string{"invocation of nginx"}},
	{name: "the app answers 500", fault: `sed -i 's|return f"{GREETING}.n"|raise RuntimeError("broken")|' /srv/shop/app.py; systemctl restart shop`,
		cause: detect.AppError, names: []string{"500"}, except: []string{"files of /srv/shop"}},
	{name: "nginx answers 503 by itself",
		fault: `sed -i 's|location / {|location / {\n return 503;|' /etc/nginx/sites-available/shop; systemctl reload nginx`,
		cause: detect.NginxAnswered, names: []string{"/etc/nginx/sites-"}, except: []string{"files of /etc"}},
	{name: "the unit is masked",
		fault: `mv /etc/systemd/system/shop.service /root/; ln -s /dev/null /etc/systemd/system/shop.service; systemctl daemon-reload; kill -9 ` + mainPID,
		cause: detect.GunicornCrashed, except: []string{"files of /etc", "units"}},
}

// dropIn is a person's broken change: a drop-in, read by systemd, and a restart.
func dropIn(text string) string {
	return "mkdir -p /etc/systemd/system/shop.service.d\ncat >/etc/systemd/system/shop.service.d/50-broken.conf <<'EOT'\n" + text +
		"\nEOT\nsystemctl daemon-reload; systemctl restart shop || true\n"
}

func TestEscalates(t *testing.T) {
	for _, tt := range persons {
		t.Run(tt.name, func(t *testing.T) {
			m := open(t, tt.setup)
			m.Sh(t, tt.fault)
			i := m.escalated(40*time.Second, tt.cause)
			m.tells(i, tt.names...)
			m.untouched(tt.except...)
			if tt.fix == "" {
				return
			}
			m.Sh(t, tt.fix)
			m.healed(60*time.Second, tt.cause, tt.verbs...)
			m.untouched(tt.except...)
		})
	}
}

// tells checks what a person reads: the message that was delivered, and the incident's advice and evidence.
func (m *shop) tells(i agent.Incident, names ...string) {
	m.tb.Helper()
	told, _ := m.Shell(m.tb.Context(), "cat /var/lib/gatemend/told 2>/dev/null || true")
	p := i.Diagnosis.Primary
	text := told + strings.Join(p.Advice, "\n")
	for _, e := range p.Evidence {
		text += "\n" + e.Text
	}
	for _, n := range names {
		if !strings.Contains(text, n) {
			m.tb.Errorf("a person is not told of %q: %s", n, text)
		}
	}
	m.Eventually(m.tb, "a message was delivered", 10*time.Second, func() error {
		_, err := m.Run(m.tb.Context(), "grep", "-q", i.ID, "/var/lib/gatemend/told")
		return err
	})
}
