package e2e

import (
	"slices"
	"strings"

	"github.com/gatemend/gatemend/agent/e2e/machine"
)

// breakage is a fault that is made on a deployment as it stands, without preparing the machine. It may
// be made in whatever state other faults have left.
type breakage struct{ name, script string }

// wreckage is what can be broken on a deployment: those of the tables that the other tests use, and more,
// which have tests of their own or no cause of their own.
type wreckage struct{ mendable, other []breakage }

func wreckageOf(kind machine.Kind) (k wreckage) {
	for _, f := range mends {
		if slices.Contains(f.on, kind) && f.setup.unit == "" && f.setup.prepare == "" {
			k.mendable = append(k.mendable, breakage{f.name, f.fault})
		}
	}
	for _, f := range persons {
		on := f.setup.kind
		if on == "" {
			on = machine.Unix
		}
		if on == kind && f.setup.unit == "" && f.setup.prepare == "" && f.setup.config == "" {
			k.other = append(k.other, breakage{f.name, f.fault})
		}
	}
	if to := aside[kind]; to != "" {
		away := proxyTo(targets[kind], to) + reloadAndAsk + "\n"
		k.other = append(k.other, breakage{"nginx is sent elsewhere", away})
		k.mendable = append(k.mendable, breakage{"a reload is forgotten", away + "sleep 6\n" + proxyTo(to, targets[kind])})
	}
	if kind != machine.Unix { // there they are in the table of persons
		k.other = append(k.other, anyApp...)
	}
	k.mendable, k.other = append(k.mendable, mendable...), append(k.other, anywhere...)
	return k
}

// anyApp breaks the app whatever it listens on.
var anyApp = []breakage{
	{"import error", `sed -i '1i import nosuchmodule' /srv/shop/app.py; systemctl restart shop || true`},
	{"exception at start", `sed -i '1i raise ValueError("no good")' /srv/shop/app.py; systemctl restart shop || true`},
	{"variable missing", `sed -i /SHOP_GREETING/d /etc/shop/shop.env; systemctl restart shop || true`},
	{"environment file missing", `mv /etc/shop/shop.env /root/shop.env; systemctl restart shop || true`},
	{"user missing", dropIn("[Service]\nUser=nosuchuser")},
	{"the app answers 500", `sed -i 's|return f"{GREETING}.n"|raise RuntimeError("broken")|' /srv/shop/app.py; systemctl restart shop`},
	{"nginx configuration broken and nginx restarted", `echo 'nonsense on;' >/etc/nginx/conf.d/broken.conf; systemctl restart nginx || true`},
}

// mendable is more that the agent can mend, alone; anywhere is what else can happen to every deployment.
var (
	mendable = []breakage{
		{"killed again and again", "for i in 1 2 3; do kill -9 " + mainPID + " || true; sleep 1; done"},
		{"the control group is frozen", "systemctl freeze shop.service"},
		{"the unit was edited, then it falls", "sed -i 's/--workers [0-9]/--workers 3/' /etc/systemd/system/shop.service; kill -9 " + mainPID},
		{"nginx is killed", "systemctl kill -s KILL nginx.service"},
		{"nginx's master is killed", "kill -9 $(systemctl show -P MainPID nginx.service)"},
	}
	anywhere = []breakage{
		{"the service is stopped", "systemctl stop shop.service"},
		{"a worker is killed", "kill -9 $(pgrep -P " + mainPID + " | head -n 1)"},
		{"one worker is stopped", "kill -STOP $(pgrep -P " + mainPID + " | head -n 1)"},
		{"the master alone is stopped", "kill -STOP " + mainPID},
		{"workers end in the middle of requests", strings.Repeat("curl -s -m 5 -o /dev/null http://shop.example.com/exit || true\n", 7)},
		{"every worker deadlocks", `sed -i /GUNICORN_CMD_ARGS/d /etc/shop/shop.env; echo 'GUNICORN_CMD_ARGS="--threads=2"' >>/etc/shop/shop.env; systemctl restart shop || true
` + serves + `for i in $(seq 24); do curl -s -m 1 http://shop.example.com/deadlock >/dev/null & done; wait`},
		{"the unit's file vanishes, then it falls", "rm -f /etc/systemd/system/shop.service; systemctl daemon-reload; kill -9 " + mainPID},
		{"the app's files are not readable", "chown root:root /srv/shop/app.py; chmod 0600 /srv/shop/app.py; systemctl restart shop || true"},
		{"nginx is stopped", "systemctl stop nginx"},
		{"nginx's workers are killed", "kill -9 $(pgrep -P $(systemctl show -P MainPID nginx.service))"},
		{"nginx speaks TLS to the app", "sed -i 's|proxy_pass http://|proxy_pass https://|' /etc/nginx/sites-available/shop\n" + reloadAndAsk},
		{"nginx has no descriptors left", "for p in $(pgrep -P $(systemctl show -P MainPID nginx.service)); do prlimit --pid $p --nofile=12:12; done"},
		{"the loopback is down", "ip link set lo down"},
		{"the disk is full, and it falls", "dd if=/dev/zero of=/fill bs=64k 2>/dev/null || true; kill -9 " + mainPID},
		{"forged log lines", forged},
	}
)

// keepWell remembers the shop as it was deployed, and mendAll is the person who brings all of it back.
// tidied is what a person does in any case: nobody else can.
const (
	keepWell = `mkdir /root/well; for d in /etc/nginx /etc/systemd/system /etc/shop /srv/shop; do cp -a --parents $d /root/well; done`
	tidied   = `rm -f /fill; [ ! -L /run/shop ] || rm /run/shop; ip link set lo up; systemctl thaw shop.service 2>/dev/null || true
`
	mendAll = tidied + `systemctl stop thief squatter 2>/dev/null || true
for d in /etc/nginx /etc/systemd/system /etc/shop /srv/shop; do find $d -mindepth 1 -delete; cp -a /root/well$d/. $d; done
systemctl daemon-reload || systemctl daemon-reload
systemctl kill -s KILL shop.service 2>/dev/null || true
if [ "$(systemctl show -P FreezerState shop.service)" = frozen ]; then # killed while it was: systemd 257 has to forget it
	systemctl reset-failed shop.service || true
	systemctl disable -q shop.service; systemctl enable -q shop.service
fi
systemctl stop shop.service || true
systemctl reset-failed 2>/dev/null || true
if [ -e /etc/systemd/system/shop.socket ]; then systemctl restart shop.socket; fi
systemctl restart shop nginx
`
)
