package remediate

import (
	"slices"
	"testing"

	"github.com/gatemend/gatemend/detect"
	"github.com/gatemend/gatemend/policy"
)

func TestPlanIsTheStepsOfTheAct(t *testing.T) {
	c := policy.Case{Facts: detect.Facts{Route: detect.Route{Unit: "shop.service", Socket: "shop.socket"}}}
	for verb := range steps {
		d := act(verb)
		d.Action.Mode = 0o660
		var got []Request
		for _, l := range Plan(c, d) {
			got = append(got, l.Request)
		}
		if !slices.Equal(got, Steps(*d.Action)) {
			t.Errorf("%s: plan %v, steps %v", verb, got, Steps(*d.Action))
		}
	}
}

func TestPlanText(t *testing.T) {
	c := policy.Case{Facts: detect.Facts{Route: detect.Route{Unit: "shop.service"}}}
	d := act(policy.EndLeftoversRestart)
	d.Action.Before, d.Action.After = "deactivating", "active"
	d.Action.Cuts, d.Action.Takes = "2 requests in flight", []string{"queue.service"}
	lines := Plan(c, d)
	if len(lines) != 2 {
		t.Fatalf("%d lines, want 2", len(lines))
	}
	if l := lines[0]; l.Step != "end what is left of shop.service (SIGKILL to its control group)" || l.Cuts != "2 requests in flight" || l.Before != "deactivating" {
		t.Errorf("first line %+v", l)
	}
	if l := lines[1]; l.Step != "restart shop.service" || l.After != "active" || !slices.Equal(l.Takes, d.Action.Takes) {
		t.Errorf("last line %+v", l)
	}
	if got := Plan(c, policy.Decision{Do: policy.DoEscalate}); got != nil {
		t.Errorf("a plan of nothing: %v", got)
	}
}
