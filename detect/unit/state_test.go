package unit

import (
	"math"
	"testing"

	"github.com/gatemend/gatemend/detect"
	"github.com/godbus/dbus/v5"
	"github.com/google/go-cmp/cmp"
)

// variants makes properties of Go values, in the types that godbus decodes to.
func variants(values map[string]any) properties {
	p := properties{}
	for name, v := range values {
		p[name] = dbus.MakeVariant(v)
	}
	return p
}

func TestNumbersReadInEveryTypeAndUnset(t *testing.T) {
	p := variants(map[string]any{
		"u64": uint64(7), "u32": uint32(8), "i32": int32(-9), "i64": int64(-10),
		"unset64": uint64(math.MaxUint64), "unset32": uint32(math.MaxUint32), "text": "12",
	})
	for name, want := range map[string]int64{"u64": 7, "u32": 8, "i32": -9, "i64": -10, "unset64": -1, "unset32": -1, "text": 0, "absent": 0} {
		if got := p.number(name); got != want {
			t.Errorf("%s reads as %d, want %d", name, got, want)
		}
	}
	if p.span("unset64") != detect.Forever || p.limit("unset64") != 0 || p.at("unset64") != 0 {
		t.Errorf("infinity reads as span %d, limit %d, time %d", p.span("unset64"), p.limit("unset64"), p.at("unset64"))
	}
}

func TestReadServiceKeepsSystemdsAnswer(t *testing.T) {
	var u detect.Unit
	readUnit(&u, variants(map[string]any{
		"LoadState": "loaded", "ActiveState": "failed", "SubState": "failed", "UnitFileState": "enabled", "FreezerState": "frozen",
		"LoadError": []any{"org.x", "bad\x1b"}, "DropInPaths": []string{"/etc/x.conf"}, "NeedDaemonReload": true,
		"StartLimitBurst": uint32(5), "StartLimitIntervalUSec": uint64(10_000_000), "StartLimitAction": "reboot",
		"InactiveExitTimestamp": uint64(42),
	}))
	readService(&u, variants(map[string]any{
		"Result": "signal", "ExecMainCode": int32(2), "ExecMainStatus": int32(9), "UID": uint32(33), "GID": uint32(math.MaxUint32),
		"TimeoutStopUSec": uint64(90_000_000), "RuntimeDirectoryMode": uint32(0o755), "MemoryMax": uint64(math.MaxUint64),
		"EnvironmentFiles": [][]any{{"/etc/web.env", true}, {"/etc/b.env", false}}, "WorkingDirectory": "!/srv/optional",
	}))
	want := detect.Unit{
		Load: "loaded", LoadError: `bad\x1b`, Active: "failed", Sub: "failed", FileState: "enabled", Freezer: "frozen", DropIns: []string{"/etc/x.conf"},
		NeedReload: true, StartLimit: 5, StartLimitSpan: 10_000_000, StartLimitAction: "reboot", InactiveExit: 42,
		Result: "signal", ExitCode: 2, ExitStatus: 9, UID: 33, GID: -1, TimeoutStop: 90_000_000, RuntimeMode: 0o755,
		EnvFiles: []string{"-/etc/web.env", "/etc/b.env"}, WorkDir: "/srv/optional",
	}
	if diff := cmp.Diff(want, u); diff != "" {
		t.Error(diff)
	}
}

func TestExecStartNamesTheProgram(t *testing.T) {
	p := variants(map[string]any{"ExecStart": [][]any{{"/venv/bin/gunicorn", []string{"web", "-b", ":1"}, false, uint64(0)}}})
	if diff := cmp.Diff([]string{"/venv/bin/gunicorn", "-b", ":1"}, execStart(p)); diff != "" {
		t.Error(diff)
	}
	if got := execStart(properties{}); got != nil {
		t.Errorf("no ExecStart reads as %q", got)
	}
}

func TestListens(t *testing.T) {
	got := listens([]pair{{"Stream", "/run/x.sock"}, {"Datagram", "/run/d"}, {"Stream", "127.0.0.1:80"}, {"Stream", ""}})
	if diff := cmp.Diff([]detect.Target{detect.Unix("/run/x.sock"), detect.TCP("127.0.0.1:80")}, got); diff != "" {
		t.Error(diff)
	}
}

func TestTiedUnits(t *testing.T) {
	p := variants(map[string]any{"RequiredBy": []string{"a.service"}, "PropagatesStopTo": []string{"b.service"}, "WantedBy": []string{"c.target"}, "Conflicts": []string{"d.service"}})
	want := []detect.Dependent{{Unit: "a.service", By: "RequiredBy"}, {Unit: "b.service", By: "PropagatesStopTo"}}
	if diff := cmp.Diff(want, tied(p, ties)); diff != "" {
		t.Error(diff)
	}
}

func TestJob(t *testing.T) {
	p := variants(map[string]any{"Job": []any{uint32(7), dbus.ObjectPath("/org/job/7")}})
	if jobID(p) != 7 || jobPath(p) != "/org/job/7" || jobID(properties{}) != 0 || jobPath(properties{}) != "" {
		t.Errorf("job is %d at %q", jobID(p), jobPath(p))
	}
}
