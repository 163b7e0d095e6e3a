package e2e

import (
	"testing"
	"time"

	"github.com/gatemend/gatemend/agent"
	"github.com/gatemend/gatemend/detect"
	"github.com/gatemend/gatemend/policy"
)

// wrapped is a gunicorn behind a shell that ends with a status of its own, also when it is stopped.
const wrapped = `[Service]
Type=simple
ExecStart=
ExecStart=/bin/sh -c 'trap "exit 7" TERM; /usr/bin/gunicorn --workers 2 --umask 007 --bind unix:/run/shop/shop.sock app:app & wait $!; exit 7'
`

// TestFailedUnsaid: PID 1's word tells a stop from a failure where both end alike. With it what failed is started
// at once; where the journal cannot be read, it may have been a person, and is not.
func TestFailedUnsaid(t *testing.T) {
	m := open(t, setup{unit: wrapped, config: "operator_stop: {tell: 5s, start_after: 15m}\n" + patient})
	m.Sh(t, "kill -9 $(pgrep -P "+mainPID+")")
	m.healed(healsWithin, detect.GunicornCrashed, policy.RestartUnit)
	m.Sh(t, "chmod 0 /usr/bin/journalctl; systemctl stop shop")
	i := m.in(agent.Escalated, 40*time.Second)
	m.did(i)
	m.tells(i, detect.GunicornCrashed, "by whom the journal does not tell")
	m.Sh(t, "chmod 0755 /usr/bin/journalctl; systemctl start shop")
	m.in(agent.Recovered, 40*time.Second)
	m.audited()
}
