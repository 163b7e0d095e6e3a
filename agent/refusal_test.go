package agent

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gatemend/gatemend/detect"
	"github.com/gatemend/gatemend/policy"
)

// refuser is an executor whose last check always refuses.
type refuser struct{ *world }

func (r refuser) Execute(_ context.Context, _ policy.Case, d policy.Decision) (Report, error) {
	return Report{Verb: d.Action.Verb, Unit: d.Action.Unit, Started: now(), Ended: now(), Refused: true, Why: "it changed"}, nil
}

// An action that the last check refuses for days is in the record once, not once for each try: each
// record of the incident repeats it.
func TestRefusalsDoNotPileUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, "shop")
		o := w.options()
		o.Executor = refuser{w}
		r := start(t, o)
		defer r.stop()
		w.crash("shop", detect.GunicornCrashed)
		r.trigger("shop", detect.SensorUnit)
		pass(24 * time.Hour)
		i := r.Snapshot(t.Context()).Routes[0].Incident
		if i == nil || len(i.Actions) != 1 || !i.Actions[0].Refused {
			t.Errorf("%d refusals of one action are kept", len(i.Actions))
		}
		t.Log(len(w.records), w.told())
	})
}
