package remediate

import (
	"testing"

	"github.com/gatemend/gatemend/detect"
	"github.com/gatemend/gatemend/policy"
)

func TestHappened(t *testing.T) {
	const at = detect.Time(1000)
	path := func(mode int, group string) *detect.SocketPath {
		return &detect.SocketPath{Path: "/run/s", Parts: []detect.PathPart{{Path: "/run/s", Mode: mode, Group: group}}}
	}
	for name, tt := range map[string]struct {
		a    policy.Action
		f    detect.Facts
		want Seen
	}{
		"started after":         {policy.Action{Verb: policy.RestartUnit}, detect.Facts{Unit: &detect.Unit{InactiveExit: 1001}}, TookPlace},
		"started before":        {policy.Action{Verb: policy.RestartUnit}, detect.Facts{Unit: &detect.Unit{InactiveExit: 999}}, NotDone},
		"never started":         {policy.Action{Verb: policy.StartUnit}, detect.Facts{Unit: &detect.Unit{}}, Unclear},
		"unit not seen":         {policy.Action{Verb: policy.StartUnit}, detect.Facts{}, Unclear},
		"the socket's own":      {policy.Action{Verb: policy.StartSocket}, detect.Facts{Unit: &detect.Unit{InactiveExit: 9999}}, Unclear},
		"workers are new":       {policy.Action{Verb: policy.ReloadNginx}, detect.Facts{Nginx: &detect.Nginx{LoadedAt: 1000}}, TookPlace},
		"workers are old":       {policy.Action{Verb: policy.ReloadNginx}, detect.Facts{Nginx: &detect.Nginx{LoadedAt: 10}}, NotDone},
		"mode is set":           {policy.Action{Verb: policy.FixSocketMode, Path: "/run/s", Mode: 0o660}, detect.Facts{Path: path(0o660, "x")}, TookPlace},
		"mode is not":           {policy.Action{Verb: policy.FixSocketMode, Path: "/run/s", Mode: 0o660}, detect.Facts{Path: path(0o600, "x")}, NotDone},
		"group is not":          {policy.Action{Verb: policy.FixSocketMode, Path: "/run/s", Mode: 0o660, Group: "w"}, detect.Facts{Path: path(0o660, "x")}, NotDone},
		"another path was seen": {policy.Action{Verb: policy.FixDirMode, Path: "/run/d", Mode: 0o750}, detect.Facts{Path: path(0o750, "x")}, Unclear},
	} {
		if got, why := Happened(Intent{At: at, Action: tt.a}, tt.f); got != tt.want {
			t.Errorf("%s: %q (%s), want %q", name, got, why, tt.want)
		}
	}
}
