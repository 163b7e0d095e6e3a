package e2e

import (
	"fmt"
	"strings"
	"testing"

	"github.com/gatemend/gatemend/agent/e2e/machine"
)

// captive is an agent that was taken over: a shell as its user, with its groups, and without the
// confinement of its unit. The agent itself does not run: what is done is the attacker's.
type captive struct{ *shop }

const asAgent = "setpriv --reuid gatemend --regid gatemend --groups adm,systemd-journal --no-new-privs "

// asks is a client of the helper that says what it likes: "asks SOCKET LINE…".
const asks = `#!/usr/bin/python3
import socket, sys
for line in sys.argv[2:]:
    s = socket.socket(socket.AF_UNIX)
    s.settimeout(240)  # a job that systemd lost among reloads has the deadline of its unit, 190 s
    s.connect("/run/gatemend-helper/%s.sock" % sys.argv[1])
    s.sendall(line.encode("latin-1") + b"\n")
    answer = b""
    while True:
        got = s.recv(65536)
        if not got: break
        answer += got
    print(answer.decode() or "closed")
`

// capture opens a shop whose agent is in a stranger's hands.
func capture(t *testing.T, suite machine.Suite, s setup) captive {
	t.Helper()
	s.suite, s.idle = suite, true
	c := captive{open(t, s)}
	c.write("/usr/local/bin/asks", 0o755, asks)
	return c
}

// both runs a test on each Debian: systemd 252 and 257.
func both(t *testing.T, test func(t *testing.T, suite machine.Suite)) {
	for _, suite := range []machine.Suite{machine.Bookworm, machine.Trixie} {
		t.Run(string(suite), func(t *testing.T) { test(t, suite) })
	}
}

// cannot runs a script as the agent's user, which must fail.
func (c captive) cannot(script string) {
	c.tb.Helper()
	r := c.command("sh", "-c", asAgent+"sh -c '"+strings.ReplaceAll(script, "'", `'\''`)+"'")
	if r.code == 0 {
		c.tb.Errorf("the agent's user can: %s\n%s", script, r.out)
	}
}

// refused asks for each line, all of which must be refused for that reason.
func (c captive) refused(socket, why string, lines ...string) {
	c.tb.Helper()
	for _, l := range lines {
		answer := c.answer(socket, l)
		if !strings.Contains(answer, `"error":"`) || !strings.Contains(answer, why) {
			c.tb.Errorf("%s %q is answered %.300s, want a refusal: %s", socket, l, answer, why)
		}
	}
}

// answer is what the helper says to one line.
func (c captive) answer(socket, line string) string {
	c.tb.Helper()
	r := c.command("sh", "-c", fmt.Sprintf("%sasks %s '%s'", asAgent, socket, line))
	if r.code != 0 {
		c.tb.Errorf("%q is not answered: %s%s", line, r.out, r.err)
	}
	return strings.TrimSpace(r.out)
}

// running are the invocations and modes that no attack may change.
func (c captive) running() string {
	return c.Sh(c.tb, `for u in shop nginx decoy dbus; do systemctl show -P InvocationID -P MainPID $u; done; stat -c '%n %a %U %G %i' /run/shop /run/shop/shop.sock /etc/shadow /run/dbus/system_bus_socket`)
}

// whole fails the test when anything differs from what was running before.
func (c captive) whole(was string) {
	c.tb.Helper()
	if now := c.running(); now != was {
		c.tb.Errorf("something was changed:\n%s", differ(was, now))
	}
	c.untouched()
}

// TestCaptiveByItself: what the agent's user can do without the helper is nothing.
func TestCaptiveByItself(t *testing.T) {
	both(t, func(t *testing.T, suite machine.Suite) {
		c := capture(t, suite, setup{prepare: "install -d -m 0755 /etc/ssl/private; install -m 0600 /dev/null /etc/ssl/private/shop.key"})
		was := c.running()
		for _, script := range []string{
			"systemctl --no-ask-password restart shop.service", "systemctl --no-ask-password stop decoy.service", "systemctl --no-ask-password restart ssh.service",
			"systemctl --no-ask-password daemon-reload", "systemctl --no-ask-password kill nginx.service", "systemctl --no-ask-password set-property shop.service CPUQuota=1%",
			"systemd-run --no-ask-password --wait touch /run/owned", "systemd-run --no-ask-password --unit shop2 touch /run/owned",
			"busctl call org.freedesktop.systemd1 /org/freedesktop/systemd1 org.freedesktop.systemd1.Manager StartUnit ss shop.service fail",
			"kill -9 $(systemctl show -P MainPID nginx)", "kill -9 $(systemctl show -P MainPID shop)",
			"cat /etc/ssl/private/shop.key", "cat /etc/shop/shop.env", "cat /etc/shadow",
			"cat /proc/$(systemctl show -P MainPID shop)/environ", "cat /proc/$(systemctl show -P MainPID nginx)/environ", "cat /proc/1/environ",
			"touch /etc/owned", "echo mode: act >>/etc/gatemend/gatemend.yaml", "touch /etc/gatemend/x", "touch /etc/systemd/system/owned.service",
			"touch /run/systemd/system/owned.service", "touch /run/gatemend-helper/effects", "rm /run/gatemend-helper/act.sock", "ls /var/lib/gatemend-helper",
			"mkdir /var/lib/gatemend-holds", "chmod 777 /run/shop/shop.sock", "sudo -n true", "nginx -s reload",
		} {
			c.cannot(script)
		}
		c.Sh(t, "! test -e /run/owned; ! test -e /etc/owned")
		c.whole(was)
		// Others than the agent's user do not even reach the helper.
		for _, user := range []string{"shop", "www-data", "nobody"} {
			if r := c.command("runuser", "-u", user, "--", "asks", "act", "restart shop / unit"); r.code == 0 || !strings.Contains(r.err, "PermissionError") {
				t.Errorf("%s reaches the helper: %s%s", user, r.out, r.err)
			}
		}
	})
}

// TestCaptiveAsksTheHelper: the helper does what the configuration names, and only while it may.
func TestCaptiveAsksTheHelper(t *testing.T) {
	both(t, func(t *testing.T, suite machine.Suite) {
		c := capture(t, suite, setup{sites: func(shop string) string {
			observed := strings.NewReplacer("  shop:", "  decoy:", "shop.example.com", "decoy.example.com", "unix:/run/shop/shop.sock", "127.0.0.1:9999", "shop.service", "decoy.service", "manage: act", "manage: observe")
			return shop + observed.Replace(shop)
		}})
		was := c.running()
		c.refused("act", "no site", "restart ssh / unit", "restart ../shop / unit")
		c.refused("act", "no route", "restart shop /api unit")
		c.refused("act", "manage: observe", "restart decoy / unit", "start decoy / unit", "end-leftovers decoy / unit", "reset-failed decoy / unit", "reload decoy / nginx")
		c.refused("act", "", "restart ssh.service / unit", "restart shop / ssh.service", "restart shop / unit ssh.service", "stop shop / unit", "kill shop / unit", "restart", "", "restart shop / nginx",
			"set-mode shop /etc/shadow socket 0666", "run /bin/sh", "daemon-reload", "start shop / socket", "restart%20shop / unit", "restart shop  / unit")
		c.refused("act", "wider", "set-mode shop / socket 0777", "set-mode shop / socket 0666", "set-mode shop / dir 0777", "set-mode shop / socket 0770 root", "set-mode shop / dir 0755")
		c.refused("act", "", "set-mode shop / socket 4770", "set-mode shop / socket 7777", "set-mode shop / socket 0770 gatemend")
		c.refused("act", "only root can", "asked root shop", "asked ann shop")
		c.refused("look", "", "path shop /etc/shadow", "fingerprints /etc/shadow", "connect decoy /etc", "nginx-dump", "read /etc/shadow", "unit shop / ssh.service", "restart shop / unit")
		c.whole(was)

		c.Sh(t, "gatemend pause --site shop --for 1h --reason deploy")
		for _, line := range []string{"restart shop / unit", "start shop / unit", "end-leftovers shop / unit", "set-mode shop / socket 0660", "reload shop / nginx", "daemon-reload shop / unit", "reset-failed shop / unit"} {
			c.refused("act", "held by", line)
		}
		c.Sh(t, "gatemend resume")
		c.Sh(t, "chmod 0666 /etc/gatemend/gatemend.yaml")
		c.refused("act", "may be written by", "restart shop / unit")
		c.refused("look", "may be written by", "path shop /")
		c.Sh(t, "chmod 0640 /etc/gatemend/gatemend.yaml")
		c.whole(was)

		// A mad agent is stopped by the number of things in an hour.
		for range 29 {
			c.answer("act", "reset-failed shop / unit")
		}
		c.refused("act", "in the last hour", "reset-failed shop / unit", "restart shop / unit")
		c.whole(was)
	})
}

// TestExposure holds the units to what systemd itself thinks of them.
func TestExposure(t *testing.T) {
	both(t, func(t *testing.T, suite machine.Suite) {
		c := capture(t, suite, setup{})
		for unit, most := range map[string]string{"gatemend.service": "18", "gatemend-helper.service": "30"} {
			out := c.Sh(t, "systemd-analyze security --offline=true --no-pager --threshold="+most+" /etc/systemd/system/"+unit+" | tail -n 1")
			t.Log(strings.TrimSpace(out))
			if !strings.Contains(out, "exposure level") {
				t.Errorf("%s: %q", unit, out)
			}
		}
	})
}
