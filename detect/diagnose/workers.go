package diagnose

import (
	"slices"

	"github.com/gatemend/gatemend/detect"
)

// workerLost: requests in flight were cut off while the master lived on, and nothing tells why.
func (v *view) workerLost() (*finding, string) {
	l, ok := v.last(detect.EventPrematureClose)
	if !ok || v.has(detect.EventNoBuffers, detect.EventWorkerTimeout, detect.EventWorkerKilled, detect.EventAutoRestart) || l.Attr["schema"] != "http" && l.Attr["schema"] != "" {
		return nil, "the main process is not known to have died"
	}
	if !v.f.Offline && !v.replacedSince(l) {
		return nil, "a connection was closed early, and no worker was replaced"
	}
	f := v.aboutUnit(found(detect.GunicornCrashed, 42)).line(l)
	if v.isGunicorn() {
		f.Confidence = 50
	}
	return f.lasts("a worker ended while it answered: os._exit(), a crash in a C library, or a kill: journalctl -k -n 20; journalctl -u %s -n 50", v.unitOr()), ""
}

// replacedSince tells that a worker booted after the line, or in its second: nginx writes whole ones.
func (v *view) replacedSince(l detect.Line) bool {
	return slices.ContainsFunc(v.events[detect.EventBooting], func(b detect.Line) bool { return b.At >= l.At.Add(-second) })
}

// workersCrash: the master stays, its workers die of a signal.
func workersCrash(v *view) (*finding, string) {
	l, ok := v.fatalSignal()
	if !ok {
		return nil, "no worker died of a fault"
	}
	f := v.aboutUnit(found(detect.GunicornCrashed, 70)).line(l)
	if v.f.Offline {
		f.Confidence = 76
	}
	return f.about("signal", l.Attr["signal"]).
		lasts("a worker that dies of %s again and again has a broken binary package (wheel): install it anew, or another version", l.Attr["signal"]).
		lasts("journalctl -k -g 'segfault|traps:'   # which library it died in; coredumpctl info, where systemd-coredump is installed; a restart does not mend it"), ""
}

// fatalSignal finds a worker's death by a fault of its own: not TERM, not KILL, nor gunicorn's ABRT.
func (v *view) fatalSignal() (detect.Line, bool) {
	if l, ok := v.last(detect.EventSegfault); ok {
		l.Attr = with(l.Attr, "signal", "SEGV")
		return l, true
	}
	for _, l := range v.events[detect.EventWorkerKilled] {
		switch l.Attr["signal"] {
		case "SEGV", "ILL", "BUS", "FPE":
			return l, true
		}
	}
	return detect.Line{}, false
}

func with(m map[string]string, key, value string) map[string]string {
	out := map[string]string{key: value}
	for k, v := range m {
		out[k] = v
	}
	return out
}
