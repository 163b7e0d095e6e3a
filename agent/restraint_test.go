package agent

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gatemend/gatemend/detect"
	"github.com/gatemend/gatemend/policy"
	"pgregory.net/rapid"
)

// fate is one thing that befalls the host, and how long it is quiet after.
type fate struct {
	what  string
	site  string
	cause detect.Cause
	by    time.Duration
	after time.Duration
}

var fates = rapid.Custom(func(t *rapid.T) fate {
	longest := rapid.SampledFrom([]int{20, 20, 20, 20, 300, 300, 300, 300, 3600, 3600, 3600, 20_000}).Draw(t, "longest s")
	return fate{
		what: rapid.SampledFrom([]string{
			"crash", "crash", "crash", "hopeless", "hopeless", "hopeless", "again", "again", "starting", "mend", "edit", "hold", "resume", "signal", "lost",
			"restart", "kill", "reboot", "power loss", "clock", "sleep", "dry run", "armed",
		}).Draw(t, "what"),
		site:  rapid.SampledFrom([]string{"one", "two", "three"}).Draw(t, "site"),
		cause: rapid.SampledFrom([]detect.Cause{detect.GunicornCrashed, detect.GunicornCrashed, detect.SocketStale, detect.AppImportError, detect.Unknown, detect.NginxDown}).Draw(t, "cause"),
		by:    time.Duration(rapid.IntRange(-36*3600, 36*3600).Draw(t, "by s")) * time.Second,
		after: time.Duration(rapid.IntRange(1, 1000*longest).Draw(t, "after ms")) * time.Millisecond,
	}
})

func (f fate) String() string {
	return fmt.Sprintf("\n%s %s %s by %s, then %s", f.what, f.site, f.cause, f.by, f.after)
}

// Whatever befalls the host, over whatever time, with clocks that are set, agents that are killed and
// reboots in between: no budget is overdrawn, nothing is done under a hold, in a grace or out of turn,
// nobody is left in the dark, and every refusal has its reason in the record.
func TestRestraint(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		list := rapid.SliceOfN(fates, 1, 20).Draw(rt, "fates")
		var faults []string
		synctest.Test(t, func(t *testing.T) { faults = befall(t, list) })
		if len(faults) > 0 {
			rt.Fatalf("%s\nafter:\n%v", strings.Join(faults, "\n"), list)
		}
	})
}

func befall(t *testing.T, list []fate) []string {
	h := newHost(t, "one", "two", "three")
	defer func() { h.stop(false) }()
	for _, f := range list {
		h.befalls(f)
		for left := f.after; left > 0; left -= time.Hour { // asked on the way too
			pass(min(left, time.Hour))
			h.silence()
		}
		h.onRecord(h.r.Snapshot(t.Context()))
	}
	return h.faults
}

// befalls makes it happen.
func (h *host) befalls(f fate) {
	switch f.what {
	case "crash", "hopeless", "starting":
		h.fell(f)
	case "again": // and again: enough for every budget
		for range 6 {
			h.fell(fate{what: "hopeless", site: f.site, cause: f.cause})
			pass(100 * time.Second)
			h.mends(f.site)
			pass(40 * time.Second)
		}
	case "mend":
		h.mends(f.site)
	case "edit":
		select {
		case h.changed <- "/srv/" + f.site + "/app.py":
		default:
		}
	case "hold", "resume":
		h.hold(f.site, f.what == "hold")
	case "signal":
		h.r.trigger(f.site, detect.SensorUnit)
	case "lost":
		h.r.out <- detect.Trigger{At: now(), Sensor: detect.SensorUnit, Lost: true}
	case "dry run", "armed":
		h.mode = policy.ModeDryRun
		if f.what == "armed" {
			h.mode = policy.ModeAct
		}
		h.r.reload(h.t, func(s *Setup) { s.Settings.Mode = h.mode })
	default:
		h.machine(f)
	}
}

// mends is a person's restart.
func (h *host) mends(site string) {
	h.set(site, func(s *siteState) { s.mend(site); s.starts = detect.At(h.truth()) })
	h.wentUp(site)
	h.r.trigger(site, detect.SensorUnit)
}

// machine is what befalls the machine and the agent.
func (h *host) machine(f fate) {
	pause := f.by.Abs() / 100
	switch f.what {
	case "restart", "kill":
		h.stop(f.what == "kill")
		time.Sleep(pause)
		h.start()
	case "reboot":
		h.reboot(false, pause)
	case "power loss": // long enough after the clock was set for somebody to have noticed
		pass(2 * clockEvery)
		h.reboot(true, pause)
	case "clock":
		h.clock.by.Add(int64(f.by))
	case "sleep":
		h.clock.asleep.Add(int64(f.by.Abs()))
	}
}

// fell takes a site down: for a restart to mend, beyond mending, or on its way up.
func (h *host) fell(f fate) {
	h.wentDown(f.site, h.shared(f.site))
	h.crash(f.site, f.cause)
	h.set(f.site, func(s *siteState) {
		s.decisive, s.helps = f.cause != detect.SocketStale, nil
		if f.what == "hopeless" {
			s.helps = []policy.Verb{}
		}
		if f.what == "starting" { // the unit runs and does not answer: yet, or at all
			s.unit, s.stop, s.starts = runningUnit(f.site), nil, detect.At(h.truth())
		}
	})
	h.r.trigger(f.site, detect.SensorUnit)
}

func (h *host) hold(site string, on bool) {
	h.lock.Lock()
	h.held = map[string]bool{site: on}
	h.lock.Unlock()
	h.mu.Lock()
	h.world.holds = nil
	if on {
		h.world.holds = []policy.Hold{{Site: site, Owner: "ann", Reason: "work"}}
	}
	h.mu.Unlock()
}
