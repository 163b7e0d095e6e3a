package agent

import (
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gatemend/gatemend/detect"
)

// What fails in front of this machine is told to a person, once, and never acted on, whatever clients'
// errors lie behind; it is over when it answers from outside.
func TestOutsideViewIsToldAndNeverActedOn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, "shop")
		o := w.options()
		o.Sites[0].Probe.Public = "https://shop.example.com/"
		r := start(t, o)
		defer r.stop()
		w.set("shop", func(s *siteState) { s.elsewhere, s.lastErr = true, now() })
		pass(11 * time.Minute)
		if got := w.told(); len(got) != 1 || w.messages[0].State != ToldDegraded || w.messages[0].Cause != detect.NotLocal || len(w.acts) > 0 {
			t.Fatalf("told %v, did %v", got, w.verbs())
		}
		w.set("shop", func(s *siteState) { s.elsewhere = false })
		pass(5 * time.Minute)
		if got := w.told(); len(got) != 2 || w.messages[1].State != ToldHealed || len(w.acts) > 0 {
			t.Errorf("told %v, did %v", got, w.verbs())
		}
	})
}

// Without an external URL nobody outside is asked; with one, as often as the public endpoint.
func TestOutsideIsAskedWhereItIsConfigured(t *testing.T) {
	for url, most := range map[string]int{"auto": 0, "off": 0, "https://shop.example.com/": 13} {
		synctest.Test(t, func(t *testing.T) {
			w := newWorld(t, "shop")
			o := w.options()
			o.Sites[0].Probe.Public = url
			r := start(t, o)
			defer r.stop()
			pass(time.Hour)
			if n := w.outside; n > most || n < most-2 {
				t.Errorf("public: %s: asked %d times in an hour", url, n)
			}
		})
	}
}

// A URL that a reload takes out leaves nothing that is always due: the loop rests between its probes.
func TestAReloadWithoutTheURLRests(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, "shop")
		o := w.options()
		o.Sites[0].Probe.Public = "https://shop.example.com/"
		var turns atomic.Int64
		boot := o.Boot
		o.Boot = func() (string, detect.Span) { turns.Add(1); return boot() } // each turn of the loop reads the clocks
		r := start(t, o)
		defer r.stop()
		pass(time.Minute)
		r.reload(t, func(s *Setup) { s.Sites[0] = site("shop") })
		pass(10 * time.Minute) // the outside view would have been due
		before := turns.Load()
		pass(time.Hour)
		if n := turns.Load() - before; n > 3600 {
			t.Errorf("%d turns in an hour", n)
		}
	})
}
