package agent

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/gatemend/gatemend/detect"
)

// A colour that nginx sends nothing to may be stopped for good: nobody is told, nothing is
// done, no baseline is taken from the other colour's answers, and looking stays cheap.
func TestIdleColourIsNoFault(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, "shop")
		r := start(t, w.options())
		defer r.stop()
		taken := w.stored["shop"].At
		w.set("shop", func(s *siteState) { s.idle = true })
		r.trigger("shop", detect.SensorUnit)
		pass(30 * time.Minute)
		if len(w.messages) > 0 || len(w.acts) > 0 {
			t.Errorf("told %v, did %v", w.told(), w.verbs())
		}
		if b := w.stored["shop"]; b.At != taken {
			t.Errorf("a baseline was taken of a colour that serves nobody")
		}
		if n := w.looks(); n > 10 {
			t.Errorf("%d looks in half an hour", n)
		}
		w.set("shop", func(s *siteState) { s.idle = false }) // switched back, and dead
		w.crash("shop", detect.GunicornCrashed)
		pass(2 * time.Minute)
		if len(w.acts) != 1 {
			t.Errorf("did %v after the switch back", w.verbs())
		}
	})
}
