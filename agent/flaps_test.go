package agent

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gatemend/gatemend/detect"
	"github.com/google/go-cmp/cmp"
)

// falls breaks a site so that only a person can mend it, and has one do so.
func (h *host) falls() {
	h.fell(fate{what: "hopeless", site: "shop", cause: detect.AppImportError})
	pass(time.Minute)
	h.mends("shop")
	pass(2 * time.Minute)
}

func (h *host) again(killed bool) {
	h.stop(killed)
	pass(time.Minute)
	h.start()
}

// A person who was told that a site flaps hears when it is calm, and does not hear of each fall, whichever
// agent is at work by then.
func TestFlappingOutlivesTheAgent(t *testing.T) {
	eachTime := []string{ToldSick, ToldHealed, ToldSick, ToldHealed, ToldSick, ToldHealed}
	flapping := append(eachTime[:6:6], ToldFlapping)
	for name, tt := range map[string]struct {
		befalls func(*host, func())
		want    []string
	}{
		"while it is well": {func(h *host, again func()) {
			for range 4 {
				h.falls()
			}
			again()
		}, append(flapping[:7:7], ToldHealed)},
		"while it is down": {func(h *host, again func()) {
			for range 4 {
				h.falls()
			}
			h.fell(fate{what: "hopeless", site: "shop", cause: detect.AppImportError})
			pass(time.Minute)
			again()
			h.mends("shop")
		}, append(flapping[:7:7], ToldHealed)},
		"before it is one too many": {func(h *host, again func()) {
			for range 3 {
				h.falls()
			}
			again()
			h.falls()
		}, append(flapping[:7:7], ToldHealed)},
		"when calm was said": {func(h *host, again func()) {
			for range 4 {
				h.falls()
			}
			pass(time.Hour)
			again()
			h.falls()
		}, append(flapping[:7:7], ToldHealed, ToldSick, ToldHealed)},
	} {
		for _, killed := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, killed: %v", name, killed), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					h := newHost(t, "shop")
					defer func() { h.stop(false) }()
					tt.befalls(h, func() { h.again(killed) })
					for range 3 {
						pass(20 * time.Minute)
						h.again(killed)
					}
					if diff := cmp.Diff(tt.want, h.world.told()); diff != "" {
						t.Errorf("(-want +got):\n%s", diff)
					}
				})
			})
		}
	}
}

// Calm is said at its time, and once, whatever the clock does meanwhile.
func TestFlappingWhenTheClockIsSet(t *testing.T) {
	for _, by := range []time.Duration{-24 * time.Hour, 24 * time.Hour} {
		t.Run(by.String(), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				h := newHost(t, "shop")
				defer func() { h.stop(false) }()
				for range 4 {
					h.falls()
				}
				h.clock.by.Add(int64(by))
				pass(10 * time.Minute)
				if got := h.world.told(); got[len(got)-1] != ToldFlapping {
					t.Fatalf("told %v before it was calm for long enough", got)
				}
				pass(10 * time.Minute)
				if got := h.world.told(); len(got) != 8 || got[7] != ToldHealed {
					t.Errorf("told %v", got)
				}
			})
		})
	}
}
