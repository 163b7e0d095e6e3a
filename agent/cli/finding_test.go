package cli

import (
	"bytes"
	"strings"
	"testing"

	"github.com/gatemend/gatemend/agent"
	"github.com/gatemend/gatemend/detect"
	"github.com/gatemend/gatemend/policy"
)

// TestWhatIsWrongBesideHealthIsSaid: a unit that could not start again is named with the reason, as nothing else on
// the sheet says it.
func TestWhatIsWrongBesideHealthIsSaid(t *testing.T) {
	var out bytes.Buffer
	o := &options{out: &out}
	also := []detect.Finding{{Cause: detect.ExecPathWrong, Confidence: 85, Evidence: []detect.Evidence{{Text: "Service has no ExecStart="}}}}
	o.sheet(9).finding(detect.Diagnosis{Health: detect.Healthy, Also: also})
	if !strings.Contains(out.String(), "exec-path-wrong (85 %): Service has no ExecStart=") {
		t.Error(out.String())
	}
}

// TestRefusedHasItsTime: an action that the last check refused is told at the time of its record.
func TestRefusedHasItsTime(t *testing.T) {
	var out bytes.Buffer
	o := &options{out: &out}
	s := &story{sheet: o.sheet(9), began: 1_795_000_000_000_000}
	s.actionsOf(s.began.Add(3_000_000), agent.Incident{Actions: []agent.Report{{Verb: policy.StartNginx, Refused: true, Why: "moved"}}})
	if !strings.Contains(out.String(), "+3 s") || strings.Contains(out.String(), "00:00:00.000") {
		t.Error(out.String())
	}
}
