package diagnose_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/gatemend/gatemend/detect"
	"github.com/gatemend/gatemend/detect/diagnose"
)

// A server that hangs while it is imported looks like a slow one, but for this: nothing was ever answered
// since it was started. A person is told where to look.
func TestNothingAnsweredSinceTheStart(t *testing.T) {
	for ago, want := range map[detect.Span]bool{3600: false, 90: true} {
		f := well()
		silent(&f)
		f.Unit.ExecStart = now.Add(-ago * second)
		f.Unit.InactiveExit, f.Traffic.LastAnswer = f.Unit.ExecStart, now.Add(-100*second)
		f.Processes[1].Ticks = 5 // it is at work
		d := diagnose.Diagnose(f)
		told := slices.ContainsFunc(d.Primary.Advised(), func(a string) bool { return strings.Contains(a, "hang while it is imported") })
		if told != want || d.Primary.Cause != "worker-timeout" {
			t.Errorf("started %d s ago: %s, told %v\n%q", ago, d.Primary.Cause, told, d.Primary.Advised())
		}
	}
}
