package diagnose

import (
	"strings"
	"testing"

	"github.com/gatemend/gatemend/detect"
)

// A rule that panics ends neither the agent nor the other rules, and nothing is sure enough to act on.
func TestARuleThatFails(t *testing.T) {
	unit := &detect.Unit{Name: "shop.service", Load: "loaded", Active: "failed", Sub: "failed", Result: "signal", WSGI: "gunicorn"}
	facts := detect.Facts{Route: detect.Route{Unit: unit.Name, Target: detect.Unix("/run/shop/shop.sock")}, Unit: unit}
	sure := Diagnose(facts).Primary
	if sure.Confidence < detect.ActAt {
		t.Fatalf("it is %s, %d %% sure", sure.Cause, sure.Confidence)
	}
	was := rules
	t.Cleanup(func() { rules = was })
	rules = append([]rule{{"broken", func(*view) (*finding, string) { panic("out of range") }}}, was...)
	d := Diagnose(facts)
	if d.Primary.Cause != sure.Cause || d.Primary.Confidence >= detect.ActAt {
		t.Errorf("it is %s, %d %% sure", d.Primary.Cause, d.Primary.Confidence)
	}
	if s := d.Trace[0]; s.Held || !strings.Contains(s.Why, "out of range") {
		t.Errorf("the trace says %+v", s)
	}
}
