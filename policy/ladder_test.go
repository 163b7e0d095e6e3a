package policy

import (
	"slices"
	"testing"

	"github.com/gatemend/gatemend/detect"
	"github.com/google/go-cmp/cmp"
)

// Promise 7: what no restart can help is never restarted, by whatever configuration.
func TestNoLadderRestartsInVain(t *testing.T) {
	for _, cause := range []detect.Cause{
		detect.AppImportError, detect.EnvMissing, detect.ExecPathWrong, detect.UnitUserWrong, detect.BindDenied, detect.UpstreamMismatch,
		detect.MACDenied, detect.WorkerTimeout, detect.BacklogFull, detect.HeaderTooBig, detect.ProtocolMismatch, detect.DNSResolve,
		detect.NginxAnswered, detect.NginxConfigInvalid, detect.FDExhausted, detect.DiskFull, detect.NetUnreachable, detect.WorkerRecycled,
		detect.AppError, detect.NotLocal, detect.Unknown,
	} {
		if i := slices.IndexFunc(Allowed(cause), Verb.acts); i >= 0 {
			t.Errorf("%s may be answered with %s", cause, Allowed(cause)[i])
		}
	}
}

func TestDefaultLadders(t *testing.T) {
	for cause, want := range map[detect.Cause][]Rung{
		detect.GunicornCrashed:  {{Verb: EndLeftoversRestart}, {Verb: RestartUnit}},
		detect.GunicornHung:     {{Verb: EndLeftoversRestart}},
		detect.StartLimitHit:    {{Verb: ResetFailedStart}},
		detect.SocketPermission: {{Verb: FixSocketMode}, {Verb: ReloadNginx}, {Verb: RestartUnit}},
		detect.NginxConfigStale: {{Verb: ReloadNginx}},
		detect.BacklogFull:      {{Verb: Wait}},
		detect.WorkerTimeout:    nil,
		detect.AppError:         nil,
	} {
		if diff := cmp.Diff(want, DefaultLadder(cause)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", cause, diff)
		}
	}
}

func TestParseRung(t *testing.T) {
	for text, want := range map[string]Rung{
		"restart-unit": {Verb: RestartUnit}, "ask restart-unit": {Verb: RestartUnit, Ask: true}, "ask  reload-nginx": {Verb: ReloadNginx, Ask: true}, "wait": {Verb: Wait},
	} {
		got, err := ParseRung(text)
		if err != nil || got != want {
			t.Errorf("ParseRung(%q) = %+v, %v; want %+v", text, got, err, want)
		}
	}
	for _, text := range []string{"", "ask", "reboot", "none", "restart-unit; rm -rf /", "askrestart-unit"} {
		if got, err := ParseRung(text); err == nil {
			t.Errorf("ParseRung(%q) = %+v, want an error", text, got)
		}
	}
}

func TestDenyListed(t *testing.T) {
	for _, unit := range []string{
		"docker.service", "docker.socket", "containerd.service", "podman-auto-update.service", "supervisord.service", "ssh.service", "sshd@1.service", "SSH.service",
		"dbus.service", "dbus-broker.service", "systemd-journald.service", "user@1000.service", "session-3.scope", "getty@tty1.service", "serial-getty@ttyS0.service",
		"cron.service", "mysql.service", "mariadb@a.service", "postgresql@15-main.service", "redis-server.service", "mongod.service", "nginx.service",
		"multi-user.target", "system.slice", "user-runtime-dir@1.service", "*.service", "", ".service", "a b.service", "../x.service", "-M.service",
	} {
		if !DenyListed(unit) {
			t.Errorf("%q may be touched", unit)
		}
	}
	for _, unit := range []string{"shop.service", "gunicorn.service", "gunicorn@shop.service", "shop.socket", "sshop.service"} {
		if DenyListed(unit) {
			t.Errorf("%q may not be touched", unit)
		}
	}
}

func TestFirstSafe(t *testing.T) {
	sure := func(cause detect.Cause, subject map[string]string) detect.Diagnosis {
		return detect.Diagnosis{Primary: detect.Finding{Cause: cause, Confidence: 90, Subject: subject}}
	}
	for name, tc := range map[string]struct {
		d    detect.Diagnosis
		f    detect.Facts
		want Verb
	}{
		"crash":                   {sure(detect.GunicornCrashed, nil), detect.Facts{}, RestartUnit},
		"crash with leftovers":    {sure(detect.GunicornCrashed, map[string]string{"leftovers": "yes"}), detect.Facts{}, EndLeftoversRestart},
		"stopped":                 {sure(detect.GunicornStopped, nil), detect.Facts{}, StartUnit},
		"stopped with a socket":   {sure(detect.GunicornStopped, nil), detect.Facts{Socket: &detect.Unit{Active: "inactive"}}, StartSocket},
		"permission, no baseline": {sure(detect.SocketPermission, nil), detect.Facts{}, FixSocketMode},
		"dir of the unit":         {sure(detect.SocketDirPerm, map[string]string{"path": "/run/shop"}), detect.Facts{Unit: &detect.Unit{RuntimeDirs: []string{"shop"}}}, FixDirMode},
		"dir of a person":         {sure(detect.SocketDirPerm, map[string]string{"path": "/home/anna"}), detect.Facts{}, None},
		"full queue":              {sure(detect.BacklogFull, nil), detect.Facts{}, Wait},
		"start limit":             {sure(detect.StartLimitHit, nil), detect.Facts{}, None},
		"import error":            {sure(detect.AppImportError, nil), detect.Facts{}, None},
		"stale configuration":     {sure(detect.NginxConfigStale, nil), detect.Facts{}, ReloadNginx},
		"not sure":                {detect.Diagnosis{Primary: detect.Finding{Cause: detect.GunicornCrashed, Confidence: 79}}, detect.Facts{}, None},
	} {
		if got := FirstSafe(tc.d, tc.f); got != tc.want {
			t.Errorf("%s: %s, want %s", name, got, tc.want)
		}
	}
}
