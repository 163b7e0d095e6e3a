package examples_test

import (
	"io/fs"
	"testing"

	"github.com/gatemend/gatemend/agent/e2e/machine"
	"github.com/gatemend/gatemend/examples"
)

// systemd takes the shipped units as they are. What their confinement lets through, and what it stops,
// the end-to-end tests try: TestHeals as the agent's user, TestCaptiveByItself and TestExposure.
func TestUnitsVerify(t *testing.T) {
	t.Parallel()
	files := []machine.File{{Path: "/usr/bin/gatemend", Mode: 0o755, Content: []byte("#!/bin/sh\n")}}
	for _, name := range []string{"gatemend.service", "gatemend-helper.service", "gatemend-look.socket", "gatemend-act.socket"} {
		unit, err := fs.ReadFile(examples.FS, name)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, machine.File{Path: "/etc/systemd/system/" + name, Content: unit})
	}
	users, err := fs.ReadFile(examples.FS, "gatemend.sysusers")
	if err != nil {
		t.Fatal(err)
	}
	files = append(files, machine.File{Path: "/usr/lib/sysusers.d/gatemend.conf", Content: users})
	m := machine.Start(t, machine.Options{Deploy: machine.Unix, Files: files})
	m.Sh(t, "systemd-sysusers; systemctl daemon-reload; systemd-analyze verify gatemend.service gatemend-helper.service gatemend-look.socket gatemend-act.socket")
}
