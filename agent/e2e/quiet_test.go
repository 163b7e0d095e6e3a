package e2e

import (
	"fmt"
	"testing"
	"time"

	"github.com/gatemend/gatemend/agent"
	"github.com/gatemend/gatemend/agent/e2e/machine"
	"github.com/gatemend/gatemend/detect"
)

// calm is what happens on a healthy machine and must raise no incident. A script ends when it is over.
var calm = []struct {
	name   string
	setup  setup
	script string
	except []string // bystanders that the scenario itself changes
}{
	{name: "clients of all sorts", script: bots + leavers + slowClients + boom},
	{name: "slow requests under load", script: `for i in $(seq 12); do curl -s -o /dev/null 'http://shop.example.com/slow?s=1' & done; wait`},
	{name: "deploy by restart", setup: setup{config: patient}, script: `systemctl restart shop` + serves},
	{name: "deploy by restart under load", setup: setup{config: patient}, script: load + `systemctl restart shop` + serves + "kill $load; wait"},
	{name: "deploy by restart under load, tcp", setup: setup{kind: machine.TCP, config: patient}, script: load + `systemctl restart shop` + serves + "kill $load; wait"},
	{name: "deploy by restart under load, activated", setup: setup{kind: machine.Activated, config: patient}, script: load + `systemctl restart shop` + serves + "kill $load; wait"},
	{name: "deploy by HUP", setup: setup{config: patient}, script: `systemctl reload shop` + serves},
	{name: "deploy by a switched link and a restart", except: []string{"files of /etc"},
		setup: setup{prepare: releases, config: patient}, script: `ln -sfn /srv/releases/2 /srv/new; mv -T /srv/new /srv/current; systemctl restart shop` + serves},
	{name: "deploy that stops, copies and starts", except: []string{"files of /srv/shop"},
		setup: setup{config: patient}, script: `systemctl stop shop; cp /srv/shop/app.py /srv/shop/new.py; sleep 2; mv /srv/shop/new.py /srv/shop/app.py; systemctl start shop` + serves},
	{name: "nginx reloaded and restarted", except: []string{"invocation of nginx"},
		script: `systemctl reload nginx` + serves + `systemctl restart nginx` + serves},
	{name: "forged log lines", script: forged},
}

// What clients do to a healthy site.
const (
	bots    = `for i in $(seq 200); do curl -s -o /dev/null http://shop.example.com/wp-login.php?$i; done` + "\n"
	leavers = `for i in $(seq 20); do curl -s -m 0.2 -o /dev/null 'http://shop.example.com/slow?s=1' || true; done` + "\n"

	slowClients = `for i in 1 2 3; do curl -s --limit-rate 100K -o /dev/null 'http://shop.example.com/bytes?n=300000' & done; wait` + "\n"

	boom = `for i in $(seq 50); do curl -s -o /dev/null http://shop.example.com/boom; curl -s -o /dev/null http://shop.example.com/status/502; done` + "\n"

	// serves waits until a client gets an answer.
	serves = "\ntimeout 60 sh -c 'until curl -sf -o /dev/null http://shop.example.com/; do sleep 0.1; done'\n"

	// load is clients that ask all the time, and get nginx's 502 while nobody listens.
	load = `load=
for i in 1 2 3; do while curl -s -o /dev/null http://shop.example.com/ || true; do sleep 0.05; done & load="$load $!"; done` + "\n"

	// releases puts the app into the first of two releases, and has the unit run what a link leads to.
	releases = `mkdir -p /srv/releases/1 /srv/releases/2 /etc/systemd/system/shop.service.d
cp /srv/shop/app.py /srv/releases/1/; cp /srv/shop/app.py /srv/releases/2/; ln -s /srv/releases/1 /srv/current
printf '[Service]\nWorkingDirectory=/srv/current\n' >/etc/systemd/system/shop.service.d/current.conf
systemctl daemon-reload; systemctl restart shop` + serves
)

// TestCalm: nothing that happens on a healthy machine makes an incident or a message, and nothing
// is touched.
func TestCalm(t *testing.T) {
	for _, tt := range calm {
		t.Run(tt.name, func(t *testing.T) {
			m := open(t, tt.setup)
			m.Sh(t, tt.script)
			m.looked()
			m.quiet()
			m.untouched(tt.except...)
		})
	}
}

// looked waits until the agent has found the site well after what happened: what it did not
// take for an outage by then it will not.
func (m *shop) looked() {
	m.tb.Helper()
	over := detect.At(time.Now())
	m.Eventually(m.tb, "the agent found the site well afterwards", 40*time.Second, func() error {
		s, err := m.status()
		if err != nil {
			return err
		}
		for _, r := range s.Routes {
			if r.LastOK <= over || r.State != agent.Idle {
				return fmt.Errorf("route %s%s is %s, last ok %s", r.Site, r.Route, r.State, r.LastOK.Time())
			}
		}
		return nil
	})
}

// status is what the running agent sees.
func (m *shop) status() (s agent.Snapshot, err error) {
	err = m.json(&s, "gatemend", "status", "--json")
	return s, err
}

// told is every message that reached a person, as the command of the configuration got them.
func (m *shop) told() string {
	m.tb.Helper()
	out, err := m.Shell(m.tb.Context(), "cat /var/lib/gatemend/told 2>/dev/null || true")
	if err != nil {
		m.tb.Fatal(err)
	}
	return out
}

// quiet checks that nothing was taken for an outage, and nobody was told of one.
func (m *shop) quiet() {
	m.tb.Helper()
	l, err := m.incidents()
	if err != nil {
		m.tb.Fatal(err)
	}
	for _, i := range l {
		m.tb.Errorf("incident %s is %s: %s: %s", i.ID, i.State, i.Diagnosis.Primary.Cause, i.Reason.Why)
	}
	if told := m.told(); told != "" {
		m.tb.Errorf("told: %s", told)
	}
	if err := m.Serves(m.tb.Context(), machine.URL); err != nil {
		m.tb.Error(err)
	}
}
