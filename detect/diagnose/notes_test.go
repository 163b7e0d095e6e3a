package diagnose_test

import (
	"slices"
	"testing"

	"github.com/gatemend/gatemend/detect"
	"github.com/gatemend/gatemend/detect/diagnose"
)

// Each is what a person noted, and the cause it leaves; a weak one is only listed beside.
var noted = []struct {
	given  map[string]string
	cause  detect.Cause
	beside bool
}{
	{map[string]string{"systemctl": "start-limit, no more restarts"}, detect.StartLimitHit, false},
	{map[string]string{"dmesg": "python3 killed, out of memory"}, detect.WorkerOOM, false},
	{map[string]string{"swap": "1.9 GiB of 2"}, detect.WorkerOOM, false},
	{map[string]string{"venv": "deleted by the deploy"}, detect.ExecPathWrong, false},
	{map[string]string{"missing": "uvicorn in the image"}, detect.ExecPathWrong, false},
	{map[string]string{"runtime_dir_owner": "root"}, detect.BindDenied, false},
	{map[string]string{"gone": "after each reboot"}, detect.BindDenied, false},
	{map[string]string{"as_root": "fails"}, detect.UnitUserWrong, false},
	{map[string]string{"/srv/shop": "drwx------ 2 root root"}, detect.UnitUserWrong, false},
	{map[string]string{"finding": "listens on another port"}, detect.UpstreamMismatch, false},
	{map[string]string{"processes": "still running after the stop"}, detect.PortInUse, false},
	{map[string]string{"postgresql": "not ready at boot"}, detect.AppStartup, false},
	{map[string]string{"symptom": "504 after 60 s"}, detect.WorkerTimeout, false},
	{map[string]string{"body": "<h1>Server Error (500)</h1>"}, detect.AppError, false},
	{map[string]string{"body": "503 Service Unavailable: No server is available to handle this request."}, detect.NotLocal, false},
	{map[string]string{"alb_idle_timeout": "60 s"}, detect.NotLocal, false},
	{map[string]string{"response_headers": "12 KB"}, detect.HeaderTooBig, false},
	{map[string]string{"ps": "no app server"}, detect.GunicornStopped, false},
	{map[string]string{"edited": "ExecStart= of the unit"}, detect.UnitStale, false},
	{map[string]string{"without_firewalld": "works"}, detect.NetUnreachable, false},
	{map[string]string{"ulimit": "1024 files"}, detect.FDExhausted, true},
	{map[string]string{"firewall": "on since yesterday"}, detect.NetUnreachable, true},
	{map[string]string{"selinux": "enforcing"}, detect.MACDenied, true},
	{map[string]string{"by_hand": "works"}, detect.EnvMissing, true},
	{map[string]string{"page": "a plain 500"}, detect.AppError, true},
	{map[string]string{"wanted_group": "www-data"}, detect.SocketPermission, true},
	{map[string]string{"os": "Debian 12", "workers": "4", "since": "yesterday"}, detect.Unknown, false},
}

func TestNotes(t *testing.T) {
	for _, c := range noted {
		d := diagnose.Diagnose(detect.Facts{Offline: true, Given: c.given})
		all := append([]detect.Finding{d.Primary}, d.Also...)
		i := slices.IndexFunc(all, func(f detect.Finding) bool { return f.Cause == c.cause })
		if i < 0 || (i > 0) != c.beside {
			t.Errorf("%v: %s, also %v, want %s, beside %v", c.given, d.Primary.Cause, d.Also, c.cause, c.beside)
		}
		for _, f := range all {
			if f.Confidence >= detect.ActAt || f.Decisive {
				t.Errorf("%v: %s at %d is enough to act on", c.given, f.Cause, f.Confidence)
			}
		}
	}
}

// Where a line speaks, and on a live machine, nobody's notes count.
func TestNotesYieldToLines(t *testing.T) {
	f := detect.Facts{Offline: true, Given: map[string]string{"dmesg": "out of memory"}, Lines: []detect.Line{
		{Source: detect.FromNginxError, Event: detect.EventHeaderTooBig, Text: "upstream sent too big header"},
	}}
	if d := diagnose.Diagnose(f); d.Primary.Cause != detect.HeaderTooBig || confidence(d, detect.WorkerOOM) != 0 {
		t.Errorf("%s, also %v", d.Primary.Cause, d.Also)
	}
	f.Offline, f.Lines = false, nil
	if d := diagnose.Diagnose(f); d.Primary.Cause == detect.WorkerOOM || confidence(d, detect.WorkerOOM) != 0 {
		t.Errorf("live: %s, also %v", d.Primary.Cause, d.Also)
	}
}
