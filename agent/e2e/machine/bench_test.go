package machine_test

import (
	"testing"

	"github.com/gatemend/gatemend/agent/e2e/machine"
)

// BenchmarkBoot is one machine from nothing to a booted systemd, and away again.
func BenchmarkBoot(b *testing.B) {
	for b.Loop() {
		m, err := machine.Boot(b.Context(), machine.Options{})
		if err != nil {
			b.Fatal(err)
		}
		if err := m.Stop(); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkRun is what one command in a machine costs.
func BenchmarkRun(b *testing.B) {
	m := machine.Start(b, machine.Options{})
	for b.Loop() {
		if _, err := m.Run(b.Context(), "true"); err != nil {
			b.Fatal(err)
		}
	}
}
