package journal

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/gatemend/gatemend/detect"
	"github.com/google/go-cmp/cmp"
)

// exit is PID 1's own entry after a kill -9 of the master, as systemd 252 wrote it.
const exit = `{"__CURSOR":"s=1;i=2","__REALTIME_TIMESTAMP":"1763810815123456","_PID":"1","_UID":"0","_SYSTEMD_UNIT":"init.scope","UNIT":"web.service","PRIORITY":"5","_TRANSPORT":"journal","SYSLOG_IDENTIFIER":"systemd","MESSAGE_ID":"98e322203f7a4ed290d09fe03c09fe15","EXIT_CODE":"killed","EXIT_STATUS":"9","INVOCATION_ID":"aa","MESSAGE":"web.service: Main process exited, code=killed, status=9/KILL"}` + "\n"

func TestReadKeepsWhatTheEntrySays(t *testing.T) {
	got, err := read(strings.NewReader(exit), false)
	if err != nil {
		t.Fatal(err)
	}
	want := []Entry{{
		At: 1763810815123456, PID: 1, UID: 0, Source: detect.FromSystemd, MessageID: ProcessExit, Identifier: "systemd",
		Invocation: "aa", Cursor: "s=1;i=2", Message: "web.service: Main process exited, code=killed, status=9/KILL",
		Fields: map[string]string{
			"UNIT": "web.service", "EXIT_CODE": "killed", "EXIT_STATUS": "9", "PRIORITY": "5",
			"_TRANSPORT": "journal", "_SYSTEMD_UNIT": "init.scope",
		},
	}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// journalctl prints a message with an unprintable byte as numbers, one that is too large as null, and
// a field that occurs twice as an array of values.
func TestReadDecodesEveryShapeOfAField(t *testing.T) {
	for _, tc := range []struct{ name, message, want string }{
		{"plain", `"Booting worker with pid: 7"`, "Booting worker with pid: 7"},
		{"bytes", `[27,91,51,49,109,114,101,100]`, "\x1b[31mred"},
		{"bytes that are no text", `[255,254,65]`, "\uFFFDA"},
		{"null", `null`, ""},
		{"repeated", `["first","second"]`, "first"},
		{"repeated, binary first", `[[104,105],"second"]`, "hi"},
		{"repeated, null first", `[null,"second"]`, ""},
		{"out of range", `[65,300]`, ""},
		{"empty", `[]`, ""},
		{"object", `{"a":1}`, ""},
		{"nested for ever", `[[["deep"]]]`, ""},
		{"long", `"` + strings.Repeat("x", maxMessage+1) + `"`, strings.Repeat("x", maxMessage)},
	} {
		got, err := read(strings.NewReader(`{"MESSAGE":`+tc.message+`}`), false)
		if err != nil || len(got) != 1 || got[0].Message != tc.want {
			t.Errorf("%s: got %+v, %v; want message %q", tc.name, got, err, tc.want)
		}
	}
}

func TestReadDropsALineThatTheLimitCut(t *testing.T) {
	cut := exit + exit[:60]
	if got, err := read(strings.NewReader(cut), true); err != nil || len(got) != 1 {
		t.Errorf("cut by the limit: %d entries, %v", len(got), err)
	}
	if got, err := read(strings.NewReader(cut), false); err == nil || len(got) != 1 {
		t.Errorf("cut by something else: %d entries, %v; want the one and an error", len(got), err)
	}
}

// An app can send any field that has no underscore in front, and cannot send those that have.
func TestSourceIsDecidedByTrustedFields(t *testing.T) {
	for _, tc := range []struct {
		name, entry string
		want        detect.Source
	}{
		{"PID 1", `{"_PID":"1","_UID":"0"}`, detect.FromSystemd},
		{"the spawned child as root", `{"_PID":"70","_UID":"0","MESSAGE_ID":"` + SpawnFailed + `"}`, detect.FromSystemd},
		{"the spawned child as the unit's user", `{"_PID":"70","_UID":"33","_EXE":"/usr/lib/systemd/systemd-executor","MESSAGE_ID":"` + SpawnFailed + `"}`, detect.FromSystemd},
		{"an app that claims a failed spawn", `{"_PID":"70","_UID":"33","_EXE":"/usr/bin/python3.11","UNIT":"web.service","MESSAGE_ID":"` + SpawnFailed + `"}`, detect.FromApp},
		{"an app that claims to be systemd", `{"_PID":"70","_UID":"33","UNIT":"web.service","SYSLOG_IDENTIFIER":"systemd","SYSLOG_PID":"1","MESSAGE_ID":"` + Stopped + `"}`, detect.FromApp},
		{"root that claims a stop", `{"_PID":"70","_UID":"0","UNIT":"web.service","MESSAGE_ID":"` + Stopped + `"}`, detect.FromApp},
		{"the kernel", `{"_TRANSPORT":"kernel"}`, detect.FromKernel},
		{"audit", `{"_TRANSPORT":"audit"}`, detect.FromKernel},
	} {
		got, err := read(strings.NewReader(tc.entry), false)
		if err != nil || len(got) != 1 || got[0].Source != tc.want {
			t.Errorf("%s: got %+v, %v; want %s", tc.name, got, err, tc.want)
		}
	}
}

func FuzzRead(f *testing.F) {
	f.Add(exit, false)
	f.Add(`{"MESSAGE":[27,91],"_PID":["1","2"],"__REALTIME_TIMESTAMP":"-1"}`, true)
	f.Add(`{"MESSAGE":null}{}null[]`, false)
	f.Fuzz(func(t *testing.T, text string, truncated bool) {
		entries, _ := read(strings.NewReader(text), truncated)
		for _, e := range entries {
			if len(e.Message) > 3*maxMessage || !utf8.ValidString(e.Message) {
				t.Errorf("message of %d bytes, valid %v", len(e.Message), utf8.ValidString(e.Message))
			}
			if e.Source == detect.FromSystemd && e.PID != 1 && e.MessageID != SpawnFailed {
				t.Errorf("pid %d counts as systemd: %q", e.PID, text)
			}
		}
	})
}
