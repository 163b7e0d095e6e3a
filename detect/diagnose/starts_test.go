package diagnose_test

import "github.com/gatemend/gatemend/detect"

// starts are cases about several lives of one unit: what an earlier one said is no reason for the
// end of a later one, and workers that booted are no loop while they are there.
var starts = map[string]live{
	"file removed, four workers serve nobody": {func(f *detect.Facts) {
		shut(f, detect.Missing, 2)
		booted := line(detect.FromApp, detect.EventBooting, nil)
		booted.Count = 4
		f.Lines = []detect.Line{booted}
		f.Processes = append(f.Processes, f.Processes[1], f.Processes[1], f.Processes[1])
	}, detect.Sick, detect.SocketMissing, true, false, nil},
	"workers boot and boot": {func(f *detect.Facts) {
		shut(f, detect.Closed, 0)
		booted := line(detect.FromApp, detect.EventBooting, nil)
		booted.Count = 9
		f.Lines = []detect.Line{booted}
	}, detect.Sick, detect.AppStartup, false, false, nil},
	"another import fails than before": {func(f *detect.Facts) {
		down(f, "failed", "exit-code", 1, 3)
		f.Unit.ExecStart, f.Unit.InactiveExit, f.Unit.ExecExit = now.Add(-3*second), now.Add(-3*second), now.Add(-2*second)
		old := line(detect.FromApp, detect.EventTraceback, map[string]string{"kind": "KeyError", "variable": "DATABASE_URL", "phase": "boot"})
		old.At = now.Add(-5 * second)
		f.Lines = []detect.Line{old, line(detect.FromApp, detect.EventTraceback, map[string]string{"kind": "ModuleNotFoundError", "module": "redis", "phase": "boot"})}
	}, detect.Sick, detect.AppImportError, true, false, map[string]string{"module": "redis"}},
	"a loop of failing starts, another one on its way": {func(f *detect.Facts) {
		down(f, "failed", "exit-code", 1, 3)
		f.Unit.Active, f.Unit.Sub = "activating", "auto-restart"
		f.Unit.ExecStart, f.Unit.InactiveExit, f.Unit.ExecExit, f.Unit.InactiveEnter = now.Add(-second), now.Add(-second), now.Add(-3*second), now.Add(-3*second)
		f.Lines = []detect.Line{line(detect.FromApp, detect.EventTraceback, map[string]string{"kind": "ModuleNotFoundError", "module": "redis", "phase": "boot"})}
	}, detect.Sick, detect.AppImportError, true, false, nil},
	"killed, and the life before ended with a traceback": {func(f *detect.Facts) {
		down(f, "failed", "signal", 2, 9)
		f.Unit.ExecStart, f.Unit.InactiveExit, f.Unit.ExecExit = now.Add(-40*second), now.Add(-40*second), now.Add(-2*second)
		l := line(detect.FromApp, detect.EventTraceback, map[string]string{"kind": "FileNotFoundError", "file": "/usr/bin/gunicorn"})
		l.At = now.Add(-42 * second)
		f.Lines = []detect.Line{l}
	}, detect.Sick, detect.GunicornCrashed, true, true, nil},
	"masked, and it had crashed and was started before": {func(f *detect.Facts) {
		down(f, "inactive", "success", 0, 0)
		f.Unit.Load, f.Unit.ExecStart, f.Unit.InactiveExit = "masked", 0, 0
		crash, start := line(detect.FromSystemd, detect.EventMainExited, map[string]string{"code": "killed"}), line(detect.FromSystemd, detect.EventUnitStarted, nil)
		crash.At = now.Add(-30 * second)
		f.Lines = []detect.Line{crash, start}
	}, detect.Sick, detect.GunicornStopped, true, false, nil},
}
