package collect

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/gatemend/gatemend/detect"
	"github.com/gatemend/gatemend/detect/journal"
	"github.com/gatemend/gatemend/detect/probe"
	"github.com/google/go-cmp/cmp"
)

const minute = detect.Span(60_000_000)

// at is a snapshot at a fixed moment, 10,000 minutes after the epoch.
func at(t *testing.T, o Options) (*snapshot, detect.Time) {
	t.Helper()
	now := detect.Time(0).Add(10_000 * minute)
	s := &snapshot{Collector: New(Config{}), Options: o, site: detect.Site{Name: "shop", Server: "shop.example.com"}}
	s.now = func() time.Time { return now.Time() }
	return s, now
}

func TestHowFarBackLinesAreRead(t *testing.T) {
	s, now := at(t, Options{})
	day := 24 * 60 * minute
	for _, tc := range []struct {
		name  string
		unit  *detect.Unit
		since detect.Time
		want  detect.Time
	}{
		{"no unit", nil, 0, now.Add(-15 * minute)},
		{"running for long", &detect.Unit{Active: "active", ExecStart: now.Add(-day)}, 0, now.Add(-15 * minute)},
		{"down since yesterday", &detect.Unit{Active: "failed", ExecStart: now.Add(-day), InactiveEnter: now.Add(-day + 1)}, 0, now.Add(-day - minute)},
		{"just crashed after a day", &detect.Unit{Active: "failed", ExecStart: now.Add(-day), InactiveExit: now.Add(-day)}, 0, now.Add(-day - minute)},
		{"never from before an incident that was healed", &detect.Unit{Active: "failed", ExecStart: now.Add(-day)}, now.Add(-minute), now.Add(-minute)},
	} {
		s.Since = tc.since
		if got := s.from(tc.unit); got != tc.want {
			t.Errorf("%s: %v before now", tc.name, now.Sub(got))
		}
	}
}

func TestTheJournalTellsStopAndStarts(t *testing.T) {
	s, now := at(t, Options{Since: 0})
	pid1 := func(ago detect.Span, id, job, text string) journal.Entry {
		return journal.Entry{At: now.Add(-ago), PID: 1, Source: detect.FromSystemd, MessageID: id, Message: text,
			Fields: map[string]string{"UNIT": "shop.service", "JOB_TYPE": job, "EXIT_CODE": "killed", "EXIT_STATUS": "9"}}
	}
	s.route.Socket = "shop.socket"
	asked := map[string]detect.Time{}
	s.journal = func(_ context.Context, unit string, since detect.Time, _ int) ([]journal.Entry, error) {
		asked[unit] = since
		if unit == "shop.socket" {
			return nil, errors.New("no permission")
		}
		return []journal.Entry{
			pid1(30*minute, journal.Started, "start", "Started shop"),
			pid1(2*minute, journal.Stopped, "stop", "Stopped shop"),
		}, nil
	}
	s.who = func(_ context.Context, unit string, at detect.Time) string { return fmt.Sprintf("alice %s", unit) }

	u := &detect.Unit{Name: "shop.service", Active: "inactive", StartLimitSpan: 60 * minute}
	f := detect.Facts{Unit: u}
	set, err := s.journalOfUnit(t.Context(), f)
	if err == nil {
		t.Error("the socket's journal could not be read, and nothing is lacking")
	}
	set(&f)
	if f.Stop == nil || !f.Stop.ByJob || f.Start.Recent != 1 {
		t.Errorf("stop %+v, start %+v", f.Stop, f.Start)
	}
	if asked["shop.service"] != now.Add(-60*minute) || asked["shop.socket"] != now.Add(-15*minute) {
		t.Errorf("asked since %v", asked)
	}
	for _, l := range f.Lines {
		if l.At < now.Add(-15*minute) {
			t.Errorf("a line from before: %+v", l)
		}
	}
	if set, err = s.whoStopped(t.Context(), f); err != nil {
		t.Fatal(err)
	}
	set(&f)
	if f.Stop.Who != "alice shop.service" {
		t.Errorf("stopped by %q", f.Stop.Who)
	}

	u.Active = "active"
	set, _ = s.journalOfUnit(t.Context(), detect.Facts{Unit: u})
	set(&f)
	if f.Stop != nil {
		t.Errorf("a running unit has the stop %+v", f.Stop)
	}
}

func TestRepeatsOfSeveralLivesAreCountedApart(t *testing.T) {
	const now = detect.Time(1_795_000_000_000_000)
	booting := func(ago detect.Span, pid int) journal.Entry {
		return journal.Entry{At: now.Add(-ago), PID: 7, Source: detect.FromApp, Message: fmt.Sprintf("[INFO] Booting worker with pid: %d", pid)}
	}
	lines := perLife([]journal.Entry{booting(9*minute, 1), booting(8*minute, 2), booting(2*minute, 3), booting(minute, 4)}, now.Add(-5*minute))
	if len(lines) != 2 || lines[0].Count != 2 || lines[1].Count != 2 || lines[0].At >= now.Add(-5*minute) {
		t.Errorf("got %+v, want two of each life", lines)
	}
}

func TestTheKernelIsAskedWhereItMayTell(t *testing.T) {
	for _, tc := range []struct {
		name string
		f    detect.Facts
		want bool
	}{
		{"nothing", detect.Facts{}, false},
		{"exit 1", detect.Facts{Unit: &detect.Unit{Result: "exit-code"}}, false},
		{"killed", detect.Facts{Unit: &detect.Unit{Result: "signal"}}, true},
		{"out of memory", detect.Facts{Unit: &detect.Unit{Result: "oom-kill"}}, true},
		{"worker denied", detect.Facts{Worker: &detect.Connect{Outcome: detect.Denied}}, true},
		{"worker refused", detect.Facts{Worker: &detect.Connect{Outcome: detect.Refused}}, false},
		{"nginx was denied", detect.Facts{Lines: []detect.Line{{Event: detect.EventConnectFailed, Errno: 13}}}, true},
		{"nginx found nothing", detect.Facts{Lines: []detect.Line{{Event: detect.EventConnectFailed, Errno: 2}}}, false},
		{"a worker was killed", detect.Facts{Lines: []detect.Line{{Event: detect.EventWorkerKilled}}}, true},
	} {
		if got := kernelMayTell(tc.f); got != tc.want {
			t.Errorf("%s: %v", tc.name, got)
		}
	}
}

func TestLinesOfAllSourcesInOrder(t *testing.T) {
	l := func(at detect.Time, text string) detect.Line { return detect.Line{At: at, Text: text} }
	got := inOrder([]detect.Line{l(5, "a"), l(0, "b"), l(9, "c"), l(3, "d"), l(0, "e"), l(7, "f")})
	want := []detect.Line{l(3, "d"), l(0, "e"), l(5, "a"), l(0, "b"), l(7, "f"), l(9, "c")}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestTheEndsOfLogFilesAreReadWhenNobodyFollowsThem(t *testing.T) {
	s, _ := at(t, Options{})
	s.now = time.Now
	s.Marker = probe.NewMarker()
	line := func(when time.Time, server, referer string) string {
		return when.Format("2006/01/02 15:04:05") + ` [error] 9#9: *1 connect() failed (111: Connection refused) while connecting to upstream, client: 1.2.3.4, server: ` +
			server + `, request: "GET / HTTP/1.1", upstream: "http://127.0.0.1:8000/", host: "x", referrer: "` + referer + "\"\n"
	}
	now, old := time.Now(), time.Now().Add(-2*time.Hour)
	text := line(old, "shop.example.com", "") + line(now, "other.example.com", "") + line(now, "shop.example.com", "") +
		line(now, "shop.example.com", "http://x/.gatemend-probe-"+s.Marker)
	dir := t.TempDir()
	f := detect.Facts{
		Nginx: &detect.Nginx{Disk: &detect.SiteConf{ErrorLog: put(t, dir, "error.log", text, 0o644)}},
		Unit: &detect.Unit{Active: "active", LogFiles: []string{
			put(t, dir, "app.log", now.Format("[2006-01-02 15:04:05 -0700]")+" [7] [ERROR] Exception in worker process\n", 0o644), dir + "/none.log"}},
	}
	set, err := s.logLines(t.Context(), f)
	if err == nil {
		t.Error("a log that is missing is not told")
	}
	set(&f)
	var nginx, ours, app int
	for _, l := range f.Lines {
		switch {
		case l.Source == detect.FromApp:
			app++
		case l.Ours:
			ours++
		default:
			nginx++
		}
	}
	if nginx != 1 || ours != 1 || app != 1 {
		t.Errorf("%d of nginx, %d of ours, %d of the app: %+v", nginx, ours, app, f.Lines)
	}
}
