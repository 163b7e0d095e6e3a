package remediate

import (
	"strings"
	"testing"

	"github.com/gatemend/gatemend/policy"
)

func TestSteps(t *testing.T) {
	want := map[policy.Verb]string{
		policy.StartUnit:           "start shop / unit",
		policy.StartSocket:         "start shop / socket",
		policy.RestartUnit:         "restart shop / unit",
		policy.RestartSocket:       "restart shop / socket",
		policy.ResetFailedStart:    "reset-failed shop / unit, start shop / unit",
		policy.DaemonReloadRestart: "daemon-reload shop / unit, restart shop / unit",
		policy.EndLeftoversRestart: "end-leftovers shop / unit, restart shop / unit",
		policy.FixSocketMode:       "set-mode shop / socket 0660 www-data",
		policy.FixDirMode:          "set-mode shop / dir 0660 www-data",
		policy.StartNginx:          "start shop / nginx",
		policy.ReloadNginx:         "reload shop / nginx",
		policy.Wait:                "",
		policy.None:                "",
		"reboot":                   "",
	}
	for verb, text := range want {
		var got []string
		for _, r := range Steps(policy.Action{Verb: verb, Site: "shop", Route: "/", Mode: 0o660, Group: "www-data"}) {
			if err := r.Check(); err != nil {
				t.Errorf("%s: %v", verb, err)
			}
			got = append(got, r.String())
		}
		if s := strings.Join(got, ", "); s != text {
			t.Errorf("Steps(%s) = %q, want %q", verb, s, text)
		}
	}
	got := Steps(policy.Action{Verb: policy.ResetFailedStart, Site: "shop", Route: "/", Socket: "shop.socket"})
	if len(got) != 3 || got[1].String() != "start shop / socket" {
		t.Errorf("a service behind a dead socket: %v, want the socket to be started before it", got)
	}
	for verb := range steps {
		if _, ok := want[verb]; !ok {
			t.Errorf("%s is not tested", verb)
		}
	}
}
