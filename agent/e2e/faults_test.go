package e2e

import (
	"bytes"
	"debug/buildinfo"
	"os"
	"strings"
	"testing"

	"github.com/gatemend/gatemend/detect/fault"
)

// withFaults is how the binary with fault points is called, behind the shipped one's name.
const withFaults = "-faults"

// arm has the agent be killed, or one of its loops freeze, when it comes to a point.
func (m *shop) arm(action, point string) {
	m.tb.Helper()
	m.write(fault.File, 0o644, action+" "+point+"\n")
}

// TestShippedHoldsNoFaultPoint: the code of the fault points, which the linker keeps by name, is in the
// binary that the tests build for themselves, and nowhere in the one that is shipped.
func TestShippedHoldsNoFaultPoint(t *testing.T) {
	shipped := os.Getenv("GATEMEND_BINARY")
	for path, want := range map[string]bool{shipped: false, shipped + withFaults: true} {
		raw, err := os.ReadFile(path)
		if err != nil {
			t.Fatalf("run the end-to-end tests by `make e2e`: %v", err)
		}
		for _, trace := range []string{"detect/fault.carryOut", fault.File, "fault point: %s at %q"} {
			if bytes.Contains(raw, []byte(trace)) != want {
				t.Errorf("%s holds %q: %v, want %v", path, trace, !want, want)
			}
		}
		info, err := buildinfo.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		tagged := false
		for _, s := range info.Settings {
			tagged = tagged || s.Key == "-tags" && strings.Contains(s.Value, "faultpoints")
		}
		if tagged != want {
			t.Errorf("%s is built with the tag faultpoints: %v, want %v", path, tagged, want)
		}
	}
}
