package e2e

import (
	"testing"
	"time"

	"github.com/gatemend/gatemend/agent/e2e/machine"
	"github.com/gatemend/gatemend/detect"
	"github.com/gatemend/gatemend/policy"
)

// mainPID is the gunicorn master's PID in a script.
const mainPID = `$(systemctl show -P MainPID shop.service)`

// mends is every fault that the agent mends by itself, broken the way it happens.
var mends = []struct {
	name   string
	on     []machine.Kind
	setup  setup
	fault  string
	within time.Duration
	cause  detect.Cause
	verbs  []policy.Verb
	except []string // bystanders that the fault or its remedy concerns
}{
	{name: "master killed, idle", on: []machine.Kind{machine.Unix, machine.TCP},
		fault: "kill -9 " + mainPID, within: 45 * time.Second,
		cause: detect.GunicornCrashed, verbs: []policy.Verb{policy.RestartUnit}},
	{name: "master killed with a slow request in flight", on: []machine.Kind{machine.Unix, machine.TCP},
		fault: `curl -s "http://shop.example.com/slow?s=80" >/dev/null 2>&1 &
timeout 20 sh -c 'until ss -xtn state established | grep -q "shop.sock\|:8000"; do sleep 0.1; done'
kill -9 ` + mainPID, within: 45 * time.Second,
		cause: detect.GunicornCrashed, verbs: []policy.Verb{policy.EndLeftoversRestart}},
	{name: "ended by a TERM from outside", on: []machine.Kind{machine.Unix, machine.TCP},
		fault: "kill -TERM " + mainPID, within: 45 * time.Second,
		cause: detect.GunicornStopped, verbs: []policy.Verb{policy.StartUnit}},
	{name: "the socket is removed", on: []machine.Kind{machine.Unix},
		fault: "rm /run/shop/shop.sock", within: 45 * time.Second,
		cause: detect.SocketMissing, verbs: []policy.Verb{policy.RestartUnit}},
	{name: "the socket's mode is changed", on: []machine.Kind{machine.Unix, machine.Activated},
		fault: "chmod 0000 /run/shop.sock /run/shop/shop.sock 2>/dev/null || true", within: 45 * time.Second,
		cause: detect.SocketPermission, verbs: []policy.Verb{policy.FixSocketMode}},
	{name: "the socket's group is changed", on: []machine.Kind{machine.Unix},
		fault: "chgrp root /run/shop/shop.sock", within: 45 * time.Second,
		cause: detect.SocketPermission, verbs: []policy.Verb{policy.FixSocketMode}},
	{name: "the runtime directory is closed", on: []machine.Kind{machine.Unix},
		fault: "chmod 0700 /run/shop", within: 45 * time.Second,
		cause: detect.SocketDirPerm, verbs: []policy.Verb{policy.FixDirMode}},
	{name: "every process is stopped by SIGSTOP", on: []machine.Kind{machine.Unix, machine.TCP, machine.Activated},
		fault: "systemctl kill -s STOP shop.service", within: 75 * time.Second,
		cause: detect.GunicornHung, verbs: []policy.Verb{policy.EndLeftoversRestart}},
	{name: "nginx is killed", on: []machine.Kind{machine.Unix},
		fault: "systemctl kill -s KILL nginx.service", within: 45 * time.Second,
		cause: detect.NginxDown, verbs: []policy.Verb{policy.StartNginx}, except: []string{"invocation of nginx"}},
	{name: "the start limit is hit by kills from outside", on: []machine.Kind{machine.Unix},
		setup: setup{unit: "[Unit]\nStartLimitBurst=3\nStartLimitIntervalSec=60\n[Service]\nRestart=always\nRestartSec=100ms\n"},
		// The agent waits meanwhile: else this would kill what the agent has started again.
		fault: `systemctl kill -s STOP gatemend || true
until [ "$(systemctl show -P SubState shop)" = failed ]; do
	p=` + mainPID + `; [ "$p" = 0 ] || kill -9 "$p" || true; sleep 0.2
done
systemctl kill -s CONT gatemend || true`, within: 75 * time.Second,
		cause: detect.StartLimitHit, verbs: []policy.Verb{policy.ResetFailedStart}},
	{name: "the activated socket's file is removed", on: []machine.Kind{machine.Activated},
		fault: "rm /run/shop.sock", within: 45 * time.Second,
		cause: detect.SocketMissing, verbs: []policy.Verb{policy.RestartSocket}},
}

func TestHeals(t *testing.T) {
	for _, tt := range mends {
		for _, kind := range tt.on {
			t.Run(tt.name+" "+string(kind), func(t *testing.T) {
				s := tt.setup
				s.kind = kind
				m := open(t, s)
				m.Sh(t, tt.fault)
				m.healed(tt.within, tt.cause, tt.verbs...)
				m.untouched(tt.except...)
			})
		}
	}
}

// TestDeadlock takes its time: nothing may have completed for the app's own timeout and 10 s more.
func TestDeadlock(t *testing.T) {
	m := open(t, setup{prepare: `echo 'GUNICORN_CMD_ARGS="--threads=2"' >>/etc/shop/shop.env; systemctl restart shop`})
	m.Sh(t, `for i in 1 2 3 4 5 6 7 8 9 10; do curl -s -m 1 http://shop.example.com/deadlock >/dev/null & done; wait`)
	m.healed(120*time.Second, detect.GunicornHung, policy.EndLeftoversRestart)
	m.untouched()
}

// TestSystemdGoesFirst: Restart= mends the crash, and the agent lets it.
func TestSystemdGoesFirst(t *testing.T) {
	m := open(t, setup{unit: "[Service]\nRestart=on-failure\nRestartSec=1\n"})
	m.Sh(t, "kill -9 "+mainPID)
	m.answersAgain(healsWithin)
	l, err := m.incidents()
	if err != nil {
		t.Fatal(err)
	}
	for _, i := range l {
		m.did(i) // seen perhaps, acted on never
	}
	m.untouched()
}

// TestActivatedComesBackByItself: the next connection starts the service again.
func TestActivatedComesBackByItself(t *testing.T) {
	m := open(t, setup{kind: machine.Activated})
	m.Sh(t, "kill -9 "+mainPID)
	m.answersAgain(healsWithin)
	l, err := m.incidents()
	if err != nil {
		t.Fatal(err)
	}
	for _, i := range l {
		m.did(i)
	}
}

func (m *shop) answersAgain(within time.Duration) {
	m.tb.Helper()
	m.Eventually(m.tb, "the site answers again", within, func() error { return m.Serves(m.tb.Context(), machine.URL) })
}
