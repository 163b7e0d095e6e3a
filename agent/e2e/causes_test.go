package e2e

import (
	"cmp"
	"slices"
	"testing"
	"time"

	"github.com/gatemend/gatemend/agent"
	"github.com/gatemend/gatemend/agent/e2e/machine"
	"github.com/gatemend/gatemend/detect"
	"github.com/gatemend/gatemend/policy"
)

// trouble is a cause, produced the way it happens.
type trouble struct {
	name   string
	on     machine.Kind
	fault  string
	state  agent.State // Escalated if empty; Recovered where the agent mends it
	cause  detect.Cause
	names  []string      // what a person must be told
	verbs  []policy.Verb // what is done about it
	within time.Duration // 90 s if 0
	mend   string        // what undoes it, beside bringing back every file

	prepare string        // how the shop is another one before it breaks
	fix     string        // what a person does then, where what follows is another cause
	left    detect.Cause  // that cause
	fixed   []policy.Verb // and what mends it
}

// aMachine is how many troubles one machine has: they come one after the other.
const aMachine = 15

// TestCauses produces each cause on each release, one after the other on a machine of each deployment:
// the agent names it, tells what a person must know, and does what the cause allows and no more.
func TestCauses(t *testing.T) {
	for _, suite := range machine.Suites {
		for _, kind := range machine.Kinds {
			for list := range slices.Chunk(troublesOf(suite, kind), aMachine) {
				t.Run(string(suite)+" "+string(kind), func(t *testing.T) {
					m := open(t, setup{suite: suite, kind: kind, prepare: asDeployed})
					for _, tt := range list {
						t.Run(tt.name, func(t *testing.T) { m.troubled(t, tt) })
					}
				})
			}
		}
	}
}

// troublesOf is what is produced on one machine. What tests of their own produce on Debian 12 is
// repeated here on 13, where its versions may say it in other words.
func troublesOf(suite machine.Suite, kind machine.Kind) (list []trouble) {
	all := slices.Clone(troubles)
	if suite == machine.Trixie {
		all = slices.Concat(all, elsewhere, again())
	}
	for _, tt := range all {
		if cmp.Or(tt.on, machine.Unix) == kind {
			list = append(list, tt)
		}
	}
	return list
}

// again is every fault of TestHeals and TestEscalates that needs no other configuration.
func again() (list []trouble) {
	for _, tt := range mends {
		for _, kind := range tt.on {
			list = append(list, trouble{name: tt.name, on: kind, prepare: prepared(tt.setup), fault: tt.fault, state: agent.Recovered, cause: tt.cause, verbs: tt.verbs, within: tt.within})
		}
	}
	for _, tt := range persons {
		if tt.setup.config == "" {
			list = append(list, trouble{name: tt.name, on: tt.setup.kind, prepare: prepared(tt.setup), fault: tt.fault, cause: tt.cause, names: tt.names})
		}
	}
	return list
}

// prepared does on a machine that runs what [open] does before it starts the agent.
func prepared(s setup) string {
	if s.unit == "" {
		return s.prepare
	}
	return "mkdir -p /etc/systemd/system/shop.service.d; cat >/etc/systemd/system/shop.service.d/test.conf <<'END'\n" + s.unit +
		"END\nsystemctl daemon-reload; systemctl restart shop\n" + s.prepare
}

// troubled breaks the shop, asks what a person would, and leaves it well.
func (m *shop) troubled(t *testing.T, tt trouble) {
	one := *m
	one.tb = t
	defer func() {
		one.Sh(t, "systemctl stop gatemend\n"+tt.mend+anew+"systemctl start gatemend")
		one.verified()
	}()
	if tt.prepare != "" {
		one.Sh(t, "systemctl stop gatemend\n"+tt.prepare+serves+"systemctl start gatemend")
		one.verified()
	}
	one.Sh(t, tt.fault)
	began := time.Now()
	i := one.in(cmp.Or(tt.state, agent.Escalated), cmp.Or(tt.within, 90*time.Second))
	t.Logf("%s %.1f s after the fault", i.State, time.Since(began).Seconds())
	one.causeWas(i, tt.cause)
	one.did(i, tt.verbs...)
	one.audited()
	if i.State != agent.Recovered {
		one.tells(i, tt.cause, tt.names...)
	}
	if tt.fix != "" {
		one.Sh(t, tt.fix)
		i = one.in(agent.Recovered, 90*time.Second)
		one.causeWas(i, tt.left)
		one.did(i, tt.fixed...)
	}
	one.untouched("files of /etc", "files of /srv/shop", "units", "invocation of nginx")
}

// asDeployed remembers the shop's files.
const asDeployed = `mkdir /root/well; for d in /etc/nginx /etc/systemd/system /etc/shop /srv/shop; do cp -a --parents $d /root/well; done`

// anew gives the next trouble the shop as it was deployed, and its agent nothing to remember. The
// journal goes too: it holds hashes of the agent's record, and would tell that the record is another.
const anew = `
systemctl stop thief squatter 2>/dev/null || true
systemctl thaw shop 2>/dev/null || true
[ ! -L /run/shop ] || rm /run/shop
for d in /etc/nginx /etc/systemd/system /etc/shop /srv/shop; do find $d -mindepth 1 -delete; cp -a /root/well/$d/. $d; done
systemctl daemon-reload
systemctl reset-failed 2>/dev/null || true
systemctl list-unit-files -q shop.socket >/dev/null && systemctl restart shop.socket
systemctl kill -s KILL shop 2>/dev/null || true
journalctl -q --rotate; rm -f /run/log/journal/*/*@* /var/log/journal/*/*@*
rm -rf /var/lib/gatemend/*
systemctl restart shop nginx
` + serves + `
truncate -s 0 /var/log/nginx/*.log
`
