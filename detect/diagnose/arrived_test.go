package diagnose_test

import (
	"slices"
	"testing"

	"github.com/gatemend/gatemend/detect"
	"github.com/gatemend/gatemend/detect/diagnose"
)

// A module that was not installed: the directories it may come to are watched, and once it is there,
// and newer than the failure, its lack no longer stands in the way.
func TestAModuleThatIsInstalledIsAFix(t *testing.T) {
	const site = "/usr/lib/python3/dist-packages"
	fell := now.Add(-10 * second)
	for name, c := range map[string]struct {
		named []detect.Named
		gone  bool
		watch bool
	}{
		"not there":                 {[]detect.Named{{Kind: "module", Name: "redis", State: "unknown"}, {Kind: "modules", Name: site, State: "exists"}}, false, true},
		"installed":                 {[]detect.Named{{Kind: "module", Name: "redis", State: "exists", MTime: now.Add(-second)}}, true, false},
		"was there all along":       {[]detect.Named{{Kind: "module", Name: "redis", State: "exists", MTime: fell.Add(-second)}}, false, false},
		"another one was installed": {[]detect.Named{{Kind: "module", Name: "rediscluster", State: "exists", MTime: now}}, false, false},
	} {
		t.Run(name, func(t *testing.T) {
			f := well()
			down(&f, "failed", "exit-code", 1, 3)
			f.Unit.ExecExit, f.Unit.InactiveEnter = fell, fell
			f.Lines = []detect.Line{line(detect.FromApp, detect.EventTraceback, map[string]string{"kind": "ModuleNotFoundError", "module": "redis", "phase": "boot"})}
			f.Named = c.named
			got := diagnose.Diagnose(f).Primary
			if got.Cause != detect.AppImportError || got.Gone != c.gone || slices.Contains(got.Watch, site) != c.watch {
				t.Errorf("%s gone %v, watches %v", got.Cause, got.Gone, got.Watch)
			}
		})
	}
}
