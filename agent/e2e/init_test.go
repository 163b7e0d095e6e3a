package e2e

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gatemend/gatemend/agent"
	"github.com/gatemend/gatemend/agent/e2e/machine"
	"github.com/gatemend/gatemend/detect"
)

// wanted is one route that init must find.
type wanted struct {
	site, server, target, unit, socket string
	manage                             detect.Manage
	reason                             string // part of it, where it is not managed
}

// layouts are hosts as people set them up: what is built on top of a deployment, and what init
// must write about it.
var layouts = []struct {
	name    string
	kind    machine.Kind
	prepare string
	want    []wanted
}{
	{"unix socket", machine.Unix, "", []wanted{{site: "shop", server: "shop.example.com", target: "unix:/run/shop/shop.sock", unit: "shop.service", manage: detect.ManageAct}}},
	{"tcp", machine.TCP, "", []wanted{{site: "shop", server: "shop.example.com", target: "127.0.0.1:8000", unit: "shop.service", manage: detect.ManageAct}}},
	{"socket activation", machine.Activated, "", []wanted{{site: "shop", server: "shop.example.com", target: "unix:/run/shop.sock", unit: "shop.service", socket: "shop.socket", manage: detect.ManageAct}}},
	{"tls with a redirect", machine.Unix, `openssl req -x509 -newkey rsa:2048 -nodes -days 30 -subj /CN=shop.example.com -keyout /etc/nginx/shop.key -out /etc/nginx/shop.crt 2>/dev/null
cat >/etc/nginx/sites-available/shop <<'END'
server {
	listen 80;
	server_name shop.example.com;
	return 301 https://$host$request_uri;
}
server {
	listen 443 ssl;
	server_name shop.example.com;
	ssl_certificate /etc/nginx/shop.crt;
	ssl_certificate_key /etc/nginx/shop.key;
	location /static/ { root /srv; }
	location / { proxy_pass http://unix:/run/shop/shop.sock; proxy_set_header Host $host; }
}
END
nginx -t -q && systemctl reload nginx`,
		[]wanted{{site: "shop", server: "shop.example.com", target: "unix:/run/shop/shop.sock", unit: "shop.service", manage: detect.ManageAct}}},
	{"an upstream with several servers", machine.TCP, `mkdir -p /etc/systemd/system/shop.service.d
sed 's/127.0.0.1:8000/127.0.0.1:8001/' /etc/systemd/system/shop.service >/etc/systemd/system/shop2.service
cat >/etc/nginx/sites-available/shop <<'END'
upstream shop { server 127.0.0.1:8000; server 127.0.0.1:8001; }
server { listen 80; server_name shop.example.com; location / { proxy_pass http://shop; proxy_set_header Host $host; } }
END
systemctl daemon-reload && systemctl start shop2
timeout 20 sh -c 'until ss -ltn | grep -q :8001; do sleep 0.1; done'
nginx -t -q && systemctl reload nginx`,
		// One route has one target: the other is in init's notes.
		[]wanted{{site: "shop", server: "shop.example.com", target: "127.0.0.1:8000", unit: "shop.service", manage: detect.ManageAct}}},
	{"gunicorn.conf.py", machine.Unix, `printf 'bind = "unix:/run/shop/shop.sock"\nworkers = 2\numask = 0o007\n' >/srv/shop/gunicorn.conf.py
sed -i 's|^ExecStart=.*|ExecStart=/usr/bin/gunicorn app:app|' /etc/systemd/system/shop.service
systemctl daemon-reload && systemctl restart shop`,
		[]wanted{{site: "shop", server: "shop.example.com", target: "unix:/run/shop/shop.sock", unit: "shop.service", manage: detect.ManageAct}}},
	{"two sites, one of them on a unit not called gunicorn", machine.Unix, `sed 's|unix:/run/shop/shop.sock|127.0.0.1:9000|; s/^RuntimeDirectory.*//' /etc/systemd/system/shop.service >/etc/systemd/system/web-backend.service
cat >/etc/nginx/sites-enabled/blog <<'END'
server { listen 80; server_name blog.example.com; location / { proxy_pass http://127.0.0.1:9000; } }
END
systemctl daemon-reload && systemctl start web-backend
timeout 20 sh -c 'until ss -ltn | grep -q :9000; do sleep 0.1; done'
nginx -t -q && systemctl reload nginx`,
		[]wanted{
			{site: "blog", server: "blog.example.com", target: "127.0.0.1:9000", unit: "web-backend.service", manage: detect.ManageAct},
			{site: "shop", server: "shop.example.com", target: "unix:/run/shop/shop.sock", unit: "shop.service", manage: detect.ManageAct},
		}},
	{"a template, a shell in front, several binds", machine.Unix, `systemctl disable -q --now shop
sed -E "s|^ExecStart=.*|ExecStart=/bin/sh -c 'exec gunicorn --umask 007 --bind unix:/run/%i/%i.sock --bind 127.0.0.1:8001 app:app'|; s/^RuntimeDirectory=.*/RuntimeDirectory=%i/" /etc/systemd/system/shop.service >/etc/systemd/system/gunicorn@.service
systemctl daemon-reload && systemctl enable -q --now gunicorn@shop`,
		[]wanted{{site: "shop", server: "shop.example.com", target: "unix:/run/shop/shop.sock", unit: "gunicorn@shop.service", manage: detect.ManageAct}}},
	{"a shell that stays in front", machine.TCP, `sed -i "s|^ExecStart=.*|ExecStart=/bin/sh -c 'gunicorn --bind 127.0.0.1:8000 app:app; echo ended'|; s/^Type=.*/Type=simple/" /etc/systemd/system/shop.service
systemctl daemon-reload && systemctl restart shop
timeout 20 sh -c 'until ss -ltn | grep -q :8000; do sleep 0.1; done'`,
		[]wanted{{site: "shop", server: "shop.example.com", target: "127.0.0.1:8000", unit: "shop.service", manage: detect.ManageObserve, reason: "make its command exec it"}}},
	{"a gunicorn started from a shell", machine.TCP, `systemctl stop shop
cd /srv/shop && SHOP_GREETING=hi setsid -f gunicorn --bind 127.0.0.1:8000 app:app >/dev/null 2>&1 </dev/null
timeout 20 sh -c 'until ss -ltn | grep -q :8000; do sleep 0.1; done'`,
		[]wanted{{site: "shop", server: "shop.example.com", target: "127.0.0.1:8000", manage: detect.ManageObserve, reason: "session"}}},
	{"under a supervisor", machine.TCP, `systemctl stop shop
cat >/etc/systemd/system/supervisor.service <<'END'
[Service]
WorkingDirectory=/srv/shop
Environment=SHOP_GREETING=hi
ExecStart=/bin/sh -c 'gunicorn --bind 127.0.0.1:8000 app:app & wait'
END
systemctl daemon-reload && systemctl start supervisor
timeout 20 sh -c 'until ss -ltn | grep -q :8000; do sleep 0.1; done'`,
		[]wanted{{site: "shop", server: "shop.example.com", target: "127.0.0.1:8000", manage: detect.ManageObserve, reason: "supervisor"}}},
}

// TestInit: on each host init writes what is there, check finds it right, and the agent starts
// with it and proves the sites healthy.
func TestInit(t *testing.T) {
	for _, l := range layouts {
		t.Run(l.name, func(t *testing.T) {
			m := open(t, setup{kind: l.kind, idle: true, prepare: "rm -rf /etc/gatemend\n" + l.prepare})
			var found struct {
				Mode  string        `json:"mode"`
				Sites []detect.Site `json:"sites"`
			}
			if err := m.json(&found, "gatemend", "init", "--json"); err != nil {
				t.Fatal(err)
			}
			if found.Mode != "dry-run" {
				t.Errorf("mode %q is written without --act", found.Mode)
			}
			m.finds(found.Sites, l.want)
			m.Sh(t, "gatemend check") // what init wrote is valid on the host that it was written for
			m.Sh(t, "systemctl start gatemend")
			m.proves()
			m.armed()
		})
	}
}

func (m *shop) finds(sites []detect.Site, want []wanted) {
	m.tb.Helper()
	var got, wants []string
	reasons := map[string]string{}
	for _, s := range sites {
		for _, r := range s.Routes {
			line := fmt.Sprintf("%s %s %s %q %q %s", s.Name, s.Server, r.Target, r.Unit, r.Socket, r.Manage)
			got, reasons[line] = append(got, line), r.Reason
		}
	}
	for _, w := range want {
		line := fmt.Sprintf("%s %s %s %q %q %s", w.site, w.server, w.target, w.unit, w.socket, w.manage)
		wants = append(wants, line)
		if !strings.Contains(reasons[line], w.reason) || (reasons[line] == "") != (w.reason == "") {
			m.tb.Errorf("%s: the reason is %q, want %q in it", line, reasons[line], w.reason)
		}
	}
	slices.Sort(got)
	slices.Sort(wants)
	if !slices.Equal(got, wants) {
		m.tb.Errorf("found\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(wants, "\n"))
	}
}

// proves waits until the agent has proven every managed route healthy, and shows no incident.
func (m *shop) proves() {
	m.tb.Helper()
	m.Eventually(m.tb, "the agent has proven every managed route healthy", 60*time.Second, func() error {
		var s agent.Snapshot
		if err := m.json(&s, "gatemend", "status", "--json"); err != nil {
			return err
		}
		for _, r := range s.Routes {
			if r.State != agent.Idle || r.Manage == detect.ManageAct && r.Baseline == 0 {
				return fmt.Errorf("%s%s is %s, baseline %d", r.Site, r.Route, r.State, r.Baseline)
			}
		}
		if len(s.Routes) == 0 {
			return fmt.Errorf("status shows no route")
		}
		return nil
	})
	if l, err := m.incidents(); err != nil || len(l) > 0 {
		m.tb.Errorf("incidents %v, %v; want none", l, err)
	}
}

// armed: init --act on what init wrote changes the mode and nothing else, and the agent takes it.
func (m *shop) armed() {
	m.tb.Helper()
	m.Sh(m.tb, `cp /etc/gatemend/gatemend.yaml /tmp/before
gatemend init --act
sed 's/^mode: dry-run/mode: act/' /tmp/before | cmp - /etc/gatemend/gatemend.yaml
systemctl restart gatemend`)
	var s agent.Snapshot
	m.Eventually(m.tb, "the agent acts", healsWithin, func() error { return m.json(&s, "gatemend", "status", "--json") })
	if s.Mode != "act" {
		m.tb.Errorf("mode %q after init --act", s.Mode)
	}
}
