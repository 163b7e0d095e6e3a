package e2e

import (
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/gatemend/gatemend/agent"
	"github.com/gatemend/gatemend/policy"
)

// canaryUnit holds secrets where people put them: in the unit's environment and on its command line.
const canaryUnit = `[Service]
Environment=PAY_TOKEN=canaryenvtoken DATABASE_URL=postgres://shop:canaryenvurl@db.internal/shop OPAQUE=canaryopaque
ExecStart=
ExecStart=/usr/bin/gunicorn --workers 2 --umask 007 --env STRIPE=canaryexecenv --bind unix:/run/shop/shop.sock app:app
`

// canaryPlaces are the other places: an environment file, nginx, a password file, other processes' command
// lines, the addresses of our own channels.
const canaryPlaces = `
printf 'SECRET_KEY=canaryenvfile\nOPAQUE_TOO=canaryopaquefile\n' >>/etc/shop/shop.env
sed -i 's|proxy_set_header Host .*|&\nproxy_set_header Authorization "Basic canaryheader";\nproxy_set_header X-Api-Key canaryapikey;\nset $secret canaryset;|' /etc/nginx/sites-available/shop
sed -i 's|^}$|location /admin { auth_basic "canaryrealm"; auth_basic_user_file /etc/nginx/htpasswd; proxy_pass http://unix:/run/shop/shop.sock; }\n}|' /etc/nginx/sites-available/shop
echo 'admin:canaryhash' >/etc/nginx/htpasswd
nginx -t -q && systemctl reload nginx
systemctl daemon-reload; systemctl restart shop
systemd-run -q --unit=stray bash -c 'exec -a gunicorn python3 -c "import time; time.sleep(9999)" --api-token canarystray --password=canarystraypw postgres://u:canarystrayurl@h/db app:app'
echo 'http://127.0.0.1:9/services/canaryslack' >/root/slack.url; chmod 600 /root/slack.url
`

const canaryChannels = `notify:
  - {command: [/usr/local/bin/page-me]}
  - {webhook: {url: "http://127.0.0.1:9/hook/canaryhookpath?token=canaryhookquery"}}
  - {webhook: {url_file: /root/slack.url, template: slack}}
  - {ntfy: {url: "http://u:canaryntfypw@127.0.0.1:9/canarytopic"}}
  - {heartbeat: {url: "http://127.0.0.1:9/canarybeat", every: 1m}}
`

// canaryClients ask with secrets while the site is down, so that they stand in nginx's logs, and have the
// app write some.
const canaryClients = `
for i in 1 2 3; do
	curl -s -o /dev/null -H 'Authorization: Bearer canarybearer' -H 'Cookie: session=canarycookie' -e 'https://shop.example.com/reset?t=canaryreferer' \
		-A 'agent token=canaryagent' 'http://shop.example.com/pay?sig=canaryquery&o=1' || true
done
`

// canaryCrash is an app that raises at import what apps raise.
const canaryCrash = `cp /srv/shop/app.py /root/app.py
cat >>/srv/shop/app.py <<'EOF'
import sys
print("connecting with {'password': 'canaryprinted', 'url': 'redis://:canaryredis@cache/0'}", file=sys.stderr)
raise RuntimeError("cannot reach postgres://shop:canaryexc@db:5432/shop with password='canaryexcpw' and Authorization: Digest canaryexcauth x=1")
EOF
systemctl restart shop || true
`

// TestCanaries: secrets stand everywhere a secret may stand, several causes are met, every verb is asked
// and every channel told; afterwards none is in anything that is ours (promise 16).
func TestCanaries(t *testing.T) {
	m := open(t, setup{unit: canaryUnit, prepare: canaryPlaces, config: canaryChannels})
	var said strings.Builder
	ask := func(args ...string) {
		r := m.verb(args...)
		fmt.Fprintf(&said, "$ gatemend %s\n%s\n%s\n", strings.Join(args, " "), r.out, r.err)
	}
	every := func() {
		for _, verb := range []string{"diagnose", "plan", "status", "incidents", "check"} {
			ask(verb)
			ask(verb, "--json")
		}
	}

	m.Sh(t, "kill -9 "+mainPID+canaryClients)
	m.healed(60*time.Second, "gunicorn-crashed", policy.RestartUnit)
	every()
	m.Sh(t, "before=$(gatemend incidents | wc -l); chmod 0000 /run/shop/shop.sock"+canaryClients+`
for i in $(seq 100); do [ "$(gatemend incidents | wc -l)" -gt "$before" ] && break; sleep 0.1; done`)
	m.healed(60*time.Second, "socket-permission", policy.FixSocketMode)
	m.Sh(t, canaryCrash+canaryClients)
	crashed := m.in(agent.Escalated, 60*time.Second)
	m.causeWas(crashed, "app-startup-exception")
	every()
	m.Sh(t, "cp /root/app.py /srv/shop/app.py; mv /etc/shop/shop.env /root/shop.env; systemctl restart shop || true"+canaryClients)
	every()
	l, err := m.incidents()
	if err != nil {
		t.Fatal(err)
	}
	for _, i := range l {
		ask("incidents", i.ID)
		ask("incidents", i.ID, "--json")
		ask("incidents", i.ID, "--bundle")
	}
	ask("notify", "test")
	ask("notify", "resend")
	ask("init", "--print")
	ask("audit", "verify", "--json")
	said.WriteString(m.Sh(t, "journalctl -u shop -u nginx -o short --no-pager | gatemend explain --trace || true; cat /var/log/nginx/*.log | gatemend explain --json || true"))

	where := "/var/lib/gatemend /var/lib/gatemend-holds /run/gatemend"
	m.Sh(t, "journalctl -a --no-pager -o export -u gatemend >/root/ours.journal; journalctl -a --no-pager -o export -t gatemend >>/root/ours.journal")
	for line := range strings.Lines(m.Sh(t, "grep -raoE '.{0,120}canary[a-z]+' "+where+" /root/ours.journal || true")) {
		t.Errorf("a secret is kept: %.300s", line)
	}
	for _, leak := range regexp.MustCompile(`.{0,120}canary[a-z]+`).FindAllString(said.String(), -1) {
		t.Errorf("a secret is printed: %s", leak)
	}
	if n := m.Sh(t, "grep -rao '\\[hidden\\]' "+where+" | wc -l"); strings.TrimSpace(n) == "0" {
		t.Error("nothing was hidden: the secrets stood nowhere, and the test tests nothing")
	}
}
