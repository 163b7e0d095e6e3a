package e2e

import (
	"os"
	"os/exec"
	"testing"
	"time"

	"github.com/gatemend/gatemend/agent/e2e/machine"
)

// insideEnv is set where this test binary runs within a machine.
const insideEnv = "E2E_INSIDE"

// onMachine runs body inside a fresh machine, as root: the sensors read /proc, the journal and the bus
// of the machine they run on. The test binary copies itself there and runs the one test again, whose
// outcome and output become this test's.
func onMachine(t *testing.T, o machine.Options, body func(t *testing.T)) {
	t.Helper()
	if os.Getenv(insideEnv) != "" {
		body(t)
		return
	}
	t.Parallel()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	m := machine.Start(t, o)
	if err := m.CopyIn(t.Context(), self, "/e2e.test", 0o755); err != nil {
		t.Fatal(err)
	}
	out, err := m.Run(t.Context(), "env", insideEnv+"=1", "/e2e.test", "-test.v", "-test.timeout=300s", "-test.run=^"+t.Name()+"$")
	t.Logf("inside %s:\n%s", m.Name(), out)
	if err != nil {
		t.Error(err)
	}
}

// sh breaks the machine that the test runs in.
func sh(t *testing.T, script string) {
	t.Helper()
	if out, err := exec.CommandContext(t.Context(), "sh", "-euc", script).CombinedOutput(); err != nil {
		t.Fatalf("%s: %v: %s", script, err, out)
	}
}

// eventually asks until the answer is true.
func eventually(t *testing.T, what string, ask func() bool) {
	t.Helper()
	for deadline := time.Now().Add(healsWithin); !ask(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("waited %s for %s", healsWithin, what)
		}
	}
}
