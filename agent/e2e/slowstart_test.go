package e2e

import (
	"testing"
	"time"

	"github.com/gatemend/gatemend/detect"
	"github.com/gatemend/gatemend/policy"
)

// TestSlowStart: an app that takes 8 s to import is left alone while it does (promise 15): after a
// boot, after a person's restart, and after our own, which is not repeated.
func TestSlowStart(t *testing.T) {
	m := open(t, setup{config: "start_grace: auto\n",
		prepare: `sed -i '1i import time; time.sleep(8)' /srv/shop/app.py; systemctl enable -q gatemend; systemctl restart shop` + serves})
	if err := m.Reboot(t.Context()); err != nil {
		t.Fatal(err)
	}
	m.Sh(t, "systemctl start decoy")
	m.looked()
	m.quiet()
	m.Sh(t, "systemctl restart shop"+serves)
	m.looked()
	m.quiet()
	m.was = m.bystanders()
	m.Sh(t, "kill -9 "+mainPID)
	m.healed(60*time.Second, detect.GunicornCrashed, policy.RestartUnit)
	m.untouched()
}
