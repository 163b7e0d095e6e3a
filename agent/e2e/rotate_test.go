package e2e

import (
	"testing"

	"github.com/gatemend/gatemend/agent"
)

// rotations are the ways in which nginx's logs are rotated, and what happens to them by accident.
var rotations = []struct{ name, script string }{
	{"renamed, then USR1", `cd /var/log/nginx; mv error.log error.log.1; mv access.log access.log.1; ` + reopen},
	{"by logrotate as Debian does it", `logrotate -f /etc/logrotate.d/nginx; test -e /var/log/nginx/access.log.1`},
	{"copied and truncated", read + `cd /var/log/nginx; for l in error access; do cp $l.log $l.log.1; : >$l.log; done`},
	{"the directory gone and back", `mv /var/log/nginx /var/log/gone; mkdir /var/log/nginx; ` + reopen},
	{"the files gone, nothing reopened until later", `rm /var/log/nginx/*.log; ` + dead + reopen},
	{"twice in a row", `cd /var/log/nginx; for i in 1 2; do for l in error access; do mv $l.log $l.log.$i; done; ` + reopen + `done`},
}

const (
	reopen = "systemctl kill -s USR1 --kill-who=main nginx; timeout 20 sh -c 'until test -e /var/log/nginx/access.log; do sleep 0.1; done'\n"

	// read waits until the agent has read what is there, as its probe in the access log shows: what was
	// written between its last look and a truncation cannot be known.
	read = "timeout 30 sh -c 'until tail -n 1 /var/log/nginx/access.log | grep -q gatemend/; do sleep 0.1; done'; sleep 0.5\n"

	// dead asks what nginx answers with 502 by itself, for a real client, while the shop is well.
	dead = "curl -s -o /dev/null http://shop.example.com/dead\n"

	deadLocation = `sed -i 's|location / {|location /dead { proxy_pass http://127.0.0.1:1; }\n location / {|' /etc/nginx/sites-available/shop
nginx -t -q; systemctl reload nginx` + serves
)

// TestRotation: of the five errors that make a site degraded, two are written before a rotation
// and three after it. One line lost, and nobody would hear of it.
func TestRotation(t *testing.T) {
	for _, tt := range rotations {
		t.Run(tt.name, func(t *testing.T) {
			m := open(t, setup{prepare: deadLocation, config: graceOver})
			before, after := dead+dead, dead+dead+dead
			if tt.name == "the files gone, nothing reopened until later" {
				after = dead + dead // the third is written into a file without a name
			}
			m.Sh(t, before+tt.script+"\n"+after)
			i := m.in(agent.Degraded, healsWithin)
			m.did(i)
			m.audited()
		})
	}
}
