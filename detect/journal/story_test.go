package journal

import (
	"testing"

	"github.com/gatemend/gatemend/detect"
	"github.com/google/go-cmp/cmp"
)

const unit = "web.service"

// pid1 is what systemd itself says of the unit; job may be "".
func pid1(at detect.Time, id, job, message string) Entry {
	return Entry{At: at, PID: 1, Source: detect.FromSystemd, MessageID: id, Message: unit + ": " + message,
		Fields: map[string]string{"UNIT": unit, "JOB_TYPE": job}}
}

func TestStops(t *testing.T) {
	forged := pid1(9, Stopped, "stop", "")
	forged.Source, forged.PID = detect.FromApp, 700
	other := pid1(9, Stopped, "stop", "")
	other.Fields = map[string]string{"UNIT": "other.service", "JOB_TYPE": "stop"}
	start := pid1(1, Started, "start", "")
	for _, tc := range []struct {
		name    string
		entries []Entry
		want    *detect.Stop
	}{
		{"systemctl stop", []Entry{start, pid1(2, Stopping, "stop", ""), pid1(3, Deactivated, "", ""), pid1(4, Stopped, "stop", "")}, &detect.Stop{At: 4, ByJob: true}},
		{"systemctl stop that ends in failure", []Entry{start, pid1(2, Stopping, "stop", ""), pid1(3, ProcessExit, "", "Main process exited, code=exited"), pid1(3, FailureResult, "", ""), pid1(4, Stopped, "stop", "")}, &detect.Stop{At: 4, ByJob: true}},
		{"still stopping", []Entry{start, pid1(2, Stopping, "stop", "")}, &detect.Stop{At: 2, ByJob: true}},
		{"kill -TERM from outside", []Entry{start, pid1(3, Deactivated, "", "")}, &detect.Stop{At: 3}},
		{"kill -9", []Entry{start, pid1(3, ProcessExit, "", "Main process exited, code=killed"), pid1(5, FailureResult, "", "")}, &detect.Stop{At: 5}},
		{"killed, leftovers not gone", []Entry{start, pid1(3, ProcessExit, "", "Main process exited, code=killed")}, &detect.Stop{At: 3}},
		{"systemctl restart, the start failed to come", []Entry{start, pid1(2, Stopping, "restart", ""), pid1(3, Deactivated, "", ""), pid1(4, Stopped, "restart", "")}, &detect.Stop{At: 3}},
		{"restarted", []Entry{start, pid1(2, Stopped, "restart", ""), pid1(4, Starting, "start", "")}, nil},
		{"stopped, then started, then killed", []Entry{start, pid1(2, Stopped, "stop", ""), pid1(3, Started, "start", ""), pid1(4, FailureResult, "", "")}, &detect.Stop{At: 4}},
		{"stopped, then a start was refused", []Entry{start, pid1(2, Stopped, "stop", ""), pid1(3, StartFailed, "start", "")}, nil},
		{"ExecReload ended", []Entry{start, pid1(3, ProcessExit, "", "Control process exited, code=exited")}, nil},
		{"forged by the app", []Entry{start, forged}, nil},
		{"another unit's", []Entry{start, other}, nil},
		{"nothing", nil, nil},
	} {
		if diff := cmp.Diff(tc.want, Stops(unit, tc.entries)); diff != "" {
			t.Errorf("%s:\n%s", tc.name, diff)
		}
	}
}

func TestStarts(t *testing.T) {
	const now, span = 100, 10
	refused := pid1(99, "", "", "Start request repeated too quickly.")
	forged := refused
	forged.Source = detect.FromApp
	for _, tc := range []struct {
		name    string
		entries []Entry
		want    detect.Start
	}{
		{"none", nil, detect.Start{}},
		{"Type=simple", []Entry{pid1(80, Started, "start", ""), pid1(95, Started, "start", ""), pid1(96, Started, "start", "")}, detect.Start{Recent: 2, Last: 96}},
		{"Type=notify counts a start once", []Entry{pid1(91, Starting, "start", ""), pid1(92, Started, "start", ""), pid1(93, Starting, "start", ""), pid1(94, StartFailed, "start", ""), pid1(95, Starting, "start", "")}, detect.Start{Recent: 3, Last: 95}},
		{"at the edge of the window", []Entry{pid1(90, Started, "start", ""), pid1(89, Started, "start", "")}, detect.Start{Recent: 1, Last: 89}},
		{"start limit", []Entry{pid1(98, Started, "start", ""), refused}, detect.Start{Recent: 1, Last: 98, Refused: 99}},
		{"start limit forged by the app", []Entry{forged}, detect.Start{}},
	} {
		if diff := cmp.Diff(&tc.want, Starts(unit, tc.entries, now, span)); diff != "" {
			t.Errorf("%s:\n%s", tc.name, diff)
		}
	}
}

func TestWhoStopped(t *testing.T) {
	line := func(at detect.Time, s string) Entry { return Entry{At: at, Message: s} }
	for _, tc := range []struct {
		name, line, want string
	}{
		{"by name", "   alice : TTY=pts/0 ; PWD=/root ; USER=root ; COMMAND=/usr/bin/systemctl stop web", "alice"},
		{"by full name", "alice : PWD=/ ; USER=root ; COMMAND=/bin/systemctl --no-block stop web.service", "alice"},
		{"service(8)", "alice : PWD=/ ; USER=root ; COMMAND=/usr/sbin/service web stop", "alice"},
		{"another unit", "alice : PWD=/ ; USER=root ; COMMAND=/usr/bin/systemctl stop webapp", ""},
		{"another verb", "alice : PWD=/ ; USER=root ; COMMAND=/usr/bin/systemctl status web", ""},
		{"another program", "alice : PWD=/ ; USER=root ; COMMAND=/usr/bin/echo stop web", ""},
		{"no sudo line", "pam_unix(sudo:session): session opened for user root", ""},
		{"empty command", "alice : COMMAND=", ""},
	} {
		if got := whoAsked(unit, 20, []Entry{line(19, tc.line)}, stops); got != tc.want {
			t.Errorf("%s: got %q, want %q", tc.name, got, tc.want)
		}
		if got := whoAsked(unit, 18, []Entry{line(19, tc.line)}, stops); got != "" {
			t.Errorf("%s, after the stop: got %q", tc.name, got)
		}
	}
}

func TestWhoReloaded(t *testing.T) {
	for line, want := range map[string]string{
		"alice : PWD=/ ; USER=root ; COMMAND=/usr/bin/systemctl reload web":            "alice",
		"alice : PWD=/ ; USER=root ; COMMAND=/usr/bin/systemctl reload-or-restart web": "alice",
		"alice : PWD=/ ; USER=root ; COMMAND=/usr/bin/systemctl daemon-reload":         "",
		"alice : PWD=/ ; USER=root ; COMMAND=/usr/bin/systemctl reload nginx":          "",
	} {
		if got := whoAsked(unit, 20, []Entry{{At: 19, Message: line}}, reloads); got != want {
			t.Errorf("%s: got %q, want %q", line, got, want)
		}
	}
}

func TestVouchNeedsPID1sWord(t *testing.T) {
	child := Entry{At: 5_000_000, PID: 70, Source: detect.FromApp, MessageID: SpawnFailed, Fields: map[string]string{"UNIT": unit}}
	end := func(at detect.Time, status string, source detect.Source, of string) Entry {
		return Entry{At: at, Source: source, MessageID: ProcessExit, Fields: map[string]string{"UNIT": of, "EXIT_STATUS": status}}
	}
	for _, tc := range []struct {
		name string
		end  Entry
		want detect.Source
	}{
		{"200/CHDIR right after", end(5_001_000, "200", detect.FromSystemd, unit), detect.FromSystemd},
		{"delivered in the other order", end(4_999_000, "203", detect.FromSystemd, unit), detect.FromSystemd},
		{"another status", end(5_001_000, "1", detect.FromSystemd, unit), detect.FromApp},
		{"long after", end(9_000_000, "200", detect.FromSystemd, unit), detect.FromApp},
		{"another unit", end(5_001_000, "200", detect.FromSystemd, "other.service"), detect.FromApp},
		{"the app's own word", end(5_001_000, "200", detect.FromApp, unit), detect.FromApp},
	} {
		entries := []Entry{child, tc.end}
		if vouch(entries); entries[0].Source != tc.want {
			t.Errorf("%s: from %s", tc.name, entries[0].Source)
		}
	}
}
