package agent

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/gatemend/gatemend/detect"
	"github.com/gatemend/gatemend/policy"
)

// Where one site takes minutes to start, whoever owns the next one is not left in the dark meanwhile, nor
// is who asks for a heal; and it is healed when it is its turn.
func TestWaitingForATurnIsTold(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, "one", "two")
		o := w.options()
		o.Decide = func(c policy.Case) policy.Decision {
			time.Sleep(50 * time.Millisecond) // both decide before either acts
			return policy.Decide(c)
		}
		r := start(t, o)
		defer r.stop()
		proofs := 0
		w.beforeVerify = func(string) {
			if proofs++; proofs == 1 {
				time.Sleep(9 * time.Minute)
			}
		}
		w.crash("one", detect.GunicornCrashed)
		w.crash("two", detect.GunicornCrashed)
		r.trigger("", detect.SensorUnit)
		pass(2 * time.Minute)
		if len(w.messages) != 1 || w.messages[0].State != ToldWaiting {
			t.Fatalf("told %v", w.told())
		}
		second := w.messages[0].Site
		if got := w.messages[0].Did; got != "waits for its turn: another site is being healed" {
			t.Errorf("it says %q", got)
		}
		asked := time.Now()
		res, err := r.Heal(t.Context(), second, "ann")
		if took := time.Since(asked); err != nil || took > patience+time.Second || len(res) != 1 || res[0].Waits == "" {
			t.Errorf("answered after %s: %+v, %v", took, res, err)
		}
		pass(8 * time.Minute)
		if n := len(w.acts); n != 2 || w.isDown(second) {
			t.Errorf("%d actions, it is down: %v", n, w.isDown(second))
		}
		if got := res[0].Incident.Decision.Why; got != "waits for its turn: another site is being healed" {
			t.Errorf("what was answered says %q by now", got)
		}
	})
}
