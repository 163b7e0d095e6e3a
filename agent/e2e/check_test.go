package e2e

import (
	"strings"
	"testing"
	"time"

	"github.com/gatemend/gatemend/agent"
)

// TestCheckOnTheMachine: what the configuration names and the machine does not have is fatal, with
// its line and what to write instead; but for what may be the outage of a site that was once well.
func TestCheckOnTheMachine(t *testing.T) {
	m := open(t, setup{idle: true})
	m.ends(m.verb("check"), 0, "is valid: 1 site, mode act")

	edited := func(from, to string) string {
		m.Sh(t, "sed 's#"+from+"#"+to+"#' /etc/gatemend/gatemend.yaml >/root/edited.yaml; chmod 600 /root/edited.yaml")
		return "/root/edited.yaml"
	}
	m.ends(m.verb("check", "--config", edited("shop.service", "shpo.service")), 2, "shpo.service does not exist on this machine", "systemctl list-unit-files")
	m.ends(m.verb("run", "--config", "/root/edited.yaml"), 2, "shpo.service does not exist")
	m.Sh(t, "ln -s shop.service /etc/systemd/system/store.service; systemctl daemon-reload")
	m.ends(m.verb("check", "--config", edited("shop.service", "store.service")), 2, "store.service is another name of shop.service; write shop.service")
	m.Sh(t, "rm /etc/systemd/system/store.service; systemctl daemon-reload")
	m.ends(m.verb("check", "--config", edited("/run/shop/shop.sock", "/run/shop/shpo.sock")), 2, "shop.service listens on unix:/run/shop/shop.sock, not on")
	if r := m.verb("check", "--config", edited("/run/shop/shop.sock", "/run/shop/shpo.sock"), "--json"); r.code != 2 || !strings.Contains(r.out, `"line": `) || r.err != "" {
		t.Errorf("as JSON: %+v", r)
	}

	m.Sh(t, "systemctl stop shop")
	m.ends(m.verb("check"), 2, "there is no socket /run/shop/shop.sock")
	m.Sh(t, `systemctl start gatemend || true
timeout 20 sh -c 'until [ "$(systemctl show -P ExecMainStatus gatemend)" = 2 ]; do sleep 0.1; done'`)
	m.Sh(t, "systemctl start shop") // the agent is started again by systemd, and finds the socket
	m.verified()
	m.Sh(t, "systemctl stop gatemend; systemctl stop shop")
	m.ends(m.verb("check"), 0, "there is no socket /run/shop/shop.sock", "is valid")
}

// TestTheUnitVanished: an agent that starts while the unit of a site that was well is gone watches and
// tells, as one that ran does: with the unit's file away after a reboot, nobody else would.
func TestTheUnitVanished(t *testing.T) {
	m := open(t, setup{})
	m.Sh(t, "systemctl stop gatemend; mv /etc/systemd/system/shop.service /root/; systemctl daemon-reload; kill -9 "+mainPID+"; systemctl reset-failed shop || true")
	m.ends(m.verb("check"), 0, "shop.service does not exist on this machine", "is valid")
	m.Sh(t, "systemctl start gatemend")
	i := m.in(agent.Escalated, 40*time.Second)
	m.tells(i, i.Diagnosis.Primary.Cause, "shop.service has no unit file: bring /etc/systemd/system/shop.service back")
	m.did(i)
	m.Sh(t, "mv /root/shop.service /etc/systemd/system/; systemctl daemon-reload; systemctl start shop")
	m.in(agent.Recovered, 60*time.Second)
}

// TestSocketOutsideRun: the helper's unit makes everything but /run read-only, so a mode elsewhere
// cannot be given back before a person has allowed it. It is said with what to add.
func TestSocketOutsideRun(t *testing.T) {
	m := open(t, setup{
		prepare: `install -d -o shop -g www-data /srv/shop/run
sed -i 's#/run/shop/shop.sock#/srv/shop/run/shop.sock#' /etc/systemd/system/shop.service /etc/nginx/sites-available/shop /etc/gatemend/gatemend.yaml
systemctl daemon-reload && systemctl restart shop && systemctl reload nginx`,
	})
	const add = "add ReadWritePaths=-/srv/shop/run to [Service]"
	m.ends(m.verb("check"), 0, add)
	m.ends(m.verb("diagnose"), 0, add)
	m.Sh(t, `mkdir -p /etc/systemd/system/gatemend-helper.service.d
printf '[Service]\nReadWritePaths=-/srv/shop/run\n' >/etc/systemd/system/gatemend-helper.service.d/sockets.conf
systemctl daemon-reload && systemctl stop gatemend-helper && systemctl restart gatemend`)
	m.verified()
	if r := m.verb("check"); strings.Contains(r.err, "ReadWritePaths") {
		t.Errorf("it is still said: %s", r.err)
	}
	m.Sh(t, "chmod 0600 /srv/shop/run/shop.sock")
	m.answersAgain(healsWithin)
}
