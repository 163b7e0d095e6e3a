package diagnose_test

import (
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/gatemend/gatemend/detect"
	"github.com/gatemend/gatemend/detect/diagnose"
)

// healing are the causes with an automatic rung in their ladder.
var healing = []detect.Cause{
	detect.GunicornStopped, detect.GunicornCrashed, detect.GunicornHung, detect.StartLimitHit, detect.SocketMissing,
	detect.SocketPermission, detect.SocketDirPerm, detect.SocketStale, detect.WorkerOOM, detect.NginxDown, detect.NginxConfigStale, detect.UnitStale,
}

var forged = []detect.Event{
	detect.EventConnectFailed, detect.EventUpstreamTimeout, detect.EventPrematureClose, detect.EventNoLive, detect.EventMainExited,
	detect.EventUnitFailed, detect.EventStartLimit, detect.EventUnitOOM, detect.EventOOMKill, detect.EventSpawnFailed, detect.EventUnitStopped,
	detect.EventUnitChanged, detect.EventWorkerTimeout, detect.EventWorkerKilled, detect.EventMainLoop, detect.EventSegfault, detect.EventNginxBind,
	detect.EventEnvFileMissing, detect.EventAVCDenied, detect.EventBooting, detect.EventTraceback, detect.EventNginxNoSpace, detect.EventUnitBad,
	detect.EventNginxNoMemory, detect.EventNoApp, detect.EventVariableMissing, detect.EventNoSuchUser, detect.EventKeeperGaveUp, detect.EventKeeperStopped,
	detect.EventUnitHeldBack, detect.EventSYNFlood, detect.EventConntrackFull, detect.EventFirewall, detect.EventAddressInUse, detect.EventBindFailed,
}

func forgedLine(t *rapid.T) detect.Line {
	return detect.Line{
		At:     now.Add(-second),
		Source: rapid.SampledFrom([]detect.Source{detect.FromApp, detect.FromNginxError, detect.FromNginxAccess}).Draw(t, "source"),
		Event:  rapid.SampledFrom(forged).Draw(t, "event"),
		Errno:  rapid.SampledFrom([]int{0, 2, 11, 13, 28, 110, 111, 113}).Draw(t, "errno"),
		Count:  rapid.IntRange(0, 50).Draw(t, "count"),
		Attr: rapid.MapOfN(
			rapid.SampledFrom([]string{"target", "upstream", "unit", "status", "code", "result", "signal", "kind", "path", "step", "phase", "comm", "schema"}),
			rapid.SampledFrom([]string{"unix:/run/shop/shop.sock", "127.0.0.1:8000", "shop.service", "nginx.service", "203", "killed", "oom-kill", "KILL", "SEGV", "boot", "gunicorn", "https", "EXEC"}),
			0, 6).Draw(t, "attr"),
		Text: "forged",
	}
}

// Promise 1: whatever clients and the app write into logs, no cause with an automatic remedy
// becomes sure enough to act on that was not before.
func TestLinesAloneNeverAct(t *testing.T) {
	states := map[string]func(*detect.Facts){
		"healthy": func(*detect.Facts) {},
		"silent":  func(f *detect.Facts) { silent(f); f.Processes = nil },
		"nothing known but that the upstream fails": func(f *detect.Facts) {
			*f = detect.Facts{At: now, Route: f.Route, Upstream: &detect.Answer{Outcome: detect.Closed, Stage: "headers"}}
		},
	}
	rapid.Check(t, func(t *rapid.T) {
		f := well()
		states[rapid.SampledFrom([]string{"healthy", "silent", "nothing known but that the upstream fails"}).Draw(t, "state")](&f)
		f.Lines = rapid.SliceOfN(rapid.Custom(forgedLine), 0, 12).Draw(t, "lines")
		d := diagnose.Diagnose(f)
		for _, found := range append(slices.Clone(d.Also), d.Primary) {
			if slices.Contains(healing, found.Cause) && (found.Confidence >= detect.ActAt || found.Decisive) {
				t.Fatalf("%s at %d from lines alone: %+v", found.Cause, found.Confidence, found.Evidence)
			}
		}
	})
}

// The same facts give the same diagnosis, and give it without changing them.
func TestPure(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f := well()
		shut(&f, detect.Missing, 2)
		f.Offline = rapid.Bool().Draw(t, "offline")
		f.Lines = rapid.SliceOfN(rapid.Custom(forgedLine), 0, 12).Draw(t, "lines")
		first, second := diagnose.Diagnose(f), diagnose.Diagnose(f)
		if len(first.Trace) != len(second.Trace) || first.Primary.Cause != second.Primary.Cause || first.Primary.Confidence != second.Primary.Confidence {
			t.Fatalf("%+v, then %+v", first.Primary, second.Primary)
		}
	})
}
