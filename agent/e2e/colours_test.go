package e2e

import "testing"

// green is a second colour of the shop, ready to be switched to by one line of nginx's configuration.
const green = `sed 's|shop/shop.sock|green/shop.sock|; s|RuntimeDirectory=shop|RuntimeDirectory=green|' /etc/systemd/system/shop.service >/etc/systemd/system/green.service
systemctl daemon-reload
`

// switchTo has nginx send everything to a colour.
func switchTo(colour string) string {
	return `timeout 20 sh -c 'until curl -sf -o /dev/null --unix-socket /run/` + colour + `/shop.sock http://shop.example.com/; do sleep 0.1; done'
sed -i 's|unix:/run/[a-z]*/shop.sock|unix:/run/` + colour + `/shop.sock|' /etc/nginx/sites-available/shop
nginx -t -q
` + reloaded + serves
}

// TestTwoColours: a blue-green deployment switches to the other colour and stops the one that clients
// no longer need. That is no fault, whatever becomes of it; and once nginx sends clients to it again,
// it is looked after again.
func TestTwoColours(t *testing.T) {
	m := open(t, setup{prepare: green})
	m.Sh(t, "systemctl start green"+"\n"+switchTo("green")+"systemctl stop shop")
	m.looked()
	m.quiet()
	m.Sh(t, "systemctl start shop; kill -9 "+mainPID+"; chmod 0 /run/shop || true")
	m.looked()
	m.quiet()
	m.Sh(t, "systemctl reset-failed shop; systemctl start shop\n"+switchTo("shop")+"systemctl stop green")
	m.looked()
	m.quiet()
	m.Sh(t, "kill -9 "+mainPID)
	m.restarted(healsWithin)
	m.untouched("files of /etc")
}
