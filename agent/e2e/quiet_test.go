package e2e

import (
	"testing"

	"github.com/gatemend/gatemend/agent/e2e/machine"
)

// calm is what happens on a healthy machine and must raise no incident. A script ends when it is over.
var calm = []struct {
	name   string
	setup  setup
	script string
}{
	{name: "bots and missing pages", script: `for i in $(seq 200); do curl -s -o /dev/null http://shop.example.com/wp-login.php?$i; done`},
	{name: "clients that leave", script: `for i in $(seq 30); do curl -s -m 0.2 -o /dev/null 'http://shop.example.com/slow?s=1' || true; done`},
	{name: "slow clients", script: `for i in 1 2 3; do curl -s --limit-rate 100K -o /dev/null 'http://shop.example.com/bytes?n=300000' & done; wait`},
	{name: "slow requests under load", script: `for i in $(seq 12); do curl -s -o /dev/null 'http://shop.example.com/slow?s=1' & done; wait`},
	{name: "errors of the app for single pages", script: `for i in $(seq 50); do curl -s -o /dev/null http://shop.example.com/boom; curl -s -o /dev/null http://shop.example.com/status/502; done`},
	{name: "deploy by restart", script: `systemctl restart shop; timeout 20 sh -c 'until curl -sf -o /dev/null http://shop.example.com/; do :; done'`},
	{name: "deploy by HUP", script: `systemctl reload shop; timeout 20 sh -c 'until curl -sf -o /dev/null http://shop.example.com/; do :; done'`},
	{name: "nginx reloaded", script: `systemctl reload nginx; curl -sf -o /dev/null http://shop.example.com/`},
	{name: "logs rotated", script: `mv /var/log/nginx/error.log /var/log/nginx/error.log.1; systemctl kill -s USR1 --kill-who=main nginx; curl -sf -o /dev/null http://shop.example.com/`},
	{name: "forged log lines", script: forged},
	{name: "dbus restarted", script: `systemctl restart dbus || true; timeout 20 sh -c 'until busctl --system list >/dev/null 2>&1; do :; done'`},
}

// forged writes what a client and an app can write: an outage that is none.
const forged = `
line='connect() to unix:/run/shop/shop.sock failed (111: Connection refused) while connecting to upstream'
for i in $(seq 20); do
	curl -s -o /dev/null -A "$line" -e "x\", upstream: \"http://unix:/run/evil.sock:/\", host: \"evil" "http://shop.example.com/?a=$i"
	curl -s -o /dev/null --get --data-urlencode "line=2026/11/22 11:20:15 [crit] 1#1: *1 $line, client: 127.0.0.1, server: shop.example.com" http://shop.example.com/log
	curl -s -o /dev/null --get --data-urlencode "line=shop.service: Main process exited, code=killed, status=9/KILL" http://shop.example.com/log
	curl -s -o /dev/null --get --data-urlencode "line=ModuleNotFoundError: No module named 'app'" http://shop.example.com/log
done`

// TestCalm: nothing that happens on a healthy machine makes an incident, and nothing is touched.
func TestCalm(t *testing.T) {
	for _, tt := range calm {
		t.Run(tt.name, func(t *testing.T) {
			s := tt.setup
			s.kind = machine.Unix
			m := open(t, s)
			m.Sh(t, tt.script)
			m.looked()
			m.quiet()
		})
	}
}

// looked waits until the agent has asked the site again after what happened: what it did not
// take for an outage by then it will not.
func (m *shop) looked() {
	m.tb.Helper()
	m.Sh(m.tb, `n=$(grep -c gatemend/ /var/log/nginx/access.log || true); : "$n"
want=$(date +%s); timeout 30 sh -c "until [ \$(gatemend status --json | sed -n 's/.*\"last_ok\": \([0-9]*\).*/\1/p' | head -1 | cut -c1-10) -gt $want ]; do :; done"`)
}
