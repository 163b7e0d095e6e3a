package e2e

import (
	"bytes"
	"testing"

	"github.com/gatemend/gatemend/detect"
)

// TestUpstreamAloneIsNoRecovery: the app answers again, and clients still get an error. That is no
// recovery but a new diagnosis; it is over when nginx forwards again (promise 4).
func TestUpstreamAloneIsNoRecovery(t *testing.T) {
	m := open(t, setup{})
	m.Sh(t, `cp -p /etc/nginx/sites-available/shop /root/shop.nginx
kill -9 `+mainPID+`
sed -i 's|location / {|location / {\n return 503;|' /etc/nginx/sites-available/shop; systemctl reload nginx
timeout 20 sh -c 'until curl -sf -o /dev/null --unix-socket /run/shop/shop.sock http://shop.example.com/; do sleep 0.1; done' || systemctl start shop`)
	i := m.in("escalated", healsWithin)
	m.causeWas(i, detect.NginxAnswered)
	for _, r := range m.records() {
		if r.Kind == "outcome" && bytes.Contains(r.Data, []byte(`"recovered`)) {
			t.Errorf("declared recovered while clients got 503: %s", r.Data)
		}
	}
	m.Sh(t, "cp -p /root/shop.nginx /etc/nginx/sites-available/shop; systemctl reload nginx")
	m.in("recovered", healsWithin)
	m.answers()
	m.audited()
}
