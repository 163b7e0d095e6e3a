package e2e

import (
	"fmt"
	"testing"

	"github.com/gatemend/gatemend/agent/e2e/machine"
	"github.com/gatemend/gatemend/detect"
)

// TestKilledWhileFrozen follows the advice on a unit that was killed while `systemctl freeze` held it, which
// systemd 257 starts no more until it has forgotten the unit: with all of it killed, and with workers left.
func TestKilledWhileFrozen(t *testing.T) {
	for _, suite := range machine.Suites {
		t.Run(string(suite), func(t *testing.T) {
			m := open(t, setup{suite: suite, idle: true})
			for name, kill := range map[string]string{"all of it": "systemctl kill -s KILL shop", "the master": "kill -9 " + mainPID} {
				m.Sh(t, "systemctl freeze shop; "+kill)
				var f detect.Finding
				m.Eventually(t, name+" is killed, and told", healsWithin, func() (err error) {
					if f, err = m.advised(); err == nil && f.Cause != detect.GunicornCrashed {
						err = fmt.Errorf("it is %s: %v", f.Cause, f.Evidence)
					}
					return err
				})
				t.Logf("%s: %q", name, f.Advised())
				for _, line := range f.Advised() {
					m.Sh(t, follow(line))
				}
				m.answersAgain(healsWithin)
			}
		})
	}
}
