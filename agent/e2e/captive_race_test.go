package e2e

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/gatemend/gatemend/agent/e2e/machine"
)

// victim is a socket of root's that is none of the shop's: nginx's user may connect, nobody may change it.
const victim = `#!/usr/bin/python3
import os, socket
s = socket.socket(socket.AF_UNIX)
s.bind("/run/victim.sock"); os.chmod("/run/victim.sock", 0o606); s.listen(64)
while True:
    c, _ = s.accept(); c.close()
`

// swap lends the shop's path to the victim, over and over: by a symbolic link as the app's own user can,
// and by a hard link, which he could where fs.protected_hardlinks is 0.
const swap = `#!/usr/bin/python3
import os, sys
link = os.symlink if sys.argv[1] == "symlink" else os.link
path, real = "/run/shop/shop.sock", "/run/shop/real"
while True:
    os.rename(path, real)
    link("/run/victim.sock", path)
    os.unlink(path)
    link("/run/victim.sock", path)
    os.rename(real, path)
`

// takes collects the connections that the helper passes, and says who is at their other ends.
const takes = `#!/usr/bin/python3
import socket, struct, sys
seen = {}
for _ in range(int(sys.argv[1])):
    s = socket.socket(socket.AF_UNIX); s.settimeout(30)
    s.connect("/run/gatemend-helper/look.sock")
    s.sendall(b"connect shop /\n")
    text, fds, _, _ = socket.recv_fds(s, 65536, 4)
    what = "refused" if b'"error"' in text else "none"
    for fd in fds:
        c = socket.socket(fileno=fd)
        uid = struct.unpack("3i", c.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12))[1]
        what = "%s of uid %d" % (c.getpeername(), uid)
        c.close()
    seen[what] = seen.get(what, 0) + 1
    s.close()
for what in sorted(seen): print(what, seen[what])
`

// TestCaptiveRaces: the agent and the app are in the same strange hands, and exchange the socket while the
// helper looks and acts.
func TestCaptiveRaces(t *testing.T) {
	both(t, func(t *testing.T, suite machine.Suite) {
		c := capture(t, suite, setup{})
		for name, text := range map[string]string{"victim": victim, "swap": swap, "takes": takes} {
			c.write("/usr/local/bin/"+name, 0o755, text)
		}
		c.Sh(t, "systemd-run -q --unit victim victim; timeout 10 sh -c 'until test -S /run/victim.sock; do sleep 0.05; done'")
		for _, link := range []string{"symlink", "link"} {
			c.Sh(t, "systemd-run -q --unit swap swap "+link)
			passed := c.Sh(t, asAgent+"takes 300")
			t.Logf("%s: %s", link, strings.ReplaceAll(passed, "\n", ", "))
			if strings.Contains(passed, "victim") || strings.Contains(passed, "of uid 0 ") {
				t.Errorf("by a %s a connection to another's socket was passed:\n%s", link, passed)
			}
			done := 0
			for range 4 {
				// More tries than the ledger lets pass: it is forgotten in between.
				c.Sh(t, "rm -f /run/gatemend-helper/effects")
				out := c.Sh(t, asAgent+"asks act "+strings.Repeat("'set-mode shop / socket 0770 www-data' ", 25))
				done += strings.Count(out, `"after":"0770`)
			}
			t.Logf("%s: of 100 changes of mode %d were made", link, done)
			if mode := c.Sh(t, "stat -c '%a %U %G' /run/victim.sock"); mode != "606 root root\n" {
				t.Fatalf("by a %s the victim's mode was changed: %s", link, mode)
			}
			c.Sh(t, "systemctl stop swap; test ! -e /run/shop/real || mv /run/shop/real /run/shop/shop.sock")
		}
		c.answers()
		c.untouched()
	})
}

// TestCaptiveVanishingUnit: while a unit file comes and goes, nobody's command is run in its name.
func TestCaptiveVanishingUnit(t *testing.T) {
	both(t, func(t *testing.T, suite machine.Suite) {
		c := capture(t, suite, setup{})
		c.write("/usr/local/bin/flip", 0o755, `#!/bin/sh
cd /etc/systemd/system
while :; do mv shop.service /root/; systemctl daemon-reload; mv /root/shop.service .; systemctl daemon-reload; done
`)
		c.write("/usr/local/bin/owns", 0o755, `#!/bin/sh
for i in $(seq 40); do
	busctl --allow-interactive-authorization=no call org.freedesktop.systemd1 /org/freedesktop/systemd1 org.freedesktop.systemd1.Manager StartTransientUnit 'ssa(sv)a(sa(sv))' \
		shop.service replace 1 ExecStart 'a(sasb)' 1 /usr/bin/touch 2 touch /run/owned false 0 && echo started
	systemctl --no-ask-password start shop.service && echo started
done 2>/dev/null
true
`)
		c.Sh(t, "systemctl stop shop; systemd-run -q --unit flip flip")
		out := c.Sh(t, "("+asAgent+"owns) & "+asAgent+"asks act "+strings.Repeat("'start shop / unit' 'reset-failed shop / unit' ", 12)+"; wait")
		t.Logf("refused %d of 24", strings.Count(out, `"error"`))
		c.Sh(t, "systemctl stop flip; test -e /etc/systemd/system/shop.service || mv /root/shop.service /etc/systemd/system/; systemctl daemon-reload; systemctl start shop")
		if strings.Contains(out, "started") {
			t.Errorf("the agent's user started a unit:\n%s", out)
		}
		c.Sh(t, "! test -e /run/owned")
		c.answers()
	})
}

// flood opens connections and says half a line on each, a byte now and then.
const flood = `#!/usr/bin/python3
import socket, time
conns, line = [], b"restart shop / un"
while True:
    for name in ("look", "act"):
        try:
            s = socket.socket(socket.AF_UNIX); s.setblocking(False)
            s.connect("/run/gatemend-helper/%s.sock" % name)
            s.send(line[:3]); conns.append(s)
        except OSError: pass
    for s in conns[-200:]:
        try: s.send(b"x")
        except OSError: s.close()
    conns = conns[-400:]
    time.sleep(0.001)
`

// TestCaptiveFloods: half lines and slow clients without end do not keep root from its own helper.
func TestCaptiveFloods(t *testing.T) {
	both(t, func(t *testing.T, suite machine.Suite) {
		c := capture(t, suite, setup{})
		c.write("/usr/local/bin/flood", 0o755, flood)
		c.write("/usr/local/bin/slow", 0o755, "#!/bin/bash\ns=$(date +%s%N); asks \"$@\" >/dev/null; echo $((($(date +%s%N) - s) / 1000000))\n")
		c.Sh(t, "systemd-run -q --unit flood -p User=gatemend -p LimitNOFILE=2000 flood")
		slowest := 0
		for range 20 {
			for _, ask := range []string{"act 'asked ann shop'", "look 'path shop /'"} {
				ms, err := strconv.Atoi(strings.TrimSpace(c.Sh(t, "slow "+ask)))
				if err != nil {
					t.Fatal(err)
				}
				slowest = max(slowest, ms)
			}
		}
		both := c.Sh(t, "systemctl show -P ActiveState -P NRestarts gatemend-helper flood")
		t.Logf("flooded, the slowest of 40 answers to root took %d ms", slowest)
		if slowest > 5000 {
			t.Errorf("root waited %d ms", slowest)
		}
		if got := strings.Fields(both); !slices.Equal(got, []string{"0", "active", "0", "active"}) {
			t.Errorf("the helper or the flood ended: %q", got)
		}
		c.Sh(t, "systemctl stop flood")
		c.Eventually(t, "the helper ends when nobody asks", 40*time.Second, func() error {
			if s := strings.TrimSpace(c.Sh(t, "systemctl show -P ActiveState gatemend-helper")); s != "inactive" {
				return fmt.Errorf("it is %s", s)
			}
			return nil
		})
		c.Sh(t, "systemctl start gatemend")
		c.verified()
		c.untouched()
	})
}
