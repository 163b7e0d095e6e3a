package diagnose

import (
	"cmp"

	"github.com/gatemend/gatemend/detect"
)

// beforeServer: what the unit runs before or just after the server (ExecStartPre=, ExecStartPost=) failed, and
// systemd gave the start up. Another start runs the same commands again.
func beforeServer(v *view) (*finding, string) {
	u := v.unit
	l, told := v.trusted(detect.EventControlExited)
	command := cmp.Or(l.Attr["command"], "ExecStartPre")
	switch {
	case u == nil || !v.down():
		return nil, "the unit is not down"
	case command == "ExecStartPost":
		if u.Result != "exit-code" || u.ExitCode != exited || u.ExitStatus != 0 {
			return nil, "the server ended by itself"
		}
	case !nothingRan(u) || v.f.Offline && (!told || v.has(detect.EventMainExited)):
		return nil, "the server was started"
	}
	f := v.aboutUnit(found(detect.AppStartup, 86)).
		because("unit.result", "%s: result %s: %s= failed, and the start was given up", u.Name, u.Result, command).
		watch(u.Fragment)
	if told {
		f.line(l)
	}
	f.Gone = v.mended()
	if u.Result == "timeout" {
		f.advise("%s= did not come to an end in time (TimeoutStartSec=): systemctl cat %s shows what it runs", command, u.Name)
	}
	return f.advise("journalctl -u %[1]s -n 50 --no-pager   # what %[2]s= said before it failed; systemctl cat %[1]s shows it", u.Name, command).
		advise("mend that, then: %s", v.restart()), ""
}

// nothingRan tells a start that failed before the server's program: systemd forgets the last main process
// when it starts a unit.
func nothingRan(u *detect.Unit) bool {
	switch u.Result {
	case "exit-code", "signal", "core-dump", "timeout":
		return u.ExitCode == 0
	}
	return false
}
