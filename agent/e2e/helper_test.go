package e2e

import (
	"strings"
	"testing"

	"github.com/gatemend/gatemend/agent/e2e/machine"
)

// TestHelperWithoutABus: while D-Bus does not answer the root helper says so to whoever asks. It does not
// fail at each start: the sockets of a service that systemd gave up on are dead until a person comes.
func TestHelperWithoutABus(t *testing.T) {
	both(t, func(t *testing.T, suite machine.Suite) {
		c := capture(t, suite, setup{})
		c.Sh(t, "systemctl stop gatemend-helper; mv /run/dbus/system_bus_socket /run/dbus/away")
		for range 3 {
			c.refused("look", "cannot reach systemd", "unit shop / unit")
			c.refused("act", "cannot reach systemd", "restart shop / unit")
		}
		c.Sh(t, "mv /run/dbus/away /run/dbus/system_bus_socket")
		if got := c.answer("look", "unit shop / unit"); !strings.Contains(got, `"name":"shop.service"`) {
			t.Errorf("with the bus back it is answered %.300s", got)
		}
		c.Sh(t, "systemctl is-active gatemend-look.socket gatemend-act.socket")
	})
}
