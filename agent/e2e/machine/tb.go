package machine

import (
	"context"
	"testing"
	"time"
)

// Start boots a machine for a test and stops it at the test's end. Where it cannot, the test fails, as a
// suite that skips looks like one that passes; only -short skips. When the test fails, the machine's
// logs are kept in the test's artifact directory (go test -artifacts).
func Start(tb testing.TB, o Options) *Machine {
	tb.Helper()
	if testing.Short() {
		tb.Skip("boots a machine: not with -short")
	}
	m, err := Boot(tb.Context(), o)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { m.finish(tb) })
	return m
}

func (m *Machine) finish(tb testing.TB) {
	if tb.Failed() {
		// The test's own context has ended by now.
		ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
		defer cancel()
		dir := tb.ArtifactDir()
		if err := m.SaveLogs(ctx, dir); err != nil {
			tb.Log(err)
		}
		tb.Logf("the logs of machine %s are in %s (kept by go test -artifacts)", m.name, dir)
	}
	if err := m.Stop(); err != nil {
		tb.Error(err)
	}
}

// Sh runs a script that must succeed, and returns what it printed: for the steps of a test that break
// the machine, whose failure would make the rest meaningless.
func (m *Machine) Sh(tb testing.TB, script string) string {
	tb.Helper()
	out, err := m.Shell(tb.Context(), script)
	if err != nil {
		tb.Fatal(err)
	}
	return out
}

// Eventually asks every 20 ms until the answer is nil, and fails the test with the last answer when that
// takes longer than within. what completes the sentence "cannot see that ...".
func (m *Machine) Eventually(tb testing.TB, what string, within time.Duration, ask func() error) {
	tb.Helper()
	ctx, cancel := context.WithTimeout(tb.Context(), within)
	defer cancel()
	if err := poll(ctx, 20*time.Millisecond, ask); err != nil {
		tb.Fatalf("cannot see that %s within %s: %v", what, within, err)
	}
}
